{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='service_date', batch_size='day', begin='2015-01-01') }}
with

built as (
    select cast(unnest(generate_series(date '{{ var("first_date") }}', date '{{ var("last_date") }}', interval 1 day)) as date) as service_date
)

select * from built
