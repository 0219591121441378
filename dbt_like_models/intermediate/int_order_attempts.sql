with

attempts as (
    select * from {{ ref('int_attempts') }}
),

summed as (
    select
        order_id,
        count(*) as attempts,
        min(delivered_at) as delivered_at,
        min_by(outcome, attempt_number) as first_outcome,
        max_by(vehicle_id, attempted_at) as vehicle_id,
        max_by(vehicle_class, attempted_at) as vehicle_class,
        max_by(carrier_model, attempted_at) as carrier_model,
        max_by(driver_id, attempted_at) as driver_id,
        max_by(carrier_id, attempted_at) as carrier_id,
        max_by(depot_id, attempted_at) as depot_id,
        max_by(scan_zone, attempted_at) as zone,
        max_by(service_date, attempted_at) as attempt_date,
        max(scanned_parcels) as scanned_parcels
    from attempts
    group by order_id
)

select * from summed
