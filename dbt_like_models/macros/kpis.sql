{% macro as_numbers() %}cast(numerator as double) as numerator, cast(denominator as double) as denominator,
    cast(excluded as bigint) as excluded, cast(unknown as bigint) as unknown{% endmacro %}
{# Counts that a side of a full join did not have. #}
{% macro or_zero(names) %}{% for name in names %}coalesce({{ name }}, 0) as {{ name }}{{ ', ' if not loop.last }}{% endfor %}{% endmacro %}
{# The dimensions by which KPIs are told, one at a time. #}
{% macro segment_names() %}depot zone hour vehicle_class driver vehicle carrier_model customer window_width attempt_number{% endmacro %}
{% macro known_segments() %}coalesce(depot_id, 'unknown') as depot, coalesce(zone, 'unknown') as zone,
        coalesce(local_hour, 'unknown') as hour, coalesce(vehicle_class, 'unknown') as vehicle_class,
        coalesce(driver_id, 'unknown') as driver, coalesce(vehicle_id, 'unknown') as vehicle,
        coalesce(carrier_model, 'unknown') as carrier_model, coalesce(customer_group, 'unknown') as customer,
        coalesce(window_width, 'unknown') as window_width, coalesce(attempt_number, 'unknown') as attempt_number{% endmacro %}
{# Which dimension a group of by_segment is of, and its value there. #}
{% macro segment() %}case{% for name in segment_names().split() %} when grouping({{ name }}) = 0 then '{{ name }}'{% endfor %} else 'all' end as segment,
        coalesce({{ segment_names().split() | join(', ') }}, 'all') as segment_value{% endmacro %}
{% macro by_segment() %}group by grouping sets (
        {% for name in segment_names().split() %}(kpi_id, service_date, currency, {{ name }}), {% endfor %}(kpi_id, service_date, currency)
    ){% endmacro %}
