with

records as (
    select * from {{ source('lake', 'reference_vehicles') }}
),

depots as (
    select * from {{ ref('stg_depots') }}
),

last_words as (
    select *
    from records
    qualify row_number() over (
        partition by vehicle_id, effective_at
        order by appended_at desc, "partition" desc, "offset" desc, "index" desc
    ) = 1
),

dated as (
    select
        vehicle_id,
        depot_id,
        vehicle_class,
        energy,
        carrier_model,
        carrier_id,
        capacity_packages,
        coalesce(speed_limit_mps, {{ default_speed_limit_mps() }}) as speed_limit_mps,
        {{ valid_from('vehicle_id') }} as valid_from_at
    from last_words
),

-- A depot's zone and cut-over hour change by replacing the depot's record; the latest one counts here.
placed as (
    select
        dated.*,
        coalesce(depots.time_zone, '{{ var("time_zone") }}') as time_zone,
        coalesce(depots.cutover_hour, 0) as cutover_hour
    from dated
    left join (select * from depots qualify row_number() over (partition by depot_id order by valid_from_at desc) = 1) as depots
        using (depot_id)
)

select * from placed
