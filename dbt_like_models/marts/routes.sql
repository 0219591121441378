with

routes as (
    select * from {{ ref('int_routes') }}
),

work as (
    select * from {{ ref('int_route_work') }}
),

costs as (
    select * from {{ ref('int_route_costs') }}
),

emissions as (
    select * from {{ ref('int_route_emissions') }}
),

joined as (
    select
        routes.route_id,
        routes.shift_id,
        routes.vehicle_id,
        emissions.vehicle_class,
        emissions.energy,
        routes.driver_id,
        routes.depot_id,
        routes.service_date,
        routes.known_by,
        work.departed_at is not null as is_driven,
        work.departed_at,
        work.returned_at,
        costs.duty_s,
        work.distance_m,
        work.distance_basis,
        work.gps_m,
        work.gap_m,
        work.fuel_l,
        work.energy_kwh,
        work.idle_s,
        work.harsh_events,
        work.attempts,
        work.failed_attempts,
        work.delivered_orders,
        costs.currency,
        costs.driver_cost,
        costs.distance_cost,
        costs.vehicle_day_cost,
        costs.overhead_cost,
        costs.energy_cost,
        costs.carrier_cost,
        costs.total_cost,
        emissions.tier as emission_tier,
        emissions.factor_id as emission_factor_id,
        round(emissions.co2e_ttw_kg, 6) as co2e_ttw_kg,
        round(emissions.co2e_wtw_kg, 6) as co2e_wtw_kg
    from routes
    inner join work using (route_id)
    left join costs using (route_id)
    left join emissions using (route_id)
)

select * from joined
