{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='service_date', batch_size='day', begin='2015-01-01') }}
with

-- The first time that a vehicle came to a stop on a day is what its ETAs were about.
arrivals as (
    select visit_id, vehicle_id, stop_id, service_date, arrived_at, known_by
    from {{ ref('int_visits') }}
    where not is_depot and service_date between '{{ var("first_date") }}' and '{{ var("last_date") }}'
    qualify row_number() over (partition by vehicle_id, stop_id, service_date order by arrived_at, visit_id) = 1
),

horizons as (
    select *, arrived_at - to_minutes(horizon_min) as told_until
    from arrivals
    cross join (select unnest([15, 30, 60, 120]) as horizon_min)
),

etas as (
    select vehicle_id, estimated_at, stops
    from {{ ref('stg_etas') }}
    where service_date between date '{{ var("first_date") }}' - 1 and '{{ var("last_date") }}'
    qualify row_number() over (partition by vehicle_id, estimated_at order by appended_at desc, event_id) = 1
),

-- The last word before the horizon counts, if it speaks of the stop.
told as (
    select
        horizons.* exclude (told_until),
        etas.estimated_at,
        list_filter(etas.stops, lambda eta: eta.stop_id = horizons.stop_id)[1] as eta
    from horizons
    asof left join etas
        on horizons.vehicle_id = etas.vehicle_id and horizons.told_until >= etas.estimated_at
),

measured as (
    select
        * exclude (eta),
        eta.p50_at as p50_at,
        eta.p90_at as p90_at,
        epoch(arrived_at) - epoch(eta.p50_at) as error_s,
        arrived_at <= eta.p90_at as is_within_p90
    from told
)

select * from measured
