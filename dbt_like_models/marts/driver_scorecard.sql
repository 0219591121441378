with

days as (
    select * from {{ ref('drivers') }}
),

weights as (
    select
        max(weight) filter (rule = 'harsh_acceleration') as acceleration,
        max(weight) filter (rule = 'harsh_braking') as braking,
        max(weight) filter (rule = 'harsh_cornering') as cornering,
        max(weight) filter (rule = 'speeding') as speeding,
        max(weight) filter (rule = 'excessive_speeding') as excessive
    from {{ ref('driver_score_rules') }}
),

-- One day says little: each row is over the four weeks that end with its date.
summed as (
    select
        driver_id,
        service_date,
        last_value(depot_id) over weeks as depot_id,
        count(*) over weeks as days,
        {% for name in ['distance_m', 'watched_m', 'speeds_known_m', 'harsh_accelerations', 'harsh_brakings', 'harsh_cornerings', 'moving_s', 'speeding_s', 'excessive_minutes', 'idle_s', 'idle_watched_s'] -%}
        coalesce(sum({{ name }}) over weeks, 0) as {{ name }}{{ "" if loop.last else "," }}
        {% endfor %}
    from days
    window weeks as (partition by driver_id order by service_date range between interval 27 days preceding and current row)
),

-- Of a rule nothing is known without telemetry, or without speeds.
scored as (
    select
        *,
        distance_m >= {{ least_distance_of_a_score_m() }} as is_rated,
        {% for rule in ['acceleration', 'braking', 'cornering'] -%}
        if(watched_m >= {{ least_distance_of_a_score_m() }}, greatest(0, 100 - 1e6 * harsh_{{ rule }}s / watched_m), null) as {{ rule }}_score,
        {% endfor -%}
        if(speeds_known_m >= {{ least_distance_of_a_score_m() }}, greatest(0, 100 - 100 * speeding_s / moving_s), null) as speeding_score,
        if(speeds_known_m >= {{ least_distance_of_a_score_m() }}, greatest(0, 100 - 1e6 * excessive_minutes / speeds_known_m), null) as excessive_score
    from summed
),

weighed as (
    select
        scored.*,
        {% for rule in ['acceleration', 'braking', 'cornering', 'speeding', 'excessive'] -%}
        if({{ rule }}_score is null, 0, weights.{{ rule }}){{ "" if loop.last else " + " }}
        {%- endfor %} as known_weight,
        ({% for rule in ['acceleration', 'braking', 'cornering', 'speeding', 'excessive'] -%}
        coalesce({{ rule }}_score * weights.{{ rule }}, 0){{ "" if loop.last else " + " }}
        {%- endfor %}) / nullif(known_weight, 0) as score
    from scored
    cross join weights
)

select
    driver_id, service_date, depot_id, days, distance_m, watched_m, speeds_known_m, is_rated,
    harsh_accelerations / nullif(watched_m / 1e5, 0) as harsh_accelerations_per_100_km,
    harsh_brakings / nullif(watched_m / 1e5, 0) as harsh_brakings_per_100_km,
    harsh_cornerings / nullif(watched_m / 1e5, 0) as harsh_cornerings_per_100_km,
    speeding_s / nullif(moving_s, 0) as speeding_share,
    excessive_minutes / nullif(speeds_known_m / 1e5, 0) as excessive_minutes_per_100_km,
    idle_s / nullif(idle_watched_s, 0) as idle_share,
    acceleration_score, braking_score, cornering_score, speeding_score, excessive_score, known_weight,
    round(score, 2) as score,
    case when score >= 90 then 'low' when score >= 75 then 'mild' when score >= 60 then 'medium' when score >= 0 then 'high' end as risk
from weighed
