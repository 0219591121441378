with

words as (
    select * from {{ source('lake', 'stream_verdicts') }}
),

-- A worker that was killed says some verdicts again, with the same event_id.
single_words as (
    select *
    from words
    qualify row_number() over (partition by event_id order by {{ in_arrival_order() }}) = 1
),

gathered as (
    select
        judged_topic,
        judged_event_id,
        judged_partition,
        judged_offset,
        judged_index,
        bool_or(kind = 'duplicate') as is_duplicate,
        bool_or(kind = 'repeat') as is_repeat,
        bool_or(kind = 'not_judged') as is_not_judged,
        list_sort(list_distinct(list(rule))) as rules,
        max(corrected_at) as corrected_at
    from single_words
    group by all
)

select * from gathered
