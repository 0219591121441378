{{ config(meta={'date_by_date': 'service_date'}) }}
with

orders as (
    select
        order_id as item_id, service_date, depot_id, zone, printf('%02d', local_hour) as local_hour, vehicle_class, driver_id,
        vehicle_id, carrier_model, customer_group, window_width, excluded_because,
        delivered_at is not null as is_delivered, due_at is not null as is_promised, promised_from is not null as has_opening,
        attempts = 0 as is_unheard_of, is_on_time, is_on_time_by_date, is_on_time_for_current_promise, is_early, is_on_time_in_full
    from {{ ref('orders') }}
),

due as (
    select
        *,
        excluded_because is null as is_due,
        excluded_because is null and is_unheard_of as is_unknown
    from orders
),

items as (
    select
        'on_time_rate' as kpi_id, due.*, is_on_time and is_due as numerator, is_due as denominator,
        not is_due as excluded, is_unknown as unknown
    from due
    union all by name
    select
        'on_time_rate_delivered_only' as kpi_id, due.*, is_on_time as numerator, is_delivered and is_promised as denominator,
        not (is_delivered and is_promised) as excluded, false as unknown
    from due
    union all by name
    select
        'on_time_rate_by_date' as kpi_id, due.*, is_on_time_by_date as numerator, is_delivered and is_promised as denominator,
        not (is_delivered and is_promised) as excluded, false as unknown
    from due
    union all by name
    select
        'on_time_rate_current_promise' as kpi_id, due.*, is_on_time_for_current_promise and is_due as numerator,
        is_due as denominator, not is_due as excluded, is_unknown as unknown
    from due
    union all by name
    select
        'early_rate' as kpi_id, due.*, is_early and is_due and has_opening as numerator, is_due and has_opening as denominator,
        not (is_due and has_opening) as excluded, is_unknown and has_opening as unknown
    from due
    union all by name
    select
        'on_time_in_full_rate' as kpi_id, due.*, is_on_time_in_full and is_due as numerator, is_due as denominator,
        not is_due as excluded, is_unknown as unknown
    from due
)

select
    kpi_id, service_date, item_id, depot_id, zone, local_hour, vehicle_class, driver_id, vehicle_id, carrier_model,
    customer_group, window_width,
    {{ as_numbers() }}
from items
