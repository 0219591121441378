with

orders as (
    select
        stop_id,
        service_date,
        depot_id,
        order_id,
        current_until,
        delivered_at
    from {{ ref('orders') }}
    where stop_id is not null and current_until is not null and status <> 'cancelled'
),

-- A stop is due when the first of its orders' windows closes.
due as (
    select
        stop_id,
        service_date,
        min(depot_id) as depot_id,
        min(current_until) as closes_at,
        if(count(*) = count(delivered_at), max(delivered_at), null) as delivered_at
    from orders
    group by stop_id, service_date
),

visited as (
    select stop_id, service_date, arrived_at, vehicle_id from {{ ref('int_visits') }} where not is_depot
    union all by name
    select stop_id, service_date, scanned_at as arrived_at, vehicle_id
    from {{ ref('stg_scans') }}
    where outcome = 'accepted' and stop_id is not null and kind = 'arrived'
),

reached as (
    select stop_id, service_date, min(arrived_at) as arrived_at, min_by(vehicle_id, arrived_at) as vehicle_id
    from visited
    group by stop_id, service_date
),

told as (
    select
        due.*,
        reached.arrived_at,
        reached.vehicle_id,
        coalesce(reached.arrived_at, due.delivered_at) as reached_at,
        as_of
    from due
    left join reached using (stop_id, service_date)
    cross join {{ ref('int_as_of') }}
)

select
    * exclude (as_of, reached_at, delivered_at),
    case
        when reached_at is null and closes_at > as_of then 'open'
        when reached_at is null then 'missed'
        when reached_at > closes_at then 'late'
        else 'in_time'
    end as stop_outcome
from told
