{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='service_date', batch_size='day', begin='2015-01-01') }}
with

readings as (
    select * from {{ ref('stg_telemetry') }}
    where service_date between '{{ var("first_date") }}' and '{{ var("last_date") }}'
),

-- Counters run on; where one falls, it was reset, and the step counts nothing.
steps as (
    select
        event_id,
        vehicle_id,
        service_date,
        measured_at,
        greatest(odometer_m - lag(odometer_m) over by_time, 0) as distance_m,
        greatest(fuel_used_l - lag(fuel_used_l) over by_time, 0) as fuel_l,
        greatest(energy_used_kwh - lag(energy_used_kwh) over by_time, 0) as energy_kwh,
        greatest(idle_s - lag(idle_s) over by_time, 0) as idle_s,
        harsh_events
    from readings
    window by_time as (partition by vehicle_id, service_date order by measured_at, event_id)
)

select * from steps
