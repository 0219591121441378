{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='service_date', batch_size='day', begin='2015-01-01') }}
with

landed as (
    select * from {{ source('lake', 'delivery_orders') }}
),

depots as (
    select * from {{ ref('stg_depots') }}
),

first_copies as (
    select *
    from landed
    qualify row_number() over (partition by event_id order by {{ in_arrival_order() }}) = 1
),

placed as (
    select
        first_copies.event_id,
        first_copies.order_id,
        first_copies.kind,
        first_copies.depot_id,
        coalesce(depots.time_zone, '{{ var("time_zone") }}') as time_zone,
        coalesce(depots.cutover_hour, 0) as cutover_hour,
        {{ service_date('first_copies.ordered_at', "coalesce(depots.time_zone, '" ~ var('time_zone') ~ "')", 'coalesce(depots.cutover_hour, 0)') }} as service_date,
        first_copies.ordered_at,
        first_copies.received_at,
        first_copies.appended_at,
        first_copies.promised_from,
        first_copies.promised_until,
        first_copies.promised_day,
        first_copies.stop_id,
        first_copies.stop_kind,
        first_copies.carrier_id,
        pseudonym('customer', first_copies.customer_ref) as customer_ref,
        len(first_copies.packages) as packages,
        list_transform(first_copies.packages, lambda package: package.package_id) as package_ids,
        -- 0 N 0 E is what a form says that was left empty: no order is delivered there.
        coalesce(first_copies.lat_deg = 0 and first_copies.lon_deg = 0, false) as is_null_island,
        if(is_null_island, null, first_copies.lat_deg) as lat_deg,
        if(is_null_island, null, first_copies.lon_deg) as lon_deg,
        if(is_null_island, null, first_copies.h3_cell) as zone,
        first_copies."partition",
        first_copies."offset",
        first_copies."index"
    from first_copies
    asof left join depots
        on first_copies.depot_id = depots.depot_id and first_copies.ordered_at >= depots.valid_from_at
)

select * from placed
