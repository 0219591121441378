with

attempts as (
    select
        service_date, depot_id, zone, local_hour, vehicle_class, driver_id, attempt_number,
        outcome = 'failed' as is_failed, window_until is not null as has_window, is_within_window,
        attempt_number = min(attempt_number) over (partition by order_id) as is_earliest
    from {{ ref('attempts') }}
),

items as (
    select
        'failed_delivery_rate' as kpi_id, attempts.*,
        is_failed as numerator, true as denominator, false as excluded, false as unknown
    from attempts
    union all by name
    select
        'first_attempt_success_rate' as kpi_id, attempts.*,
        attempt_number = 1 and not is_failed as numerator,
        attempt_number = 1 as denominator,
        false as excluded,
        attempt_number > 1 as unknown
    from attempts
    where is_earliest
    union all by name
    select
        'window_compliance' as kpi_id, attempts.*,
        has_window and coalesce(is_within_window, false) as numerator,
        has_window and is_within_window is not null as denominator,
        not has_window as excluded,
        has_window and is_within_window is null as unknown
    from attempts
)

select
    kpi_id, service_date, depot_id, zone, local_hour, vehicle_class, driver_id, cast(null as varchar) as currency,
    count_if(numerator) as numerator, count_if(denominator) as denominator,
    count_if(excluded) as excluded, count_if(unknown) as unknown
from items
group by all
