with

ticks as (
    select * from {{ source('lake', 'clock_ticks') }}
),

last_ticks as (
    select "partition", max(now_at) as now_at, count(*) as ticks
    from ticks
    group by all
)

select * from last_ticks
