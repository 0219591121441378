{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='service_date', batch_size='day', begin='2015-01-01') }}
with

words as (
    select * from {{ source('lake', 'delivery_etas') }}
),

vehicles as (
    select * from {{ ref('stg_vehicles') }}
),

single_words as (
    select *
    from words
    qualify row_number() over (partition by event_id order by {{ in_arrival_order() }}) = 1
),

placed as (
    select
        single_words.event_id,
        single_words.vehicle_id,
        single_words.shift_id,
        {{ service_date('single_words.estimated_at', "coalesce(vehicles.time_zone, '" ~ var('time_zone') ~ "')", 'coalesce(vehicles.cutover_hour, 0)') }} as service_date,
        single_words.estimated_at,
        single_words.stops,
        single_words.appended_at,
        single_words."partition",
        single_words."offset",
        single_words."index"
    from single_words
    asof left join vehicles
        on single_words.vehicle_id = vehicles.vehicle_id and single_words.estimated_at >= vehicles.valid_from_at
)

select * from placed
