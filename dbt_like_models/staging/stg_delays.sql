with

words as (
    select * from {{ source('lake', 'delivery_delays') }}
),

single_words as (
    select
        event_id,
        alert_id,
        depot_id,
        vehicle_id,
        shift_id,
        stop_id,
        rule,
        phase,
        judged_at,
        delay_s,
        cause,
        evidence,
        p50_at,
        p90_at,
        closes_at,
        appended_at,
        "partition",
        "offset",
        "index"
    from words
    qualify row_number() over (partition by event_id order by {{ in_arrival_order() }}) = 1
)

select * from single_words
