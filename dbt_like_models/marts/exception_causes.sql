with

exceptions as (
    select * from {{ ref('exceptions') }}
),

by_cause as (
    select
        service_date,
        depot_id,
        kind,
        cause,
        currency,
        count(*) as exceptions,
        count(added_cost) as costed,
        sum(added_cost) as added_cost,
        count(added_co2e_kg) as measured,
        sum(added_co2e_kg) as added_co2e_kg
    from exceptions
    group by all
)

select * from by_cause
