with

routes as (
    select routes.route_id, depots.lat_deg as depot_lat_deg, depots.lon_deg as depot_lon_deg
    from {{ ref('int_routes') }} as routes
    left join (from {{ ref('stg_depots') }} qualify row_number() over (partition by depot_id order by valid_from_at desc) = 1) as depots
        using (depot_id)
),

-- From where a stop was reached and where the route went on; before the first and after the last: the depot.
in_sequence as (
    select
        stops.*,
        coalesce(lag(stops.lat_deg) over driven, routes.depot_lat_deg) as from_lat_deg,
        coalesce(lag(stops.lon_deg) over driven, routes.depot_lon_deg) as from_lon_deg,
        coalesce(lead(stops.lat_deg) over driven, routes.depot_lat_deg) as to_lat_deg,
        coalesce(lead(stops.lon_deg) over driven, routes.depot_lon_deg) as to_lon_deg,
        lead(stops.stop_id) over driven is null as is_last
    from {{ ref('int_route_stops') }} as stops
    inner join routes using (route_id)
    where stops.driven_rank is not null and stops.lat_deg is not null
    window driven as (partition by stops.route_id order by stops.driven_rank)
),

measured as (
    select
        *,
        coalesce({{ haversine_m('from_lat_deg', 'from_lon_deg', 'lat_deg', 'lon_deg') }}, 0) as way_there_m,
        coalesce({{ haversine_m('lat_deg', 'lon_deg', 'to_lat_deg', 'to_lon_deg') }}, 0) as way_on_m,
        coalesce({{ haversine_m('from_lat_deg', 'from_lon_deg', 'to_lat_deg', 'to_lon_deg') }}, 0) as way_past_m
    from in_sequence
),

-- The detour by great circle, as long as the route's own way was against its great circles.
shared as (
    select
        route_id,
        stop_id,
        attempts,
        dwell_s,
        (way_there_m + way_on_m - way_past_m)
            / nullif(sum(way_there_m + if(is_last, way_on_m, 0)) over (partition by route_id), 0) as way_share,
        coalesce(sum(dwell_s) over (partition by route_id), 0) as dwells_s
    from measured
),

costed as (
    select
        shared.route_id,
        shared.stop_id,
        shared.attempts,
        shared.way_share * work.distance_m as added_m,
        shared.dwell_s + shared.way_share * greatest(costs.duty_s - shared.dwells_s, 0) as added_s,
        costs.currency,
        costs.driver_cost * added_s / nullif(costs.duty_s, 0)
        + (costs.distance_cost + costs.energy_cost) * shared.way_share as added_cost,
        emissions.co2e_wtw_kg * shared.way_share as added_co2e_kg
    from shared
    inner join {{ ref('int_route_work') }} as work using (route_id)
    left join {{ ref('int_route_costs') }} as costs using (route_id)
    left join {{ ref('int_route_emissions') }} as emissions using (route_id)
)

select * from costed
