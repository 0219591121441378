with

work as (
    select * from {{ ref('int_route_work') }}
),

routes as (
    select * from {{ ref('int_routes') }}
),

factors as (
    select * from {{ ref('emission_factors') }}
),

vehicles as (
    select * from {{ ref('stg_vehicles') }}
),

known as (
    select
        work.*,
        vehicles.vehicle_class,
        coalesce(vehicles.energy, 'diesel') as energy,
        if(vehicles.energy = 'electric', work.energy_kwh, work.fuel_l) as metered
    from work
    inner join routes using (route_id)
    asof left join vehicles
        on routes.vehicle_id = vehicles.vehicle_id
        and coalesce(work.departed_at, routes.starts_at) >= vehicles.valid_from_at
    where work.departed_at is not null
),

-- Tier 1 by what was metered, 2 by distance and the vehicle's class, 3 by distance and the average van.
tiered as (
    select
        known.route_id,
        known.vehicle_class,
        known.energy,
        case when known.metered > 0 then 1 when of_class.factor_id is not null then 2 else 3 end as tier,
        case
            when known.metered > 0 then of_energy.factor_id
            else coalesce(of_class.factor_id, of_average.factor_id)
        end as factor_id,
        if(known.metered > 0, known.metered, known.distance_m / 1000) as activity,
        of_energy.wtw_kg as energy_wtw_kg
    from known
    left join factors as of_energy on known.energy = of_energy.energy and of_energy.unit in ('litre', 'kWh')
    left join factors as of_class on known.vehicle_class = of_class.factor_id and of_class.unit = 'km'
    left join factors as of_average
        on of_average.factor_id = 'van_average_' || if(known.energy = 'electric', 'battery', known.energy)
),

emissions as (
    select
        tiered.route_id,
        tiered.vehicle_class,
        tiered.energy,
        tiered.tier,
        tiered.factor_id,
        tiered.activity,
        factors.unit as activity_unit,
        tiered.activity * factors.ttw_kg as co2e_ttw_kg,
        tiered.activity * factors.wtw_kg as co2e_wtw_kg,
        tiered.activity * factors.wtw_kg / tiered.energy_wtw_kg as energy_used
    from tiered
    inner join factors using (factor_id)
)

select * from emissions
