with

scans as (
    select * from {{ ref('stg_scans') }}
),

attempts as (
    select distinct order_id from {{ ref('attempts') }}
),

-- Where each scan counts, or why it counts nowhere.
placed as (
    select
        scans.service_date,
        scans.kind,
        scans.outcome,
        case
            when scans.outcome <> 'accepted' then 'excluded'
            when scans.kind in ('delivered', 'failed', 'locker') and attempts.order_id is not null then 'attempt'
            when scans.kind in ('loaded', 'returned') and scans.order_id is not null then 'package'
            when scans.kind = 'arrived' and scans.vehicle_id is not null and scans.stop_id is not null then 'arrival'
            when scans.kind = 'departed' and (scans.shift_id is not null or scans.vehicle_id is not null) then 'route'
            else 'excluded'
        end as place,
        case
            when scans.outcome <> 'accepted' then scans.outcome
            when place <> 'excluded' then ''
            when scans.kind = 'arrived' then 'names no vehicle or no stop'
            when scans.kind = 'departed' then 'names no shift and no vehicle'
            else 'names no order'
        end as reason
    from scans
    left join attempts using (order_id)
),

counted as (
    select service_date, kind, outcome, place, reason, count(*) as scans
    from placed
    group by all
)

select * from counted
