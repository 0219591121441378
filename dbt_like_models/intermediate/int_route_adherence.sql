with

stops as (
    select * from {{ ref('int_route_stops') }}
),

-- Of the stops that were planned and reached: which came next by plan, and which did.
reached as (
    select
        route_id,
        planned_rank,
        row_number() over (partition by route_id order by planned_rank) as planned_place,
        row_number() over (partition by route_id order by driven_rank) as driven_place
    from stops
    where is_planned and driven_rank is not null
),

pairs as (
    select
        route_id,
        lead(driven_place) over (partition by route_id order by planned_place) - driven_place as step
    from reached
),

kept as (
    select route_id, count(step) as planned_pairs, count_if(step = 1) as kept_pairs
    from pairs
    group by route_id
),

counted as (
    select
        route_id,
        count_if(is_planned) as planned_stops,
        count_if(is_assigned and (attempts > 0 or reached_at is null)) as assigned_stops,
        count_if(is_completed) as completed_stops,
        count_if(is_assigned and attempts = 0 and reached_at is not null) as unscanned_stops
    from stops
    group by route_id
)

select
    counted.*,
    coalesce(kept.planned_pairs, 0) as planned_pairs,
    coalesce(kept.kept_pairs, 0) as kept_pairs
from counted
left join kept using (route_id)
