with

visits as (
    select * from {{ ref('int_visits') }}
)

select * from visits
