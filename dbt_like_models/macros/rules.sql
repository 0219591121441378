{# 110 km/h, as the streams have it: for vehicles whose record has no limit. #}
{% macro default_speed_limit_mps() %}30.56{% endmacro %}
{# Below this wheels stand. #}
{% macro still_speed_mps() %}0.25{% endmacro %}
{# Customers with fewer orders on a day stand together as others: a figure of one door is no statistic. #}
{% macro least_orders_of_a_customer() %}5{% endmacro %}
{# Chords between sparse fixes cut corners: GPS and odometer may be this share apart, and a kilometre. #}
{% macro odometer_tolerance() %}0.15{% endmacro %}
{# 145 km/h: Geotab's default for excessive speeding. #}
{% macro excessive_speed_mps() %}40.28{% endmacro %}
{# 100 km: over less, one harsh event would take more than ten of a rule's hundred points. #}
{% macro least_distance_of_a_score_m() %}100000{% endmacro %}
