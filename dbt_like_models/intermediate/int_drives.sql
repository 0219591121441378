with

visits as (
    select visit_id, route_id, depot_id, stop_id, is_depot, service_date, zone, arrived_at, departed_at, known_by
    from {{ ref('stop_visits') }}
    where route_id is not null and {{ is_learned_from(ref('stop_visits')) }}
),

depots as (
    select * from {{ ref('stg_depots') }}
    qualify row_number() over (partition by depot_id order by valid_from_at desc) = 1
),

places as (
    select stop_id, lat_deg, lon_deg from {{ ref('int_stops') }}
),

-- From where one stop was left to where the next was reached; to a route's first from its depot.
placed as (
    select
        visits.visit_id as drive_id,
        visits.route_id,
        visits.depot_id,
        visits.service_date,
        coalesce(depots.time_zone, '{{ var("time_zone") }}') as time_zone,
        visits.zone,
        visits.arrived_at,
        visits.departed_at as left_at,
        visits.known_by,
        work.departed_at as route_departed_at,
        depots.lat_deg as depot_lat_deg,
        depots.lon_deg as depot_lon_deg,
        if(visits.is_depot, depots.lat_deg, places.lat_deg) as lat_deg,
        if(visits.is_depot, depots.lon_deg, places.lon_deg) as lon_deg
    from visits
    inner join {{ ref('int_route_work') }} as work using (route_id)
    left join depots on visits.depot_id = depots.depot_id
    left join places on visits.stop_id = places.stop_id
),

drives as (
    select
        drive_id, route_id, depot_id, service_date, time_zone, arrived_at,
        coalesce(zone, lag(zone) over driven) as zone,
        if(lag(drive_id) over driven is null, route_departed_at, lag(left_at) over driven) as departed_at,
        epoch(arrived_at) - epoch(departed_at) as duration_s,
        known_by <> 'inferred' and coalesce(lag(known_by) over driven, '') <> 'inferred' as is_seen,
        {{ haversine_m(
            'if(lag(drive_id) over driven is null, depot_lat_deg, lag(lat_deg) over driven)',
            'if(lag(drive_id) over driven is null, depot_lon_deg, lag(lon_deg) over driven)',
            'lat_deg', 'lon_deg'
        ) }} as crow_m
    from placed
    window driven as (partition by route_id order by arrived_at, drive_id)
),

judged as (
    select
        * exclude (is_seen),
        hour({{ local_at('departed_at', 'time_zone') }}) as local_hour,
        case
            when crow_m is null or duration_s is null then 'place or moment unknown'
            when not is_seen then 'arrival inferred'
            when crow_m < {{ assumption('shortest_drive_m') }} then 'too short'
            when duration_s <= 0 or crow_m > duration_s * {{ assumption('fastest_crow_mps') }} then 'too fast'
            when duration_s > {{ assumption('longest_drive_s') }} then 'too long'
        end as excluded_because
    from drives
)

select * from judged
