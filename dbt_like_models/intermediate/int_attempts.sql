with

scans as (
    select * from {{ ref('stg_scans') }}
    where outcome = 'accepted' and kind in ('delivered', 'failed', 'locker') and order_id is not null
),

-- Scanners that don't count: an attempt begins where the order was not scanned for half an hour. The same
-- delivery told again, as a join in somebody's file may do, is none.
marked as (
    select
        *,
        coalesce(scanned_at - lag(scanned_at) over by_time > interval 30 minutes, true) and not coalesce(
            'failed' not in (kind, lag(kind) over by_time) and package_ids is not distinct from lag(package_ids) over by_time, false
        ) as is_new
    from scans
    window by_time as (partition by order_id order by scanned_at, event_id)
),

numbered as (
    select
        * exclude (attempt_number),
        coalesce(attempt_number, count_if(is_new) over (partition by order_id order by scanned_at, event_id)) as attempt_number
    from marked
),

attempts as (
    select
        order_id || '/' || attempt_number as attempt_id,
        order_id,
        attempt_number,
        if(bool_or(kind <> 'failed'), 'delivered', 'failed') as outcome,
        max_by(failure_reason, scanned_at) filter (kind = 'failed') as failure_reason,
        min(scanned_at) as attempted_at,
        min(scanned_at) filter (kind <> 'failed') as delivered_at,
        min(service_date) as service_date,
        hour(timezone(min_by(time_zone, scanned_at), min(scanned_at))) as local_hour,
        min_by(depot_id, scanned_at) as depot_id,
        min_by(zone, scanned_at) as scan_zone,
        min_by(vehicle_id, scanned_at) as vehicle_id,
        min_by(carrier_id, scanned_at) as carrier_id,
        min_by(shift_id, scanned_at) as shift_id,
        min_by(driver_id, scanned_at) as driver_id,
        min_by(stop_id, scanned_at) as stop_id,
        len(list_distinct(flatten(list(package_ids) filter (kind <> 'failed')))) as scanned_parcels
    from numbered
    group by order_id, attempt_number
),

with_class as (
    select
        attempts.*,
        vehicles.vehicle_class,
        coalesce(carriers.carrier_model, vehicles.carrier_model) as carrier_model
    from attempts
    left join {{ ref('stg_carriers') }} as carriers using (carrier_id)
    asof left join {{ ref('stg_vehicles') }} as vehicles
        on attempts.vehicle_id = vehicles.vehicle_id and attempts.attempted_at >= vehicles.valid_from_at
),

with_route as (
    select
        with_class.* exclude (driver_id),
        coalesce(by_shift.route_id, by_time.route_id) as route_id,
        coalesce(with_class.driver_id, by_shift.driver_id, by_time.driver_id) as driver_id
    from with_class
    left join {{ ref('int_routes') }} as by_shift on with_class.shift_id = by_shift.shift_id
    asof left join {{ ref('int_routes') }} as by_time
        on with_class.vehicle_id = by_time.vehicle_id
        and with_class.service_date = by_time.service_date
        and with_class.attempted_at >= by_time.claims_from_at
)

select
    *,
    attempt_number = min(attempt_number) over of_order as is_earliest,
    count(*) over of_order > 1 as is_retried,
    outcome = 'delivered' and attempt_number = min(attempt_number) filter (outcome = 'delivered') over of_order as is_the_delivery
from with_route
window of_order as (partition by order_id)
