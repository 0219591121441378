with

words as (
    select * from {{ source('lake', 'fleet_alerts') }}
),

single_words as (
    select event_id, alert_id, depot_id, vehicle_id, kind, phase, judged_at, evidence, appended_at
    from words
    qualify row_number() over (partition by event_id order by {{ in_arrival_order() }}) = 1
)

select * from single_words
