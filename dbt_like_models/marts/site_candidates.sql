with

-- Of driven routes alone: where no route is known to have driven a stem, none can be saved.
attempts as (
    select attempts.*, stops.lat_deg, stops.lon_deg, coalesce(orders.parcels, 1) as parcels
    from {{ ref('attempts') }} as attempts
    inner join {{ ref('routes') }} as routes on attempts.route_id = routes.route_id and routes.is_driven
    inner join {{ ref('int_stops') }} as stops on attempts.stop_id = stops.stop_id
    inner join {{ ref('orders') }} as orders on attempts.order_id = orders.order_id
    where stops.lat_deg is not null and attempts.zone is not null
        and attempts.{{ is_learned_from(ref('attempts')) }}
),

settings as (
    select
        {% for name in ['catchment_m', 'least_site_attempts', 'least_stem_m', 'road_detour', 'supply_packages'] -%}
        {{ assumption(name) }} as {{ name }}{{ "" if loop.last else "," }}
        {% endfor %}
),

-- Where a zone's attempts were, on average: the middle of its demand.
zones as (
    select
        attempts.depot_id, zone, count(*) as attempts, sum(parcels) as parcels,
        avg(attempts.lat_deg) as lat_deg, avg(attempts.lon_deg) as lon_deg,
        {{ haversine_m('any_value(depots.lat_deg)', 'any_value(depots.lon_deg)', 'avg(attempts.lat_deg)', 'avg(attempts.lon_deg)') }} as stem_m
    from attempts
    inner join (from {{ ref('stg_depots') }} qualify row_number() over (partition by depot_id order by valid_from_at desc) = 1) as depots
        on attempts.depot_id = depots.depot_id
    where depots.lat_deg is not null
    group by attempts.depot_id, zone
),

reached as (
    select
        sites.depot_id, sites.zone, sites.lat_deg, sites.lon_deg, sites.stem_m,
        served.attempts, served.parcels,
        served.stem_m - {{ haversine_m('sites.lat_deg', 'sites.lon_deg', 'served.lat_deg', 'served.lon_deg') }} as nearer_m
    from zones as sites
    inner join zones as served using (depot_id)
    cross join settings
    where sites.stem_m >= least_stem_m
        and {{ haversine_m('sites.lat_deg', 'sites.lon_deg', 'served.lat_deg', 'served.lon_deg') }} <= catchment_m
),

-- A tour drives out to its stops and back once: each attempt has its part of two stems (C. F. Daganzo,
-- Logistics Systems Analysis). The site's own parcels have to be brought there.
sites as (
    select
        depot_id, zone, any_value(lat_deg) as lat_deg, any_value(lon_deg) as lon_deg, any_value(stem_m) as stem_m,
        count(*) as zones,
        sum(attempts) / any_value(days) as attempts_per_day,
        sum(parcels) / any_value(days) as parcels_per_day,
        any_value(attempts_per_route) as attempts_per_route,
        sum(attempts * 2 * road_detour * greatest(nearer_m, 0)) / any_value(days * attempts_per_route) / 1000 as saved_stem_km_per_day,
        ceil(sum(parcels) / any_value(days * supply_packages)) * any_value(2 * road_detour * stem_m) / 1000 as supply_km_per_day,
        any_value(least_site_attempts) as least_site_attempts
    from reached
    inner join {{ ref('int_depot_kilometres') }} using (depot_id)
    cross join settings
    where attempts_per_route > 0
    group by depot_id, zone
    having sum(attempts) / any_value(days) >= any_value(least_site_attempts)
)

select
    sites.* exclude (least_site_attempts),
    saved_stem_km_per_day - supply_km_per_day as net_km_per_day,
    currency,
    cost_per_km,
    net_km_per_day * cost_per_km as saved_cost_per_day,
    co2e_kg_per_km,
    net_km_per_day * co2e_kg_per_km as saved_co2e_kg_per_day,
    row_number() over (partition by depot_id order by net_km_per_day desc, zone) as rank_in_depot
from sites
inner join {{ ref('int_depot_kilometres') }} using (depot_id)
