{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='service_date', batch_size='day', begin='2015-01-01', unique_key='leg_id', meta={'begins': 'started_at', 'ends': 'ended_at + interval 1 minute'}) }}
with

-- Fixes flagged for their speed or clock are driven ones too. Repeats, duplicates and what could not
-- be judged are not, nor are positions where no vehicle can have been. A clock is put back by up to a
-- minute, so that hours of what devices say are made of a minute more.
fixes as not materialized (
    select
        event_id, vehicle_id, depot_id, service_date, local_hour, zone, speed_mps, received_at, lat_deg, lon_deg,
        fix_at, coalesce(corrected_at, fix_at) as seen_at,
        service_date between '{{ var("first_date") }}' and '{{ var("last_date") }}'
            and seen_at + interval 1 minute >= '{{ var("first_at") }}' and seen_at <= '{{ var("last_at") }}' as is_built
    from {{ ref('stg_gps_fixes') }}
    where outcome = 'accepted' and not list_has_any(rules, ['null_island', 'poor_accuracy'])
),

-- The fix before the range starts its first leg, and the one after ends the last: a range must give
-- the same legs as its days one by one.
neighbours as (
    select vehicle_id, max(seen_at) as seen_at from fixes
    where service_date < '{{ var("first_date") }}'
        or service_date <= '{{ var("last_date") }}' and seen_at + interval 1 minute < '{{ var("first_at") }}'
    group by vehicle_id
    union all
    select vehicle_id, min(seen_at) from fixes
    where service_date > '{{ var("last_date") }}'
        or service_date >= '{{ var("first_date") }}' and seen_at > '{{ var("last_at") }}'
    group by vehicle_id
),

near as not materialized (
    select * from fixes where is_built
    union all
    select fixes.* from fixes
    inner join neighbours on fixes.vehicle_id = neighbours.vehicle_id and fixes.seen_at = neighbours.seen_at
    where not is_built
),

-- Few moments have two fixes: only those are sorted for the first of them.
later as (
    select event_id from near
    where hash(vehicle_id, seen_at) in (select hash(vehicle_id, seen_at) from near group by all having count(*) > 1)
    qualify row_number() over (partition by vehicle_id, seen_at order by received_at, event_id) > 1
),

single as (
    select * exclude (received_at) from near anti join later on near.event_id = later.event_id
),

in_order as (
    select
        *,
        lag(fix_at) over by_time as previous_fix_at, lag(seen_at) over by_time as previous_at,
        lag(lat_deg) over by_time as previous_lat_deg,
        lag(lon_deg) over by_time as previous_lon_deg
    from single
    window by_time as (partition by vehicle_id order by seen_at)
),

legs as (
    select
        event_id as leg_id,
        vehicle_id,
        depot_id,
        service_date,
        local_hour,
        zone,
        speed_mps,
        previous_at as started_at,
        seen_at as ended_at,
        epoch(seen_at) - epoch(previous_at) as duration_s,
        {{ haversine_m('previous_lat_deg', 'previous_lon_deg', 'lat_deg', 'lon_deg') }} as distance_m,
        -- The seconds by which one end alone was put right make no gap.
        least(epoch(seen_at) - epoch(previous_at), abs(epoch(fix_at) - epoch(previous_fix_at))) > 600 as is_gap
    from in_order
    where previous_at is not null and service_date >= '{{ var("first_date") }}'
)

select * from legs
