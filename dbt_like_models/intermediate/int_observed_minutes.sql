{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='service_date', batch_size='day', begin='2015-01-01') }}
with

fixes as (
    select vehicle_id, service_date, coalesce(corrected_at, fix_at) as seen_at
    from {{ ref('stg_gps_fixes') }}
    where outcome = 'accepted' and service_date between '{{ var("first_date") }}' and '{{ var("last_date") }}'
),

minutes as (
    select vehicle_id, service_date, date_trunc('minute', seen_at) as minute_at, count(*) as fixes
    from fixes
    group by all
)

select * from minutes
