{{ config(meta={'date_by_date': 'service_date'}) }}
with

steps as (
    select * from {{ ref('int_counter_steps') }}
),

routes as (
    select * from {{ ref('int_routes') }}
),

counters as (
    select
        routes.route_id,
        routes.service_date,
        sum(steps.distance_m) as odometer_m,
        sum(steps.fuel_l) as fuel_l,
        sum(steps.energy_kwh) as energy_kwh,
        sum(steps.idle_s) as idle_s,
        sum(steps.harsh_events) as harsh_events,
        sum(steps.harsh_accelerations) as harsh_accelerations,
        sum(steps.harsh_brakings) as harsh_brakings,
        sum(steps.harsh_cornerings) as harsh_cornerings,
        count(*) as readings
    from steps
    asof join routes
        on steps.vehicle_id = routes.vehicle_id
        and steps.service_date = routes.service_date
        and steps.measured_at >= routes.claims_from_at
    group by routes.route_id, routes.service_date
)

select * from counters
