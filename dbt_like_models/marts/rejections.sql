with

letters as (
    select * from {{ ref('stg_dead_letters') }}
),

counted as (
    select
        rejected_date,
        source_topic,
        source_file,
        rule as reason,
        count(*) as letters,
        min(source_row) as first_row,
        max(source_row) as last_row
    from letters
    group by all
)

select * from counted
