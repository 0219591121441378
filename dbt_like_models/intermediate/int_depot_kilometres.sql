with

routes as (
    select * from {{ ref('routes') }}
    where is_driven and depot_id is not null and {{ is_learned_from(ref('routes')) }}
),

summed as (
    select
        depot_id,
        count(distinct service_date) filter (attempts > 0) as days,
        sum(attempts) / nullif(count_if(attempts > 0), 0) as attempts_per_route,
        sum(distance_m) filter (distance_cost + energy_cost is not null) as costed_m,
        sum(distance_cost + energy_cost) as way_cost,
        sum(driver_cost) / nullif(sum(duty_s) filter (driver_cost is not null), 0) as driver_cost_per_s,
        if(count(distinct currency) = 1, min(currency), null) as currency,
        sum(co2e_wtw_kg) / nullif(sum(distance_m) filter (co2e_wtw_kg is not null), 0) * 1000 as co2e_kg_per_km
    from routes
    group by depot_id
),

-- What one more kilometre between depot and stops costs: its way, its energy, and the driver's time on it.
costed as (
    select
        depot_id, days, attempts_per_route, currency, co2e_kg_per_km,
        if(
            currency is null, null,
            1000 * (way_cost / nullif(costed_m, 0) + driver_cost_per_s / {{ assumption('stem_speed_mps') }})
        ) as cost_per_km
    from summed
)

select * from costed
