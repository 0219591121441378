-- Emissions shared by parcels add up to the routes' again, within a milligram.
with

by_delivery as (
    select route_id, sum(co2e_wtw_kg) as co2e_wtw_kg
    from {{ ref('deliveries') }}
    where co2e_wtw_kg is not null
    group by route_id
),

by_route as (
    select route_id, co2e_wtw_kg from {{ ref('routes') }} where co2e_wtw_kg is not null
)

select route_id, by_route.co2e_wtw_kg as of_route, by_delivery.co2e_wtw_kg as of_deliveries
from by_route
full join by_delivery using (route_id)
where coalesce(abs(by_route.co2e_wtw_kg - by_delivery.co2e_wtw_kg) > 0.000001, true)
