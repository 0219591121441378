with

failures as (
    select
        'failed_attempt' as kind,
        attempt_id as subject_id,
        coalesce(failure_reason, 'unknown') as cause,
        service_date, depot_id, zone, local_hour, vehicle_id, vehicle_class, driver_id, carrier_model,
        order_id,
        attempted_at as happened_at,
        currency,
        added_cost,
        added_co2e_kg
    from {{ ref('attempts') }}
    where outcome = 'failed'
),

-- The cause that the streams last named for the delay of the order's stop.
causes as (
    select stop_id, service_date, max_by(last_cause, raised_at) as cause
    from {{ ref('delay_alerts') }}
    where first_rule <> 'early'
    group by stop_id, service_date
),

late_orders as (
    select
        if(orders.delivered_at is null, 'undelivered_order', 'late_order') as kind,
        orders.order_id as subject_id,
        coalesce(
            causes.cause,
            case
                when orders.status = 'cancelled' then 'cancelled after the promise'
                when orders.attempts = 0 then 'never attempted'
                when orders.attempts > 0 and orders.first_outcome = 'failed' then 'failed attempt'
            end,
            'no delay was told'
        ) as cause,
        orders.service_date, orders.depot_id, orders.zone, orders.local_hour, orders.vehicle_id,
        orders.vehicle_class, orders.driver_id, orders.carrier_model,
        orders.order_id,
        orders.due_at as happened_at
    from {{ ref('orders') }} as orders
    left join causes using (stop_id, service_date)
    where orders.excluded_because is null and not orders.is_on_time
),

exceptions as (
    select * from failures
    union all by name
    select * from late_orders
)

select kind || '/' || subject_id as exception_id, * from exceptions
