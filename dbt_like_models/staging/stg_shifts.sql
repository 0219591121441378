with

records as (
    select * from {{ source('lake', 'reference_shifts') }}
),

last_words as (
    select
        shift_id, depot_id, service_date, vehicle_id, pseudonym('driver', driver_id) as driver_id, starts_at, ends_at,
        event_id, "partition", "offset", "index"
    from records
    qualify row_number() over (
        partition by shift_id
        order by effective_at desc, appended_at desc, "partition" desc, "offset" desc, "index" desc
    ) = 1
)

select * from last_words
