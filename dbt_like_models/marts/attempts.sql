with

attempts as (
    select * from {{ ref('int_attempts') }}
),

arrivals as (
    select * from {{ ref('int_arrivals') }}
),

orders as (
    select order_id, zone, depot_id, customer_group from {{ ref('orders') }}
),

-- Whatever was promised last is in force: a promise without a window ends the window before it.
windows as (
    select
        order_id,
        ordered_at,
        if(promised_until is null, null, promised_from) as window_from,
        if(promised_from is null, null, promised_until) as window_until
    from {{ ref('stg_orders') }}
    where kind <> 'cancelled'
        and (promised_from is not null or promised_until is not null or promised_day is not null)
),

with_window as (
    select attempts.*, windows.window_from, windows.window_until
    from attempts
    asof left join windows
        on attempts.order_id = windows.order_id and attempts.attempted_at >= windows.ordered_at
),

joined as (
    select
        with_window.attempt_id,
        with_window.order_id,
        with_window.attempt_number,
        with_window.outcome,
        with_window.failure_reason,
        with_window.service_date,
        with_window.local_hour,
        coalesce(with_window.depot_id, orders.depot_id) as depot_id,
        coalesce(orders.zone, with_window.scan_zone) as zone,
        with_window.vehicle_id,
        with_window.vehicle_class,
        with_window.carrier_model,
        with_window.driver_id,
        with_window.carrier_id,
        orders.customer_group,
        with_window.route_id,
        with_window.stop_id,
        arrivals.arrived_at,
        arrivals.arrival_known_by,
        with_window.attempted_at,
        with_window.delivered_at,
        with_window.window_from,
        with_window.window_until,
        {{ window_width('with_window.window_from', 'with_window.window_until') }} as window_width,
        arrivals.arrived_at between with_window.window_from and with_window.window_until as is_within_window,
        stop_costs.currency,
        round(stop_costs.added_cost / stop_costs.attempts, 4) as added_cost,
        round(stop_costs.added_co2e_kg / stop_costs.attempts, 6) as added_co2e_kg
    from with_window
    left join arrivals using (attempt_id)
    left join orders using (order_id)
    left join {{ ref('int_stop_costs') }} as stop_costs
        on with_window.route_id = stop_costs.route_id and with_window.stop_id = stop_costs.stop_id
)

select * from joined
