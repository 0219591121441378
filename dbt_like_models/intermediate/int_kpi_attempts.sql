{{ config(meta={'date_by_date': 'service_date'}) }}
with

-- What an order's attempts on all dates make of each.
of_order as (
    select attempt_id, service_date, is_earliest, is_retried, is_the_delivery from {{ ref('int_attempts') }}
),

attempts as (
    select
        attempt_id as item_id, service_date, depot_id, zone, printf('%02d', local_hour) as local_hour, vehicle_class, driver_id,
        vehicle_id, carrier_model, customer_group, window_width, attempt_number, currency, added_cost, added_co2e_kg,
        outcome = 'failed' as is_failed, window_until is not null as has_window, is_within_window,
        of_order.is_earliest, of_order.is_retried, of_order.is_the_delivery
    from {{ ref('attempts') }}
    inner join of_order using (attempt_id, service_date)
),

items as (
    select
        'failed_delivery_rate' as kpi_id, attempts.* exclude (currency), is_failed as numerator, true as denominator,
        false as excluded, false as unknown
    from attempts
    union all by name
    select
        'first_attempt_success_rate' as kpi_id, attempts.* exclude (currency), attempt_number = 1 and not is_failed as numerator,
        attempt_number = 1 as denominator, false as excluded, attempt_number > 1 as unknown
    from attempts
    where is_earliest
    union all by name
    select
        'redelivery_rate' as kpi_id, attempts.* exclude (currency), attempt_number = 1 and is_retried as numerator,
        attempt_number = 1 as denominator, false as excluded, attempt_number > 1 as unknown
    from attempts
    where is_earliest
    union all by name
    select
        'attempts_per_delivered_order' as kpi_id, attempts.* exclude (currency), attempt_number as numerator, true as denominator,
        false as excluded, false as unknown
    from attempts
    where is_the_delivery
    union all by name
    select
        'window_compliance' as kpi_id, attempts.* exclude (currency),
        has_window and coalesce(is_within_window, false) as numerator,
        has_window and is_within_window is not null as denominator,
        not has_window as excluded, has_window and is_within_window is null as unknown
    from attempts
    union all by name
    select
        'cost_per_failed_attempt' as kpi_id, attempts.*, coalesce(added_cost, 0) as numerator,
        added_cost is not null as denominator, false as excluded, added_cost is null as unknown
    from attempts
    where is_failed
    union all by name
    select
        'co2e_per_failed_attempt' as kpi_id, attempts.* exclude (currency), coalesce(added_co2e_kg, 0) as numerator,
        added_co2e_kg is not null as denominator, false as excluded, added_co2e_kg is null as unknown
    from attempts
    where is_failed
)

select
    kpi_id, service_date, item_id, depot_id, zone, local_hour, vehicle_class, driver_id, vehicle_id, carrier_model,
    customer_group, window_width, attempt_number, currency,
    {{ as_numbers() }}
from items
