-- Accepted fixes of a vehicle at different moments are one more than its legs.
with

fixes as (
    select vehicle_id, count(distinct fix_at) as moments
    from {{ ref('stg_gps_fixes') }}
    where outcome = 'accepted' and not list_has_any(rules, ['null_island', 'poor_accuracy'])
    group by vehicle_id
),

legs as (
    select vehicle_id, count(*) as legs from {{ ref('int_legs') }} group by vehicle_id
)

select vehicle_id, fixes.moments, legs.legs
from fixes
full join legs using (vehicle_id)
where coalesce(fixes.moments, 0) <> coalesce(legs.legs, 0) + 1
