{% macro local_at(at, zone) %}timezone({{ zone }}, {{ at }}){% endmacro %}
{% macro service_date(at, zone, cutover_hour) %}cast(timezone({{ zone }}, {{ at }} - to_hours({{ cutover_hour }})) as date){% endmacro %}
{% macro in_arrival_order() %}appended_at, "partition", "offset", "index"{% endmacro %}
{% macro valid_from(id) %}case
        when lag(effective_at) over (partition by {{ id }} order by effective_at) is null then '-infinity'::timestamptz
        else effective_at
    end{% endmacro %}
{# Where a record ends: a hash join on the id and both ends need not sort the other side, as an ASOF join does. #}
{% macro valid_until(id) %}coalesce(lead(valid_from_at) over (partition by {{ id }} order by valid_from_at), 'infinity'::timestamptz){% endmacro %}
