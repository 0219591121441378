with

items as (
    select * replace (printf('%02d', local_hour) as local_hour) from {{ ref('int_kpi_orders') }}
    union all by name
    select * replace (printf('%02d', local_hour) as local_hour) from {{ ref('int_kpi_attempts') }}
    union all by name
    select * replace (printf('%02d', local_hour) as local_hour) from {{ ref('int_kpi_routes') }}
    union all by name
    select * from {{ ref('int_kpi_deliveries') }}
),

known_items as (
    select
        kpi_id, service_date, currency, numerator, denominator, excluded, unknown,
        coalesce(depot_id, 'unknown') as depot,
        coalesce(zone, 'unknown') as zone,
        coalesce(local_hour, 'unknown') as hour,
        coalesce(vehicle_class, 'unknown') as vehicle_class,
        coalesce(driver_id, 'unknown') as driver
    from items
),

segmented as (
    select
        kpi_id,
        service_date,
        currency,
        case
            when grouping(depot) = 0 then 'depot'
            when grouping(zone) = 0 then 'zone'
            when grouping(hour) = 0 then 'hour'
            when grouping(vehicle_class) = 0 then 'vehicle_class'
            when grouping(driver) = 0 then 'driver'
            else 'all'
        end as segment,
        coalesce(depot, zone, hour, vehicle_class, driver, 'all') as segment_value,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(excluded) as excluded,
        sum(unknown) as unknown
    from known_items
    group by grouping sets (
        (kpi_id, service_date, currency),
        (kpi_id, service_date, currency, depot),
        (kpi_id, service_date, currency, zone),
        (kpi_id, service_date, currency, hour),
        (kpi_id, service_date, currency, vehicle_class),
        (kpi_id, service_date, currency, driver)
    )
)

select * from segmented
