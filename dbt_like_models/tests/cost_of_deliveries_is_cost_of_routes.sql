-- Allocated and unallocated together are what the routes cost, to the last digit.
with

by_delivery as (
    select route_id, sum(cost) as cost from {{ ref('deliveries') }} where cost is not null group by route_id
),

by_route as (
    select route_id, total_cost from {{ ref('routes') }} where total_cost is not null
)

select route_id, total_cost, cost
from by_route
full join by_delivery using (route_id)
where total_cost is distinct from cost
