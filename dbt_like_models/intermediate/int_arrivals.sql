{{ config(meta={'date_by_date': 'service_date'}) }}
with

attempts as (
    select * from {{ ref('int_attempts') }}
),

seen as (
    select vehicle_id, stop_id, service_date, arrived_at, known_by from {{ ref('int_visits') }}
    union all by name
    select vehicle_id, stop_id, service_date, scanned_at as arrived_at, 'scan' as known_by
    from {{ ref('stg_scans') }}
    where outcome = 'accepted' and kind = 'arrived' and vehicle_id is not null and stop_id is not null
),

-- The last arrival at the attempt's stop, on its day, before its first scan.
arrivals as (
    select attempts.attempt_id, attempts.service_date, seen.arrived_at, seen.known_by as arrival_known_by
    from attempts
    asof join seen
        on attempts.vehicle_id = seen.vehicle_id
        and attempts.stop_id = seen.stop_id
        and attempts.service_date = seen.service_date
        and attempts.attempted_at >= seen.arrived_at
)

select * from arrivals
