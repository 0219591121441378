{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='service_date', batch_size='day', begin='2015-01-01', unique_key='eta_id') }}
with

-- The first time that a vehicle came to a stop on a day is what its ETAs were about. Those of the day after
-- the range are told again: what was said before midnight may be of it.
arrivals as (
    select visit_id, vehicle_id, stop_id, service_date, arrived_at, known_by
    from {{ ref('int_visits') }}
    where not is_depot and service_date between '{{ var("first_date") }}' and date '{{ var("last_date") }}' + 1
    qualify row_number() over (partition by vehicle_id, stop_id, service_date order by arrived_at, visit_id) = 1
),

horizons as (
    select visit_id || '/' || horizon_min as eta_id, *, arrived_at - to_minutes(horizon_min) as told_until
    from arrivals
    cross join (select unnest([15, 30, 60, 120]) as horizon_min)
),

etas as (
    select vehicle_id, service_date, estimated_at, stops
    from {{ ref('stg_etas') }}
    where service_date between date '{{ var("first_date") }}' - 1 and date '{{ var("last_date") }}' + 1
    qualify row_number() over (partition by vehicle_id, estimated_at order by appended_at desc, event_id) = 1
),

-- The last word before the horizon counts, if it speaks of the stop and is not older than the day before:
-- dates that are built together must come out as they do one by one.
told as (
    select
        horizons.* exclude (told_until),
        etas.service_date >= horizons.service_date - 1 as is_of_now,
        if(is_of_now, etas.estimated_at, null) as estimated_at,
        if(is_of_now, list_filter(etas.stops, lambda eta: eta.stop_id = horizons.stop_id)[1], null) as eta
    from horizons
    asof left join etas
        on horizons.vehicle_id = etas.vehicle_id and horizons.told_until >= etas.estimated_at
),

measured as (
    select
        * exclude (eta, is_of_now),
        eta.p50_at as p50_at,
        eta.p90_at as p90_at,
        epoch(arrived_at) - epoch(eta.p50_at) as error_s,
        arrived_at <= eta.p90_at as is_within_p90
    from told
)

select * from measured
