with

work as (
    select * from {{ ref('int_route_work') }} where departed_at is not null
),

routes as (
    select * from {{ ref('int_routes') }}
),

emissions as (
    select * from {{ ref('int_route_emissions') }}
),

rates as (
    select * from {{ ref('stg_rates') }}
),

driven as (
    select
        work.*,
        routes.depot_id,
        emissions.vehicle_class,
        emissions.energy,
        emissions.energy_used,
        if(work.returned_at is null, null, greatest(epoch(work.returned_at) - epoch(work.departed_at), 0)) as duty_s,
        count(*) over (partition by routes.vehicle_id, routes.service_date) as routes_of_day
    from work
    inner join routes using (route_id)
    inner join emissions using (route_id)
),

-- The energy is what was metered, else what the emissions of the driven distance come from.
costed as (
    select
        driven.route_id,
        driven.duty_s,
        rates.rate_id,
        rates.currency,
        cast(driven.duty_s / 3600 * rates.driver_per_h as decimal(18, 4)) as driver_cost,
        cast(driven.distance_m / 1000 * rates.per_km as decimal(18, 4)) as distance_cost,
        cast(rates.per_vehicle_day / driven.routes_of_day as decimal(18, 4)) as vehicle_day_cost,
        cast(rates.overhead_per_route as decimal(18, 4)) as overhead_cost,
        cast(
            driven.energy_used * if(driven.energy = 'electric', rates.energy_per_kwh, rates.fuel_per_l)
            as decimal(18, 4)
        ) as energy_cost,
        cast(driven.delivered_orders * rates.carrier_fee_per_delivery as decimal(18, 4)) as carrier_cost
    from driven
    asof join rates
        on driven.depot_id = rates.depot_id
        and driven.vehicle_class = rates.vehicle_class
        and driven.departed_at >= rates.valid_from_at
),

summed as (
    select
        *,
        driver_cost + distance_cost + vehicle_day_cost + overhead_cost + energy_cost + carrier_cost as total_cost
    from costed
)

select * from summed
