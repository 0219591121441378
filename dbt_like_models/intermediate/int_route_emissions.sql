with

work as (
    select * from {{ ref('int_route_work') }}
),

routes as (
    select * from {{ ref('int_routes') }}
),

-- A factor holds until its own end or the next one's start; the first one also before it was published.
factors as (
    select
        * exclude (valid_from, valid_to),
        if(lag(valid_from) over versions is null, '-infinity'::date, valid_from) as valid_from,
        least(valid_to, lead(valid_from) over versions - 1, 'infinity'::date) as valid_to
    from {{ ref('emission_factors') }}
    window versions as (partition by factor_id order by valid_from)
),

vehicles as (
    select * from {{ ref('stg_vehicles') }}
),

known as (
    select
        work.*,
        routes.service_date,
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
        known.service_date,
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
    left join factors as of_energy on known.energy = of_energy.energy and of_energy.unit in ('litre', 'kWh') and known.service_date between of_energy.valid_from and of_energy.valid_to
    left join factors as of_class on known.vehicle_class = of_class.factor_id and of_class.unit = 'km' and known.service_date between of_class.valid_from and of_class.valid_to
    left join factors as of_average
        on of_average.factor_id = 'van_average_' || if(known.energy = 'electric', 'battery', known.energy)
        and known.service_date between of_average.valid_from and of_average.valid_to
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
    inner join factors
        on tiered.factor_id = factors.factor_id
        and tiered.service_date between factors.valid_from and factors.valid_to
)

select * from emissions
