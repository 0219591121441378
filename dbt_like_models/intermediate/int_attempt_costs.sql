with

routes as (
    select route_id, currency, total_cost from {{ ref('routes') }} where is_driven
),

attempts as (
    select * exclude (currency) from {{ ref('attempts') }}
),

-- A route's whole cost goes to its attempts by what their stops added to it; evenly where that is not
-- known of all of them.
weighed as (
    select
        attempts.attempt_id,
        attempts.route_id,
        attempts.order_id,
        attempts.stop_id,
        attempts.service_date,
        attempts.depot_id,
        attempts.zone,
        attempts.outcome,
        routes.currency,
        routes.total_cost,
        count(attempts.added_cost) over of_route = count(*) over of_route
        and sum(greatest(attempts.added_cost, 0)) over of_route > 0 as is_by_stop,
        if(is_by_stop, greatest(attempts.added_cost, 0), 1) as weight
    from attempts
    left join routes using (route_id)
    window of_route as (partition by attempts.route_id)
)

select
    * exclude (total_cost, weight),
    cast(total_cost as double) * weight / sum(weight) over (partition by route_id) as cost
from weighed
