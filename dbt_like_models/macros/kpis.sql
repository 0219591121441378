{% macro as_numbers() %}cast(numerator as double) as numerator, cast(denominator as double) as denominator,
    cast(excluded as bigint) as excluded, cast(unknown as bigint) as unknown{% endmacro %}
{# Counts that a side of a full join did not have. #}
{% macro or_zero(names) %}{% for name in names %}coalesce({{ name }}, 0) as {{ name }}{{ ', ' if not loop.last }}{% endfor %}{% endmacro %}
