{{ config(meta={'date_by_date': 'service_date'}) }}
with

-- Durations alone have a distribution. Of all items it takes twice as long as all of their sums.
items as (
    select * from {{ ref('int_kpi_stops') }}
    union all by name
    select * from {{ ref('int_kpi_deliveries') }}
),

known_items as (
    select kpi_id, service_date, currency, measure, {{ known_segments() }}
    from items
    where measure is not null
),

segmented as (
    select
        kpi_id,
        service_date,
        currency,
        {{ segment() }},
        quantile_cont(measure, [0.5, 0.9]) as quantiles
    from known_items
    {{ by_segment() }}
)

select * exclude (quantiles), quantiles[1] as median, quantiles[2] as p90
from segmented
