{{ config(meta={'date_by_date': 'service_date'}) }}
with

items as (
    select * from {{ ref('int_kpi_orders') }}
    union all by name
    select * replace (cast(attempt_number as varchar) as attempt_number) from {{ ref('int_kpi_attempts') }}
    union all by name
    select * exclude (measure) from {{ ref('int_kpi_stops') }}
    union all by name
    select * from {{ ref('int_kpi_etas') }}
    union all by name
    select * from {{ ref('int_kpi_routes') }}
    union all by name
    select * from {{ ref('int_kpi_route_costs') }}
    union all by name
    select * exclude (measure) from {{ ref('int_kpi_deliveries') }}
),

known_items as (
    select kpi_id, service_date, currency, numerator, denominator, excluded, unknown, {{ known_segments() }}
    from items
),

segmented as (
    select
        kpi_id,
        service_date,
        currency,
        {{ segment() }},
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        cast(sum(excluded) as bigint) as excluded,
        cast(sum(unknown) as bigint) as unknown
    from known_items
    {{ by_segment() }}
),

-- The catalogue says which segments the grain of a KPI allows.
definitions as (
    select *
    from {{ ref('kpi_catalogue') }}
    qualify row_number() over (partition by kpi_id order by version desc) = 1
),

allowed as (
    select kpi_id, unnest(string_split('all ' || segments, ' ')) as segment from definitions
)

select segmented.*
from segmented
semi join allowed on segmented.kpi_id = allowed.kpi_id and segmented.segment = allowed.segment
