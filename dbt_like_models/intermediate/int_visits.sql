with

words as (
    select * from {{ ref('stg_visits') }}
),

depots as (
    select * from {{ ref('stg_depots') }}
),

last_words as (
    select *
    from words
    qualify row_number() over (
        partition by visit_id
        order by appended_at desc, "partition" desc, "offset" desc, "index" desc
    ) = 1
),

placed as (
    select
        last_words.visit_id,
        last_words.vehicle_id,
        last_words.depot_id,
        last_words.stop_id,
        last_words.is_depot,
        last_words.shift_id,
        {{ service_date('last_words.arrived_at', "coalesce(depots.time_zone, '" ~ var('time_zone') ~ "')", 'coalesce(depots.cutover_hour, 0)') }} as service_date,
        last_words.arrived_at,
        last_words.departed_at,
        last_words.dwell_s,
        last_words.known_by,
        last_words.phase as last_phase,
        last_words.scans,
        last_words.is_confirmed_by_scan,
        last_words.contradiction,
        last_words.changes
    from last_words
    asof left join depots
        on last_words.depot_id = depots.depot_id and last_words.arrived_at >= depots.valid_from_at
    where last_words.phase <> 'withdrawn'
)

select * from placed
