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

-- Sums of parallel threads differ in the last digits: rounded, the same events give the same figures.
driving as (
    select
        route_id,
        round(sum(empty_m), 3) as empty_m,
        round(sum(moving_s), 3) as moving_s,
        round(sum(speeding_s), 3) as speeding_s
    from {{ ref('int_route_cells') }}
    group by route_id
),

counters as (
    select route_id, odometer_m, harsh_accelerations, harsh_brakings, harsh_cornerings, readings
    from {{ ref('int_route_counters') }}
),

joined as (
    select
        routes.route_id,
        routes.shift_id,
        routes.vehicle_id,
        coalesce(emissions.vehicle_class, plans.vehicle_class) as vehicle_class,
        plans.carrier_model,
        emissions.energy,
        routes.driver_id,
        routes.depot_id,
        routes.service_date,
        routes.known_by,
        work.departed_at is not null as is_driven,
        work.* exclude (route_id, harsh_events),
        if(counters.readings is null, null, work.harsh_events) as harsh_events,
        counters.* exclude (route_id, readings),
        case
            when work.departed_at is null or counters.odometer_m is null or work.gps_m = 0 then 'not_comparable'
            when abs(work.gps_m + work.gap_m - counters.odometer_m) <= {{ odometer_tolerance() }} * counters.odometer_m + 1000 then 'agree'
            else 'differ'
        end as distance_check,
        driving.* exclude (route_id),
        if(driving.route_id is null, null, coalesce(excess.excessive_minutes, 0)) as excessive_minutes,
        minutes.* exclude (route_id),
        plans.* exclude (route_id, vehicle_class, carrier_model),
        stops.* exclude (route_id),
        greatest(epoch(work.returned_at - work.departed_at), if(work.returned_at < work.departed_at, 0, null)) as duty_s,
        costs.* exclude (route_id, rate_id, duty_s),
        emissions.tier as emission_tier,
        emissions.factor_id as emission_factor_id,
        round(emissions.co2e_ttw_kg, 6) as co2e_ttw_kg,
        round(emissions.co2e_wtw_kg, 6) as co2e_wtw_kg
    from routes
    inner join work using (route_id)
    inner join {{ ref('int_route_plans') }} as plans using (route_id)
    left join driving using (route_id)
    left join {{ ref('int_route_excess') }} as excess using (route_id)
    left join counters using (route_id)
    left join {{ ref('int_route_minutes') }} as minutes using (route_id)
    left join {{ ref('int_route_adherence') }} as stops using (route_id)
    left join costs using (route_id)
    left join emissions using (route_id)
)

select * from joined
