with

-- What has no cost is counted beside the currency of its depot, where that has one.
currencies as (
    select depot_id, min(currency) as depot_currency
    from {{ ref('stg_rates') }}
    group by depot_id
    having count(distinct currency) = 1
),

routes as (
    select routes.* exclude (currency), coalesce(routes.currency, depot_currency) as currency
    from {{ ref('routes') }} as routes
    left join currencies using (depot_id)
),

cells as (
    select
        route_id, zone, local_hour,
        duration_s / nullif(sum(duration_s) over of_route, 0) as time_share,
        distance_m / nullif(sum(distance_m) over of_route, 0) as distance_share
    from {{ ref('int_route_cells') }}
    window of_route as (partition by route_id)
),

-- A route's cost goes to zones and hours by the time it spent there, its miles by the way it drove there.
shared as (
    select
        routes.*,
        cells.zone,
        cells.local_hour,
        if(routes.total_cost is null, null, coalesce(cells.time_share, 1)) as time_share,
        if(routes.total_cost is null, null, coalesce(cells.distance_share, cells.time_share, 1)) as distance_share
    from routes
    left join cells
        on routes.route_id = cells.route_id and routes.total_cost is not null and cells.time_share is not null
),

items as (
    select
        'cost_per_mile' as kpi_id, service_date, depot_id, zone, local_hour, vehicle_class, driver_id, currency,
        coalesce(cast(total_cost as double) * time_share, 0) as numerator,
        coalesce(distance_m / 1609.344 * distance_share, 0) as denominator,
        if(is_driven, 0, 1) as excluded,
        if(is_driven and total_cost is null, 1, 0) as unknown
    from shared
)

select
    kpi_id, service_date, depot_id, zone, local_hour, vehicle_class, driver_id, currency,
    sum(numerator) as numerator, sum(denominator) as denominator,
    sum(excluded) as excluded, sum(unknown) as unknown
from items
group by all
