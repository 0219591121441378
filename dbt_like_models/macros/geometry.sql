{# Null where a place is not known: least() alone passes over nulls, and would find it half the Earth away. #}
{% macro haversine_m(lat_a, lon_a, lat_b, lon_b) %}if({{ lat_a }} + {{ lon_a }} + {{ lat_b }} + {{ lon_b }} is null, null, 2 * 6371008.8 * asin(least(1.0, sqrt(
            pow(sin(radians({{ lat_b }} - {{ lat_a }}) / 2), 2)
            + cos(radians({{ lat_a }})) * cos(radians({{ lat_b }})) * pow(sin(radians({{ lon_b }} - {{ lon_a }}) / 2), 2)
        )))){% endmacro %}
