with

legs as (
    select * from {{ ref('int_legs') }}
),

routes as (
    select * from {{ ref('int_routes') }}
),

claimed as (
    select routes.route_id, legs.*
    from legs
    asof join routes
        on legs.vehicle_id = routes.vehicle_id
        and legs.service_date = routes.service_date
        and legs.ended_at >= routes.claims_from_at
),

cells as (
    select
        route_id,
        zone,
        local_hour,
        count(*) filter (not is_gap) as legs,
        count(*) filter (is_gap) as gaps,
        coalesce(sum(distance_m) filter (not is_gap), 0) as distance_m,
        coalesce(sum(duration_s) filter (not is_gap), 0) as duration_s,
        coalesce(sum(distance_m) filter (is_gap), 0) as gap_m,
        min(started_at) filter (not is_gap and distance_m >= 50) as first_moved_at,
        max(ended_at) filter (not is_gap and distance_m >= 50) as last_moved_at
    from claimed
    group by all
)

select * from cells
