with

orders as (
    select
        service_date, depot_id, zone, local_hour, vehicle_class, driver_id, excluded_because,
        delivered_at is not null as is_delivered, due_at is not null as is_promised,
        attempts = 0 as is_unheard_of, is_on_time, is_on_time_by_date
    from {{ ref('orders') }}
),

items as (
    select
        'on_time_rate' as kpi_id,
        orders.*,
        is_on_time and excluded_because is null as numerator,
        excluded_because is null as denominator,
        excluded_because is not null as excluded,
        excluded_because is null and is_unheard_of as unknown
    from orders
    union all by name
    select
        'on_time_rate_delivered_only' as kpi_id,
        orders.*,
        is_on_time as numerator,
        is_delivered and is_promised as denominator,
        not (is_delivered and is_promised) as excluded,
        false as unknown
    from orders
    union all by name
    select
        'on_time_rate_by_date' as kpi_id,
        orders.*,
        is_on_time_by_date as numerator,
        is_delivered and is_promised as denominator,
        not (is_delivered and is_promised) as excluded,
        false as unknown
    from orders
)

select
    kpi_id, service_date, depot_id, zone, local_hour, vehicle_class, driver_id, cast(null as varchar) as currency,
    count_if(numerator) as numerator, count_if(denominator) as denominator,
    count_if(excluded) as excluded, count_if(unknown) as unknown
from items
group by all
