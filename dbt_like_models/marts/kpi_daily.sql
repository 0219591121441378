{{ config(materialized='view') }}
with

figures as (
    select * from {{ ref('int_kpi_daily') }}
),

-- Of dates beyond their retention some rows may be left, which no figure is to be made of.
kept as (
    select *
    from figures
    where service_date >= coalesce((select min(service_date) from {{ ref('int_service_dates') }}), service_date)
)

select kept.*, as_of
from kept
cross join {{ ref('int_as_of') }}
