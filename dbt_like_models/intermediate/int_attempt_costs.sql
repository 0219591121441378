with

attempts as (
    select
        attempt_id, route_id, order_id, service_date, depot_id, zone, outcome,
        -- What is not known stays null: greatest() would make it 0.
        if(added_cost < 0, 0, added_cost) as added_cost
    from {{ ref('attempts') }}
    where {{ is_learned_from(ref('attempts')) }}
),

-- A route's whole cost goes to its attempts by what their stops added to it; evenly where that is not
-- known of all of them.
routes as (
    select
        route_id,
        count(*) as attempts,
        sum(attempts.added_cost) as added_cost,
        count(attempts.added_cost) = count(*) and sum(attempts.added_cost) > 0 as is_by_stop
    from attempts
    group by route_id
),

priced as (
    select routes.*, costs.currency, cast(costs.total_cost as double) as total_cost
    from routes
    inner join {{ ref('routes') }} as costs using (route_id)
    where costs.is_driven
),

shared as (
    select
        attempts.* exclude (added_cost),
        priced.currency,
        priced.is_by_stop,
        priced.total_cost * if(priced.is_by_stop, attempts.added_cost / priced.added_cost, 1 / priced.attempts) as cost
    from attempts
    left join priced using (route_id)
)

select * from shared
