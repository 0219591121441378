{% macro haversine_m(lat_a, lon_a, lat_b, lon_b) %}2 * 6371008.8 * asin(least(1.0, sqrt(
            pow(sin(radians({{ lat_b }} - {{ lat_a }}) / 2), 2)
            + cos(radians({{ lat_a }})) * cos(radians({{ lat_b }})) * pow(sin(radians({{ lon_b }} - {{ lon_a }}) / 2), 2)
        ))){% endmacro %}
