with

work as (
    select
        route_id,
        date_trunc('minute', departed_at) as first_minute_at,
        date_trunc('minute', returned_at) as last_minute_at
    from {{ ref('int_route_work') }}
    where returned_at >= departed_at
),

routes as (
    select route_id, vehicle_id from {{ ref('int_routes') }}
),

minutes as (
    select distinct vehicle_id, minute_at from {{ ref('int_observed_minutes') }}
),

-- A minute of the duty counts as seen when a fix falls into it.
seen as (
    select
        work.route_id,
        any_value((epoch(work.last_minute_at) - epoch(work.first_minute_at)) / 60 + 1) as duty_minutes,
        count(minutes.minute_at) as observed_minutes
    from work
    inner join routes using (route_id)
    left join minutes
        on routes.vehicle_id = minutes.vehicle_id
        and minutes.minute_at between work.first_minute_at and work.last_minute_at
    group by work.route_id
)

select * from seen
