with

routes as (
    select routes.* exclude (currency), coalesce(routes.currency, depot_currency) as currency
    from {{ ref('routes') }} as routes
    left join {{ ref('int_depot_currencies') }} using (depot_id)
),

cells as (
    select
        route_id, zone, printf('%02d', local_hour) as local_hour,
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

attempts as (
    select route_id, attempt_id, zone, local_hour, customer_group, window_width, attempt_number
    from {{ ref('attempts') }}
    where route_id is not null
),

-- What a route cost, shared evenly by its attempts; without any it stands as unallocated.
of_attempts as (
    select
        routes.route_id, routes.service_date, routes.depot_id, routes.vehicle_class, routes.driver_id, routes.vehicle_id,
        routes.carrier_model, routes.currency, routes.total_cost, routes.co2e_wtw_kg,
        attempts.attempt_id is null as is_unallocated,
        coalesce(attempts.attempt_id, routes.route_id) as item_id,
        if(is_unallocated, 'unallocated', attempts.zone) as zone,
        if(is_unallocated, 'unallocated', printf('%02d', attempts.local_hour)) as local_hour,
        if(is_unallocated, 'unallocated', attempts.customer_group) as customer_group,
        if(is_unallocated, 'unallocated', attempts.window_width) as window_width,
        if(is_unallocated, 'unallocated', cast(attempts.attempt_number as varchar)) as attempt_number,
        count(*) over (partition by routes.route_id) as shares
    from routes
    left join attempts using (route_id)
    where routes.is_driven
),

items as (
    select
        'cost_per_mile' as kpi_id, shared.*, route_id as item_id, coalesce(total_cost * time_share, 0) as numerator,
        coalesce(distance_m / 1609.344 * distance_share, 0) as denominator,
        not is_driven as excluded, is_driven and total_cost is null as unknown
    from shared
    union all by name
    select
        'cost_per_attempt' as kpi_id, of_attempts.*, coalesce(total_cost / shares, 0) as numerator,
        total_cost is not null and not is_unallocated as denominator, false as excluded, total_cost is null as unknown
    from of_attempts
    union all by name
    select
        'co2e_per_attempt' as kpi_id, of_attempts.* exclude (currency), coalesce(co2e_wtw_kg / shares, 0) as numerator,
        co2e_wtw_kg is not null and not is_unallocated as denominator, false as excluded, co2e_wtw_kg is null as unknown
    from of_attempts
)

select
    kpi_id, service_date, item_id, depot_id, zone, local_hour, vehicle_class, driver_id, vehicle_id, carrier_model,
    customer_group, window_width, attempt_number, currency,
    {{ as_numbers() }}
from items
