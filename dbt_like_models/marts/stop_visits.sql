with

visits as (
    select * from {{ ref('int_visits') }}
),

depots as (
    select * from {{ ref('stg_depots') }}
),

vehicles as (
    select * from {{ ref('stg_vehicles') }}
),

attempted as (
    select
        route_id,
        stop_id,
        count(*) as attempts,
        count_if(outcome = 'failed') as failed_attempts,
        min(window_width) filter (window_width <> 'none') as window_width
    from {{ ref('attempts') }}
    group by route_id, stop_id
),

joined as (
    select
        visits.visit_id,
        visit_routes.route_id,
        visits.vehicle_id,
        vehicles.vehicle_class,
        vehicles.carrier_model,
        visit_routes.driver_id,
        visits.depot_id,
        visits.stop_id,
        visits.is_depot,
        visits.shift_id,
        visits.service_date,
        hour({{ local_at('visits.arrived_at', "coalesce(depots.time_zone, '" ~ var('time_zone') ~ "')") }}) as local_hour,
        if(visits.is_depot, null, stops.zone) as zone,
        visits.arrived_at,
        visits.departed_at,
        visits.dwell_s,
        visits.known_by,
        visits.last_phase,
        visits.scans,
        visits.is_confirmed_by_scan,
        visits.contradiction,
        visits.changes,
        coalesce(attempted.attempts, 0) as attempts,
        coalesce(attempted.failed_attempts, 0) as failed_attempts,
        coalesce(attempted.window_width, 'none') as window_width
    from visits
    left join {{ ref('int_visit_routes') }} as visit_routes using (visit_id)
    asof left join vehicles
        on visits.vehicle_id = vehicles.vehicle_id and visits.arrived_at >= vehicles.valid_from_at
    asof left join depots
        on visits.depot_id = depots.depot_id and visits.arrived_at >= depots.valid_from_at
    left join {{ ref('int_stops') }} as stops on visits.stop_id = stops.stop_id
    left join attempted
        on visit_routes.route_id = attempted.route_id and visits.stop_id = attempted.stop_id
)

select * from joined
