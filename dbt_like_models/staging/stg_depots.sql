with

records as (
    select * from {{ source('lake', 'reference_depots') }}
),

last_words as (
    select *
    from records
    qualify row_number() over (
        partition by depot_id, effective_at
        order by appended_at desc, "partition" desc, "offset" desc, "index" desc
    ) = 1
),

dated as (
    select
        depot_id,
        name,
        case
            when time_zone in (select zones.name from pg_timezone_names() as zones) then time_zone
            else '{{ var("time_zone") }}'
        end as time_zone,
        cutover_hour,
        lat_deg,
        lon_deg,
        {{ valid_from('depot_id') }} as valid_from_at
    from last_words
)

select * from dated
