with

routes as (
    select * from {{ ref('int_routes') }}
),

last_attempts as (
    select route_id, max(attempted_at) as attempted_at from {{ ref('int_attempts') }} group by route_id
),

limits as (
    select
        routes.route_id,
        routes.vehicle_id,
        routes.service_date,
        routes.claims_from_at,
        coalesce(vehicles.speed_limit_mps, {{ default_speed_limit_mps() }}) as speed_limit_mps,
        last_attempts.attempted_at as last_attempt_at,
        coalesce(
            lead(claims_from_at) over (partition by routes.vehicle_id, service_date order by claims_from_at, routes.route_id),
            'infinity'::timestamptz
        ) as claims_until_at
    from routes
    asof left join {{ ref('stg_vehicles') }} as vehicles
        on routes.vehicle_id = vehicles.vehicle_id and routes.starts_at >= vehicles.valid_from_at
    left join last_attempts on routes.route_id = last_attempts.route_id
)

select * from limits
