{{ config(meta={'date_by_date': 'service_date'}) }}
with

routes as (
    select * from {{ ref('routes') }} where is_driven and driver_id is not null
),

summed as (
    select
        driver_id,
        service_date,
        any_value(depot_id) as depot_id,
        count(*) as routes,
        sum(duty_s) as duty_s,
        sum(distance_m) as distance_m,
        sum(distance_m) filter (harsh_events is not null) as watched_m,
        sum(distance_m) filter (moving_s > 0) as speeds_known_m,
        sum(harsh_accelerations) as harsh_accelerations,
        sum(harsh_brakings) as harsh_brakings,
        sum(harsh_cornerings) as harsh_cornerings,
        sum(harsh_events) as harsh_events,
        sum(moving_s) as moving_s,
        sum(speeding_s) as speeding_s,
        sum(excessive_minutes) as excessive_minutes,
        sum(duty_s) filter (idle_s is not null) as idle_watched_s,
        sum(idle_s) as idle_s,
        sum(assigned_stops) as assigned_stops,
        sum(completed_stops) as completed_stops,
        sum(planned_pairs) as planned_pairs,
        sum(kept_pairs) as kept_pairs,
        sum(attempts) as attempts,
        sum(failed_attempts) as failed_attempts,
        sum(delivered_orders) as delivered_orders
    from routes
    group by driver_id, service_date
)

select * from summed
