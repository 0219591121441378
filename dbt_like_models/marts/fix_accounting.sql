with

fixes as (
    select * from {{ ref('stg_gps_fixes') }}
),

letters as (
    select * from {{ ref('stg_dead_letters') }} where source_topic = 'gps.fixes'
),

-- Every landed message once: each later copy of an event is a duplicate, its first copy is what was judged.
messages as (
    select service_date, outcome, '' as reason, count(*) as messages from fixes group by all
    union all
    select service_date, 'duplicate', '', sum(copies - 1) from fixes where copies > 1 group by all
    union all
    select rejected_date, 'rejected', rule, count(*) from letters group by all
),

summed as (
    select service_date, outcome, reason, cast(sum(messages) as bigint) as messages
    from messages
    group by all
)

select * from summed
