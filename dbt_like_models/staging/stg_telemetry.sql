{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='service_date', batch_size='day', begin='2015-01-01') }}
with

landed as (
    select * from {{ source('lake', 'vehicle_telemetry') }}
),

vehicles as (
    select * from {{ ref('stg_vehicles') }}
),

first_copies as (
    select *
    from landed
    qualify row_number() over (partition by event_id order by {{ in_arrival_order() }}) = 1
),

placed as (
    select
        first_copies.event_id,
        first_copies.vehicle_id,
        {{ service_date('first_copies.measured_at', "coalesce(vehicles.time_zone, '" ~ var('time_zone') ~ "')", 'coalesce(vehicles.cutover_hour, 0)') }} as service_date,
        first_copies.measured_at,
        first_copies.received_at,
        first_copies.odometer_m,
        first_copies.fuel_used_l,
        first_copies.energy_used_kwh,
        first_copies.idle_s,
        len(first_copies.harsh_events) as harsh_events
    from first_copies
    asof left join vehicles
        on first_copies.vehicle_id = vehicles.vehicle_id and first_copies.measured_at >= vehicles.valid_from_at
)

select * from placed
