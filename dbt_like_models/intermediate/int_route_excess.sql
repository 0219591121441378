with

fast as (
    select vehicle_id, service_date, ended_at
    from {{ ref('int_legs') }}
    where not is_gap and speed_mps > {{ excessive_speed_mps() }}
),

routes as (
    select * from {{ ref('int_routes') }}
),

-- A burst of fixes at speed is one event: each minute counts once.
minutes as (
    select routes.route_id, count(distinct date_trunc('minute', fast.ended_at)) as excessive_minutes
    from fast
    asof join routes
        on fast.vehicle_id = routes.vehicle_id
        and fast.service_date = routes.service_date
        and fast.ended_at >= routes.claims_from_at
    group by routes.route_id
)

select * from minutes
