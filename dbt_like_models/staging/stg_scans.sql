{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='service_date', batch_size='day', begin='2015-01-01') }}
with

landed as (
    select * from {{ source('lake', 'delivery_scans') }}
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

with_depot as (
    select first_copies.* exclude (depot_id), coalesce(first_copies.depot_id, vehicles.depot_id) as depot_id
    from first_copies
    asof left join vehicles
        on first_copies.vehicle_id = vehicles.vehicle_id and first_copies.scanned_at >= vehicles.valid_from_at
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
        with_depot.driver_id,
        with_depot.stop_id,
        with_depot.order_id,
        with_depot.package_ids,
        with_depot.attempt_number,
        with_depot.failure_reason,
        with_depot.h3_cell as zone
    from with_depot
    asof left join depots
        on with_depot.depot_id = depots.depot_id and with_depot.scanned_at >= depots.valid_from_at
)

select * from placed
