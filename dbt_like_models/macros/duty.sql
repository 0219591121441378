{# Quarters of an hour in which a vehicle is on duty: around its shifts, and for a while after each scan. #}
{% macro duty_quarters() %}select distinct
        vehicle_id,
        unnest(generate_series(time_bucket(interval 15 minutes, from_at), until_at, interval 15 minutes)) as quarter_at
    from (
        select
            vehicle_id,
            starts_at - to_seconds({{ assumption('duty_before_s') }}) as from_at,
            ends_at + to_seconds({{ assumption('duty_after_s') }}) as until_at
        from {{ ref('stg_shifts') }}
        where service_date between date '{{ var("first_date") }}' - 2 and date '{{ var("last_date") }}' + 2
        union all
        select vehicle_id, scanned_at, scanned_at + to_seconds({{ assumption('duty_after_s') }})
        from {{ source('lake', 'delivery_scans') }}
        where vehicle_id is not null
    ){% endmacro %}
