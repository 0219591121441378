{{ config(meta={'date_by_date': 'service_date'}) }}
with

-- What has no cost is counted beside the currency of its depot, where that has one.
deliveries as (
    select
        deliveries.* exclude (zone, local_hour, currency, customer_group, window_width, attempt_number),
        coalesce(order_id, route_id) as item_id,
        coalesce(currency, depot_currency) as currency,
        if(is_unallocated, 'unallocated', zone) as zone,
        if(is_unallocated, 'unallocated', printf('%02d', local_hour)) as local_hour,
        if(is_unallocated, 'unallocated', customer_group) as customer_group,
        if(is_unallocated, 'unallocated', window_width) as window_width,
        if(is_unallocated, 'unallocated', cast(attempt_number as varchar)) as attempt_number
    from {{ ref('deliveries') }} as deliveries
    left join {{ ref('int_depot_currencies') }} using (depot_id)
),

items as (
    select
        'cost_per_delivery' as kpi_id, deliveries.*, coalesce(cost, 0) as numerator,
        not (is_unallocated or cost is null) as denominator, false as excluded, cast(cost is null as integer) as unknown
    from deliveries
    union all by name
    select
        'co2e_per_delivery' as kpi_id, deliveries.* exclude (currency), coalesce(co2e_wtw_kg, 0) as numerator,
        if(co2e_wtw_kg is null, 0, parcels) as denominator, false as excluded, if(co2e_wtw_kg is null, parcels, 0) as unknown
    from deliveries
    union all by name
    select
        'co2e_per_delivery_ttw' as kpi_id, deliveries.* exclude (currency), coalesce(co2e_ttw_kg, 0) as numerator,
        if(co2e_ttw_kg is null, 0, parcels) as denominator, false as excluded, if(co2e_ttw_kg is null, parcels, 0) as unknown
    from deliveries
    union all by name
    select
        'dispatch_to_drop_min' as kpi_id, deliveries.* exclude (currency), dispatch_to_drop_s / 60 as measure,
        dispatch_to_drop_s < 0 as excluded, cast(dispatch_to_drop_s is null as integer) as unknown
    from deliveries
    where not is_unallocated
    union all by name
    select
        'order_to_drop_h' as kpi_id, deliveries.* exclude (currency), order_to_drop_s / 3600 as measure,
        order_to_drop_s < 0 as excluded, cast(order_to_drop_s is null as integer) as unknown
    from deliveries
    where not is_unallocated
),

-- A duration is its own numerator, over one; below zero or unknown it is over none.
measured as (
    select
        * replace (
            coalesce(numerator, if(measure >= 0, measure, 0)) as numerator,
            coalesce(denominator, if(measure >= 0, 1, 0)) as denominator,
            coalesce(excluded, false) as excluded,
            if(measure >= 0, measure, null) as measure
        )
    from items
)

select
    kpi_id, service_date, item_id, depot_id, zone, local_hour, vehicle_class, driver_id, vehicle_id, carrier_model,
    customer_group, window_width, attempt_number, currency,
    {{ as_numbers() }},
    measure
from measured
