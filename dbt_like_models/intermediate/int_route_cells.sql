{{ config(meta={'date_by_date': 'service_date'}) }}
with

legs as (
    select * from {{ ref('int_legs') }}
),

limits as (
    select * from {{ ref('int_route_limits') }}
),

claimed as (
    select
        limits.route_id,
        legs.*,
        legs.ended_at > limits.last_attempt_at as is_empty,
        limits.speed_limit_mps
    from legs
    inner join limits
        on legs.vehicle_id = limits.vehicle_id
        and legs.service_date = limits.service_date
        and legs.ended_at >= limits.claims_from_at and legs.ended_at < limits.claims_until_at
),

cells as (
    select
        route_id,
        service_date,
        zone,
        local_hour,
        count(*) filter (not is_gap) as legs,
        count(*) filter (is_gap) as gaps,
        coalesce(sum(distance_m) filter (not is_gap), 0) as distance_m,
        coalesce(sum(duration_s) filter (not is_gap), 0) as duration_s,
        coalesce(sum(distance_m) filter (is_gap), 0) as gap_m,
        coalesce(sum(distance_m) filter (not is_gap and is_empty), 0) as empty_m,
        coalesce(sum(duration_s) filter (not is_gap and speed_mps > {{ still_speed_mps() }}), 0) as moving_s,
        coalesce(sum(duration_s) filter (not is_gap and speed_mps > speed_limit_mps), 0) as speeding_s,
        min(started_at) filter (not is_gap and distance_m >= 50) as first_moved_at,
        max(ended_at) filter (not is_gap and distance_m >= 50) as last_moved_at
    from claimed
    group by all
)

select * from cells
