{% macro as_numbers() %}cast(numerator as double) as numerator, cast(denominator as double) as denominator,
    cast(excluded as bigint) as excluded, cast(unknown as bigint) as unknown{% endmacro %}
