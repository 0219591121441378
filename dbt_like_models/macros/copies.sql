{# CTEs from ``landed`` to ``first_copies``: the first copy of each event, and how many copies landed. #}
{% macro first_copies_of_landed() %}-- Few fixes land twice: a window over all of them would sort the whole day. All columns are read once.
repeated as (
    select hash(event_id) as id_hash from landed group by id_hash having count(*) > 1
),

copies as (
    select
        event_id, appended_at, "partition", "offset", "index", count(*) over (partition by event_id) as copies,
        row_number() over (partition by event_id order by {{ in_arrival_order() }}) as copy,
        count(*) over (partition by event_id, {{ in_arrival_order() }}) > 1 as is_in_two_files
    from landed
    where hash(event_id) in (from repeated)
),

first_copies as (
    select landed.*, coalesce(copies.copies, 1) as copies
    from landed
    left join copies using (event_id, appended_at, "partition", "offset", "index")
    where coalesce(copies.copy = 1 and not copies.is_in_two_files, true)
    union all
    -- One landed row in two files is two of the same place.
    select distinct on (landed.event_id) landed.*, copies.copies
    from landed
    inner join copies using (event_id, appended_at, "partition", "offset", "index")
    where copies.copy = 1 and copies.is_in_two_files
){% endmacro %}
