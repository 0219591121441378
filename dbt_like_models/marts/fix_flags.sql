with

fixes as (
    select service_date, outcome, unnest(rules) as rule from {{ ref('stg_gps_fixes') }}
),

flags as (
    select service_date, rule, outcome, count(*) as fixes
    from fixes
    group by all
)

select * from flags
