{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='service_date', batch_size='day', begin='2015-01-01') }}
with

landed as (
    select * from {{ source('lake', 'vehicle_telemetry') }}
),

verdicts as (
    select * from {{ ref('stg_verdicts') }} where judged_topic = 'vehicle.telemetry'
),

vehicles as (
    select * from {{ ref('stg_vehicles') }}
),

first_copies as (
    select *
    from landed
    qualify row_number() over (partition by event_id order by {{ in_arrival_order() }}) = 1
),

judged as (
    select
        first_copies.* replace (coalesce(verdicts.corrected_at, first_copies.measured_at) as measured_at),
        {{ outcome('verdicts') }} as outcome
    from first_copies
    left join verdicts
        on first_copies.event_id = verdicts.judged_event_id
        and first_copies."partition" = verdicts.judged_partition
        and first_copies."offset" = verdicts.judged_offset
        and first_copies."index" = verdicts.judged_index
),

placed as (
    select
        judged.event_id,
        judged.vehicle_id,
        {{ service_date('judged.measured_at', "coalesce(vehicles.time_zone, '" ~ var('time_zone') ~ "')", 'coalesce(vehicles.cutover_hour, 0)') }} as service_date,
        judged.measured_at,
        judged.received_at,
        judged.odometer_m,
        judged.fuel_used_l,
        judged.energy_used_kwh,
        judged.idle_s,
        len(judged.harsh_events) as harsh_events,
        len(list_filter(judged.harsh_events, lambda event: event.kind = 'acceleration')) as harsh_accelerations,
        len(list_filter(judged.harsh_events, lambda event: event.kind = 'braking')) as harsh_brakings,
        len(list_filter(judged.harsh_events, lambda event: event.kind = 'cornering')) as harsh_cornerings,
        judged.outcome,
        judged.appended_at,
        judged."partition",
        judged."offset",
        judged."index"
    from judged
    asof left join vehicles
        on judged.vehicle_id = vehicles.vehicle_id and judged.measured_at >= vehicles.valid_from_at
    where judged.outcome <> 'duplicate'
)

select * from placed
