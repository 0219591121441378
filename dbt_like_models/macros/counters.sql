{% macro counter_step(column) -%}
case
            when {{ column }} >= lag({{ column }}) over by_time then {{ column }} - lag({{ column }}) over by_time
            when {{ column }} < lag({{ column }}) over by_time then 0
        end
{%- endmacro %}
