with

rates as (
    select * from {{ ref('stg_rates') }}
),

currencies as (
    select depot_id, min(currency) as depot_currency
    from rates
    group by depot_id
    having count(distinct currency) = 1
)

select * from currencies
