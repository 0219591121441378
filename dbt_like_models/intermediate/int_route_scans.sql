with

routes as (
    select * from {{ ref('int_routes') }}
),

scans as (
    select * from {{ ref('stg_scans') }} where outcome = 'accepted'
),

claimed as (
    select
        coalesce(by_shift.route_id, by_time.route_id) as route_id,
        min(scans.scanned_at) filter (scans.kind = 'departed') as departed_at,
        max(scans.scanned_at) filter (scans.kind not in ('loaded', 'departed')) as last_scan_at
    from scans
    left join routes as by_shift on scans.shift_id = by_shift.shift_id
    asof left join routes as by_time
        on scans.vehicle_id = by_time.vehicle_id
        and scans.service_date = by_time.service_date
        and scans.scanned_at >= by_time.claims_from_at
    group by all
)

select * from claimed where route_id is not null
