with

planned as (
    select * from {{ ref('int_planned_stops') }}
),

attempted as (
    select
        route_id,
        stop_id,
        min(attempted_at) as attempted_at,
        count(*) as attempts,
        count_if(outcome = 'failed') as failed_attempts,
        count(distinct order_id) as attempted_orders,
        count(distinct order_id) filter (outcome = 'delivered') as delivered_orders
    from {{ ref('int_attempts') }}
    where route_id is not null and stop_id is not null
    group by route_id, stop_id
),

visited as (
    select
        visit_routes.route_id,
        visits.stop_id,
        min(visits.arrived_at) as arrived_at,
        sum(visits.dwell_s) as dwell_s
    from {{ ref('int_visits') }} as visits
    inner join {{ ref('int_visit_routes') }} as visit_routes using (visit_id)
    where not visits.is_depot and visit_routes.route_id is not null
    group by visit_routes.route_id, visits.stop_id
),

loaded as (
    select distinct shift_id as route_id, stop_id, true as is_loaded
    from {{ ref('stg_scans') }}
    where outcome = 'accepted' and kind = 'loaded' and shift_id is not null and stop_id is not null
),

joined as (
    select
        *,
        coalesce(is_loaded, false) as was_loaded,
        planned_rank is not null as is_planned,
        count(planned_rank) over (partition by route_id) > 0 as has_plan,
        coalesce(arrived_at, attempted_at) as reached_at
    from planned
    full join attempted using (route_id, stop_id)
    full join visited using (route_id, stop_id)
    full join loaded using (route_id, stop_id)
),

ranked as (
    select
        joined.route_id,
        joined.stop_id,
        joined.is_planned,
        joined.planned_rank,
        joined.planned_arrive_at,
        joined.reached_at,
        joined.dwell_s,
        coalesce(joined.attempts, 0) as attempts,
        coalesce(joined.failed_attempts, 0) as failed_attempts,
        coalesce(joined.delivered_orders, 0) as delivered_orders,
        joined.is_planned or joined.attempts > 0 or (joined.was_loaded and not joined.has_plan) as is_assigned,
        coalesce(joined.delivered_orders = joined.attempted_orders, false) as is_completed,
        if(reached_at is null, null, row_number() over (partition by joined.route_id order by reached_at, joined.stop_id)) as driven_rank,
        stops.zone,
        coalesce(stops.lat_deg, joined.lat_deg) as lat_deg,
        coalesce(stops.lon_deg, joined.lon_deg) as lon_deg
    from joined
    inner join {{ ref('int_routes') }} as routes using (route_id)
    left join {{ ref('int_stops') }} as stops using (stop_id)
)

select * from ranked
