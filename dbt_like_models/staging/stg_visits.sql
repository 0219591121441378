with

words as (
    select * from {{ source('lake', 'delivery_visits') }}
),

single_words as (
    select
        event_id,
        visit_id,
        vehicle_id,
        depot_id,
        stop_id,
        phase,
        arrived_at,
        departed_at,
        dwell_s,
        known_by,
        is_depot,
        shift_id,
        scans,
        is_confirmed_by_scan,
        contradiction,
        changes,
        appended_at,
        "partition",
        "offset",
        "index"
    from words
    qualify row_number() over (partition by event_id order by {{ in_arrival_order() }}) = 1
)

select * from single_words
