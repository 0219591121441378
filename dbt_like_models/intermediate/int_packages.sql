with

promises as (
    select order_id, package_ids, cancelled_at from {{ ref('int_promises') }}
),

scans as (
    select order_id, kind, scanned_at, event_id, coalesce(package_ids, []) as package_ids
    from {{ ref('stg_scans') }}
    where outcome = 'accepted' and order_id is not null
),

named as (
    select order_id, unnest(package_ids) as package_id, true as is_ordered from promises
    union all
    select order_id, unnest(package_ids) as package_id, false as is_ordered from scans
),

of_named as (
    select order_id, package_id, bool_or(is_ordered) as is_ordered, true as is_named
    from named
    group by order_id, package_id
),

-- An order of which nobody names the packages counts as one.
of_unnamed as (
    select order_id, order_id as package_id, true as is_ordered, false as is_named
    from (select order_id from promises union select order_id from scans)
    anti join of_named using (order_id)
),

packages as (
    from of_named
    union all
    from of_unnamed
),

-- A scan that names no package speaks of all of its order.
followed as (
    select
        packages.*,
        min(scans.scanned_at) filter (scans.kind = 'loaded') as loaded_at,
        min(scans.scanned_at) filter (scans.kind in ('delivered', 'locker')) as delivered_at,
        max(scans.scanned_at) filter (scans.kind = 'returned') as returned_at,
        max(scans.scanned_at) as last_scan_at,
        max_by(scans.kind, (scans.scanned_at, scans.event_id))
            filter (scans.kind in ('delivered', 'locker', 'returned')) as last_place
    from packages
    left join scans
        on packages.order_id = scans.order_id
        and (len(scans.package_ids) = 0 or not packages.is_named or list_contains(scans.package_ids, packages.package_id))
    group by all
)

select
    * exclude (last_place, cancelled_at),
    case
        when last_place = 'returned' then 'returned'
        when last_place is not null then 'delivered'
        when last_scan_at is null and cancelled_at is not null then 'cancelled'
        else 'open'
    end as status
from followed
left join (select order_id, cancelled_at from promises) using (order_id)
