with

words as (
    select * from {{ source('lake', 'dispatch_outcomes') }}
),

single_words as (
    select event_id, depot_id, command_id, proposal_id, status, decided_at, reason, plan_revision, appended_at
    from words
    qualify row_number() over (partition by event_id order by {{ in_arrival_order() }}) = 1
)

select * from single_words
