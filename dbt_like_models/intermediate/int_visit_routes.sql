with

visits as (
    select * from {{ ref('int_visits') }}
),

routes as (
    select * from {{ ref('int_routes') }}
),

placed as (
    select
        visits.visit_id,
        coalesce(by_shift.route_id, by_time.route_id) as route_id,
        coalesce(by_shift.driver_id, by_time.driver_id) as driver_id
    from visits
    left join routes as by_shift on visits.shift_id = by_shift.shift_id
    asof left join routes as by_time
        on visits.vehicle_id = by_time.vehicle_id
        and visits.service_date = by_time.service_date
        and visits.arrived_at >= by_time.claims_from_at
)

select * from placed
