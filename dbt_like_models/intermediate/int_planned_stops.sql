with

plans as (
    select * from {{ ref('stg_route_plans') }}
    qualify row_number() over (partition by shift_id order by revision desc, appended_at desc) = 1
),

planned as (
    select
        shift_id as route_id,
        unnest(generate_series(1, len(visits))) as planned_rank,
        unnest(visits) as visit
    from plans
)

select
    route_id,
    visit.stop_id as stop_id,
    planned_rank,
    visit.arrive_at as planned_arrive_at,
    visit.lat_deg as lat_deg,
    visit.lon_deg as lon_deg
from planned
