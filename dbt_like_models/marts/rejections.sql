with

letters as (
    select * from {{ ref('stg_dead_letters') }}
),

-- Values within a reason are of one event; what is left is the rule that it broke.
counted as (
    select
        rejected_date,
        source_topic,
        source_file,
        regexp_replace(regexp_replace(reason, '''[^'']*''|"[^"]*"', '…', 'g'), '[-+]?[0-9]([0-9.:+T-]*[0-9])?( [0-9:.+]+[0-9])?', '…', 'g') as reason,
        count(*) as letters,
        min(source_row) as first_row,
        max(source_row) as last_row
    from letters
    group by all
)

select * from counted
