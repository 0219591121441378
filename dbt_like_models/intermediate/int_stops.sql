with

promises as (
    select * from {{ ref('int_promises') }} where stop_id is not null
),

-- What was ordered last says where the stop is.
stops as (
    select
        stop_id,
        max_by(zone, (ordered_at, order_id)) filter (zone is not null) as zone,
        max_by(lat_deg, (ordered_at, order_id)) filter (lat_deg is not null) as lat_deg,
        max_by(lon_deg, (ordered_at, order_id)) filter (lon_deg is not null) as lon_deg,
        max_by(stop_kind, (ordered_at, order_id)) as stop_kind
    from promises
    group by stop_id
)

select * from stops
