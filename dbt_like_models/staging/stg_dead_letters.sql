with

letters as (
    select * from {{ source('lake', 'dead_letters') }}
),

-- A letter has no event_id: the place that it speaks of and the bytes tell a repeated one. Another file
-- may have the same name, and a topic that was made again the same offsets.
single_letters as (
    select
        coalesce(source_topic, 'unknown') as source_topic,
        source_partition,
        source_offset,
        source_index,
        source_file,
        source_row,
        coalesce(rule, 'a rule that the letter does not name') as rule,
        octet_length(raw) as raw_bytes,
        {{ service_date('appended_at', "'" ~ var('time_zone') ~ "'", '0') }} as rejected_date,
        appended_at
    from letters
    qualify row_number() over (
        partition by
            source_topic, source_partition, source_offset, source_index, source_file, source_row, md5(raw),
            case when source_offset is null and source_row is null then "offset" end
        order by {{ in_arrival_order() }}
    ) = 1
)

select * from single_letters
