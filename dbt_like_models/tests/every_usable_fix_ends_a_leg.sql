-- Accepted fixes of a vehicle at different moments are one more than its legs; legs are kept longer than fixes.
with

fixes as (
    select vehicle_id, count(distinct coalesce(corrected_at, fix_at)) as moments, min(coalesce(corrected_at, fix_at)) as first_at
    from {{ ref('stg_gps_fixes') }}
    where outcome = 'accepted' and not list_has_any(rules, ['null_island', 'poor_accuracy'])
    group by vehicle_id
),

kept as (
    select min(service_date) as first_date from {{ ref('stg_gps_fixes') }}
),

legs as (
    select legs.vehicle_id, count(*) as legs
    from {{ ref('int_legs') }} as legs
    cross join kept
    left join fixes on legs.vehicle_id = fixes.vehicle_id
    where legs.service_date >= kept.first_date and coalesce(legs.ended_at > fixes.first_at, true)
    group by legs.vehicle_id
)

select vehicle_id, fixes.moments, legs.legs
from fixes
full join legs using (vehicle_id)
where coalesce(fixes.moments, 0) <> coalesce(legs.legs, 0) + 1
