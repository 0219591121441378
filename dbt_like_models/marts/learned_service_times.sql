with

kinds as (
    select stop_id, stop_kind from {{ ref('int_stops') }}
),

parcels as (
    select attempts.route_id, attempts.stop_id, sum(orders.parcels) as parcels
    from {{ ref('attempts') }} as attempts
    inner join {{ ref('orders') }} as orders using (order_id)
    where attempts.{{ is_learned_from(ref('attempts')) }}
    group by attempts.route_id, attempts.stop_id
),

visits as (
    select
        coalesce(visits.depot_id, 'unknown') as depot_id,
        coalesce(kinds.stop_kind, 'unknown') as stop_kind,
        case when parcels.parcels <= 1 then '1' when parcels.parcels > 1 then '2+' else 'unknown' end as parcels,
        visits.dwell_s
    from {{ ref('stop_visits') }} as visits
    left join kinds on visits.stop_id = kinds.stop_id
    left join parcels on visits.stop_id = parcels.stop_id and visits.route_id = parcels.route_id
    where not visits.is_depot and {{ is_learned_from(ref('stop_visits')) }}
),

learned as (
    select
        depot_id,
        stop_kind,
        case when grouping(parcels) = 1 then 'all' else parcels end as parcels,
        count(dwell_s) as visits,
        count(*) - count(dwell_s) as unknown,
        quantile_cont(dwell_s, 0.5) as median_s,
        quantile_cont(dwell_s, 0.9) as p90_s
    from visits
    group by grouping sets ((depot_id, stop_kind, parcels), (depot_id, stop_kind))
)

select *, visits >= {{ assumption('least_sample') }} as is_enough
from learned
