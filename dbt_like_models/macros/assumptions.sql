{% macro assumption(name) %}(select value from {{ ref('assumptions') }} where assumption = '{{ name }}'){% endmacro %}
{# Dates up to the latest of ``relation`` that are learned from. #}
{% macro is_learned_from(relation) %}service_date > (select max(service_date) from {{ relation }}) - cast({{ assumption('learning_days') }} as integer){% endmacro %}
{# E. B. Wilson's interval of a rate (JASA 22, 1927): its lower (-1) or upper (+1) end. #}
{% macro wilson(hits, trials, side) %}if({{ trials }} = 0, null, greatest(0, least(1, (
            {{ hits }} + z * z / 2 {{ '+' if side > 0 else '-' }} z * sqrt({{ hits }} * ({{ trials }} - {{ hits }}) / {{ trials }} + z * z / 4)
        ) / ({{ trials }} + z * z)))){% endmacro %}
