-- What attempts cost, with the routes that made none, is what the routes cost, within a cent a day.
with

by_attempt as (
    select service_date, sum(numerator) as cost
    from {{ ref('kpi_daily') }}
    where kpi_id = 'cost_per_attempt' and segment = 'all'
    group by service_date
),

by_route as (
    select service_date, sum(total_cost) as cost from {{ ref('routes') }} where is_driven group by service_date
)

select service_date, by_attempt.cost as of_attempts, by_route.cost as of_routes
from by_attempt
full join by_route using (service_date)
where abs(coalesce(by_attempt.cost, 0) - coalesce(by_route.cost, 0)) > 0.01
