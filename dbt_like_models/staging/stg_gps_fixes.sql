{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='service_date', batch_size='day', begin='2015-01-01', meta={'begins': 'fix_at', 'ends': 'fix_at'}) }}
with

landed as not materialized (
    select * from {{ source('lake', 'gps_fixes') }} where fix_at between '{{ var("first_at") }}' and '{{ var("last_at") }}'
),

verdicts as (
    select * from {{ ref('stg_verdicts') }} where judged_topic = 'gps.fixes'
),

vehicles as (
    select *, {{ valid_until('vehicle_id') }} as valid_until_at from {{ ref('stg_vehicles') }}
),

{{ first_copies_of_landed() }},

judged as (
    select
        first_copies.*,
        coalesce(verdicts.rules, []) as rules,
        verdicts.corrected_at,
        {{ outcome('verdicts') }} as told,
        coalesce(verdicts.corrected_at, first_copies.fix_at) >= rostered.since_at and duty.vehicle_id is null as is_off_duty
    from first_copies
    left join verdicts
        on first_copies.event_id = verdicts.judged_event_id
        and first_copies."partition" = verdicts.judged_partition
        and first_copies."offset" = verdicts.judged_offset
        and first_copies."index" = verdicts.judged_index
    -- Outside of duty a vehicle that has had a shift is somebody's own: its position stays in the lake.
    left join (select vehicle_id, min(starts_at) as since_at from {{ ref('stg_shifts') }} group by vehicle_id) as rostered
        on first_copies.vehicle_id = rostered.vehicle_id
    left join ({{ duty_quarters() }}) as duty
        on first_copies.vehicle_id = duty.vehicle_id
        and time_bucket(interval 15 minutes, coalesce(verdicts.corrected_at, first_copies.fix_at)) = duty.quarter_at
),

placed as (
    select
        cast(judged.event_id as uuid) as event_id, -- as text it would be most of the table
        judged.vehicle_id,
        vehicles.depot_id,
        {{ service_date('coalesce(judged.corrected_at, judged.fix_at)', "coalesce(vehicles.time_zone, '" ~ var('time_zone') ~ "')", 'coalesce(vehicles.cutover_hour, 0)') }} as service_date,
        hour({{ local_at('coalesce(judged.corrected_at, judged.fix_at)', "coalesce(vehicles.time_zone, '" ~ var('time_zone') ~ "')") }}) as local_hour,
        judged.fix_at,
        judged.corrected_at,
        judged.received_at,
        if(judged.is_off_duty, null, judged.lat_deg) as lat_deg,
        if(judged.is_off_duty, null, judged.lon_deg) as lon_deg,
        if(judged.is_off_duty, null, judged.speed_mps) as speed_mps,
        if(judged.is_off_duty, null, judged.odometer_m) as odometer_m,
        if(judged.is_off_duty, null, judged.h3_cell) as zone,
        if(judged.is_off_duty and judged.told = 'accepted', 'off_duty', judged.told) as outcome,
        judged.rules,
        judged.copies,
        judged.appended_at,
        judged."partition",
        judged."offset",
        judged."index"
    from judged
    left join vehicles
        on judged.vehicle_id = vehicles.vehicle_id
        and judged.fix_at >= vehicles.valid_from_at and judged.fix_at < vehicles.valid_until_at
)

select * from placed
