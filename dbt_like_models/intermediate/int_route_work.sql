with

routes as (
    select * from {{ ref('int_routes') }}
),

driven as (
    select
        route_id,
        round(sum(distance_m), 3) as gps_m,
        round(sum(gap_m), 3) as gap_m,
        min(first_moved_at) as first_moved_at,
        max(last_moved_at) as last_moved_at
    from {{ ref('int_route_cells') }}
    group by route_id
),

counters as (
    select * from {{ ref('int_route_counters') }}
),

scans as (
    select * from {{ ref('int_route_scans') }}
),

depot_arrivals as (
    select routes.route_id, max(visits.arrived_at) as arrived_at
    from {{ ref('int_visits') }} as visits
    asof join routes
        on visits.vehicle_id = routes.vehicle_id
        and visits.service_date = routes.service_date
        and visits.arrived_at >= routes.claims_from_at
    where visits.is_depot
    group by routes.route_id
),

attempts as (
    select
        route_id,
        count(*) as attempts,
        count_if(outcome = 'failed') as failed_attempts,
        count(distinct order_id) filter (outcome = 'delivered') as delivered_orders
    from {{ ref('int_attempts') }}
    group by route_id
),

work as (
    select
        routes.route_id,
        coalesce(scans.departed_at, driven.first_moved_at) as departed_at,
        case
            when depot_arrivals.arrived_at > coalesce(scans.departed_at, driven.first_moved_at)
                and depot_arrivals.arrived_at >= coalesce(scans.last_scan_at, depot_arrivals.arrived_at)
                then depot_arrivals.arrived_at
            else greatest(driven.last_moved_at, scans.last_scan_at)
        end as returned_at,
        coalesce(counters.odometer_m, driven.gps_m, 0) as distance_m,
        case
            when counters.odometer_m is not null then 'odometer'
            when driven.gps_m is not null then 'gps'
            else 'none'
        end as distance_basis,
        coalesce(driven.gps_m, 0) as gps_m,
        coalesce(driven.gap_m, 0) as gap_m,
        counters.fuel_l,
        counters.energy_kwh,
        counters.idle_s,
        coalesce(counters.harsh_events, 0) as harsh_events,
        coalesce(attempts.attempts, 0) as attempts,
        coalesce(attempts.failed_attempts, 0) as failed_attempts,
        coalesce(attempts.delivered_orders, 0) as delivered_orders
    from routes
    left join driven using (route_id)
    left join counters using (route_id)
    left join scans using (route_id)
    left join depot_arrivals using (route_id)
    left join attempts using (route_id)
)

select * from work
