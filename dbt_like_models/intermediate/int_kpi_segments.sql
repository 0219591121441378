{{ config(meta={'date_by_date': 'service_date'}) }}
{%- set segments = {
    'depot': 'depot_id', 'zone': 'zone', 'hour': 'local_hour', 'vehicle_class': 'vehicle_class',
    'driver': 'driver_id', 'vehicle': 'vehicle_id', 'carrier_model': 'carrier_model',
    'customer': 'customer_group', 'window_width': 'window_width', 'attempt_number': 'attempt_number'
} %}
with

items as (
    select * from {{ ref('int_kpi_orders') }}
    union all by name
    select * replace (cast(attempt_number as varchar) as attempt_number) from {{ ref('int_kpi_attempts') }}
    union all by name
    select * from {{ ref('int_kpi_stops') }}
    union all by name
    select * from {{ ref('int_kpi_etas') }}
    union all by name
    select * from {{ ref('int_kpi_routes') }}
    union all by name
    select * from {{ ref('int_kpi_route_costs') }}
    union all by name
    select * from {{ ref('int_kpi_deliveries') }}
),

known_items as (
    select
        kpi_id, service_date, currency, numerator, denominator, excluded, unknown, measure,
        {% for segment, column in segments.items() -%}
        coalesce({{ column }}, 'unknown') as {{ segment }}{{ "" if loop.last else "," }}
        {% endfor %}
    from items
),

segmented as (
    select
        kpi_id,
        service_date,
        currency,
        case
            {% for segment in segments -%}
            when grouping({{ segment }}) = 0 then '{{ segment }}'
            {% endfor -%}
            else 'all'
        end as segment,
        coalesce({{ segments | join(', ') }}, 'all') as segment_value,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        cast(sum(excluded) as bigint) as excluded,
        cast(sum(unknown) as bigint) as unknown,
        quantile_cont(measure, 0.5) as median,
        quantile_cont(measure, 0.9) as p90
    from known_items
    group by grouping sets (
        {% for segment in segments -%}
        (kpi_id, service_date, currency, {{ segment }}),
        {% endfor -%}
        (kpi_id, service_date, currency)
    )
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
