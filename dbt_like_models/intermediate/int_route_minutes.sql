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

-- The service dates on which a minute of the duty can lie: zones reach from -12 h to +14 h, cut-overs to +23 h.
dates as (
    select
        route_id, vehicle_id, first_minute_at, last_minute_at,
        cast(unnest(generate_series(
            cast(first_minute_at as date) - 2, cast(last_minute_at as date) + 1, interval 1 day
        )) as date) as service_date
    from work
    inner join routes using (route_id)
),

-- A minute of the duty counts as seen when a fix falls into it.
seen as (
    select dates.route_id, count(distinct minutes.minute_at) as observed_minutes
    from dates
    inner join {{ ref('int_observed_minutes') }} as minutes
        on dates.vehicle_id = minutes.vehicle_id
        and dates.service_date = minutes.service_date
        and minutes.minute_at between dates.first_minute_at and dates.last_minute_at
    group by dates.route_id
)

select
    work.route_id,
    (epoch(work.last_minute_at) - epoch(work.first_minute_at)) / 60 + 1 as duty_minutes,
    coalesce(seen.observed_minutes, 0) as observed_minutes
from work
inner join routes using (route_id)
left join seen using (route_id)
