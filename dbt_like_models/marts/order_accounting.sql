with

events as (
    select * from {{ ref('stg_orders') }}
),

-- An order's place may come with a later event; here each event is looked at by itself.
counted as (
    select
        service_date,
        kind,
        case
            when is_null_island then 'its place is 0 N 0 E'
            when lat_deg is null then 'names no place'
            else ''
        end as without_place,
        case
            when received_at < ordered_at then 'received before it was ordered'
            when coalesce(timezone(time_zone, promised_day + interval 1 day), promised_until) < ordered_at then 'promised before it was ordered'
            when coalesce(timezone(time_zone, cast(promised_day as timestamp)), promised_until) > ordered_at + interval 1 year then 'promised over a year ahead'
            else ''
        end as oddity,
        count(*) as events
    from events
    group by all
)

select * from counted
