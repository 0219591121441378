with

-- What has no cost is counted beside the currency of its depot, where that has one.
currencies as (
    select depot_id, min(currency) as depot_currency
    from {{ ref('stg_rates') }}
    group by depot_id
    having count(distinct currency) = 1
),

deliveries as (
    select
        deliveries.* exclude (zone, local_hour, currency),
        coalesce(currency, depot_currency) as currency,
        if(is_unallocated, 'unallocated', zone) as zone,
        if(is_unallocated, 'unallocated', printf('%02d', local_hour)) as local_hour
    from {{ ref('deliveries') }} as deliveries
    left join currencies using (depot_id)
),

items as (
    select
        'cost_per_delivery' as kpi_id, deliveries.*,
        coalesce(cast(cost as double), 0) as numerator,
        if(is_unallocated or cost is null, 0, 1) as denominator,
        0 as excluded,
        if(cost is null, 1, 0) as unknown
    from deliveries
    union all by name
    select
        'co2e_per_delivery' as kpi_id, deliveries.* exclude (currency),
        coalesce(co2e_wtw_kg, 0) as numerator,
        if(co2e_wtw_kg is null, 0, parcels) as denominator,
        0 as excluded,
        if(co2e_wtw_kg is null, parcels, 0) as unknown
    from deliveries
    union all by name
    select
        'co2e_per_delivery_ttw' as kpi_id, deliveries.* exclude (currency),
        coalesce(co2e_ttw_kg, 0) as numerator,
        if(co2e_ttw_kg is null, 0, parcels) as denominator,
        0 as excluded,
        if(co2e_ttw_kg is null, parcels, 0) as unknown
    from deliveries
)

select
    kpi_id, service_date, depot_id, zone, local_hour, vehicle_class, driver_id, currency,
    sum(numerator) as numerator, sum(denominator) as denominator,
    sum(excluded) as excluded, sum(unknown) as unknown
from items
group by all
