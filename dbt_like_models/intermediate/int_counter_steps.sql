{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='service_date', batch_size='day', begin='2015-01-01') }}
with

readings as (
    select * from {{ ref('stg_telemetry') }}
    where outcome = 'accepted' and service_date between '{{ var("first_date") }}' and '{{ var("last_date") }}'
),

-- Counters run on; where one falls, it was reset, and the step counts nothing. No counter, no step.
steps as (
    select
        event_id,
        vehicle_id,
        service_date,
        measured_at,
        {{ counter_step('odometer_m') }} as distance_m,
        {{ counter_step('fuel_used_l') }} as fuel_l,
        {{ counter_step('energy_used_kwh') }} as energy_kwh,
        {{ counter_step('idle_s') }} as idle_s,
        harsh_events,
        harsh_accelerations,
        harsh_brakings,
        harsh_cornerings
    from readings
    window by_time as (partition by vehicle_id, service_date order by measured_at, event_id)
)

select * from steps
