{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='service_date', batch_size='day', begin='2015-01-01') }}
with

landed as (
    select * from {{ source('lake', 'delivery_scans') }}
),

verdicts as (
    select * from {{ ref('stg_verdicts') }} where judged_topic = 'delivery.scans'
),

vehicles as (
    select * from {{ ref('stg_vehicles') }}
),

depots as (
    select * from {{ ref('stg_depots') }}
),

first_copies as (
    select *
    from landed
    qualify row_number() over (partition by event_id order by {{ in_arrival_order() }}) = 1
),

judged as (
    select
        first_copies.* replace (coalesce(verdicts.corrected_at, first_copies.scanned_at) as scanned_at),
        {{ outcome('verdicts') }} as outcome
    from first_copies
    left join verdicts
        on first_copies.event_id = verdicts.judged_event_id
        and first_copies."partition" = verdicts.judged_partition
        and first_copies."offset" = verdicts.judged_offset
        and first_copies."index" = verdicts.judged_index
),

with_depot as (
    select judged.* exclude (depot_id), coalesce(judged.depot_id, vehicles.depot_id) as depot_id
    from judged
    asof left join vehicles
        on judged.vehicle_id = vehicles.vehicle_id and judged.scanned_at >= vehicles.valid_from_at
    where judged.outcome <> 'duplicate'
),

placed as (
    select
        with_depot.event_id,
        with_depot.kind,
        with_depot.depot_id,
        coalesce(depots.time_zone, '{{ var("time_zone") }}') as time_zone,
        {{ service_date('with_depot.scanned_at', "coalesce(depots.time_zone, '" ~ var('time_zone') ~ "')", 'coalesce(depots.cutover_hour, 0)') }} as service_date,
        with_depot.scanned_at,
        with_depot.received_at,
        with_depot.vehicle_id,
        with_depot.carrier_id,
        with_depot.shift_id,
        pseudonym('driver', with_depot.driver_id) as driver_id,
        with_depot.stop_id,
        with_depot.order_id,
        with_depot.package_ids,
        with_depot.attempt_number,
        with_depot.failure_reason,
        if(with_depot.lat_deg = 0 and with_depot.lon_deg = 0, null, with_depot.h3_cell) as zone,
        with_depot.outcome,
        with_depot.appended_at,
        with_depot."partition",
        with_depot."offset",
        with_depot."index"
    from with_depot
    asof left join depots
        on with_depot.depot_id = depots.depot_id and with_depot.scanned_at >= depots.valid_from_at
)

select * from placed
