with

routes as (
    select * from {{ ref('routes') }} where is_driven
),

attempts as (
    select * from {{ ref('attempts') }}
),

orders as (
    select order_id, ordered_at, parcels from {{ ref('orders') }}
),

delivered as (
    select attempts.* exclude (currency), orders.parcels, orders.ordered_at
    from attempts
    inner join orders using (order_id)
    where attempts.outcome = 'delivered'
    qualify row_number() over (partition by attempts.order_id order by attempts.delivered_at, attempts.attempt_number) = 1
),

-- What a route cost is shared by its deliveries, to the last digit: each gets the difference of two
-- running shares. A route that delivered nothing keeps it all, in a row of its own.
shared as (
    select
        coalesce(routes.route_id, delivered.route_id) as route_id,
        delivered.order_id,
        coalesce(routes.service_date, delivered.service_date) as service_date,
        delivered.local_hour,
        coalesce(routes.depot_id, delivered.depot_id) as depot_id,
        delivered.zone,
        coalesce(routes.vehicle_class, delivered.vehicle_class) as vehicle_class,
        coalesce(delivered.driver_id, routes.driver_id) as driver_id,
        coalesce(routes.vehicle_id, delivered.vehicle_id) as vehicle_id,
        coalesce(delivered.carrier_model, routes.carrier_model) as carrier_model,
        delivered.customer_group,
        delivered.window_width,
        delivered.attempt_number,
        delivered.delivered_at,
        epoch(delivered.delivered_at) - epoch(routes.departed_at) as dispatch_to_drop_s,
        epoch(delivered.delivered_at) - epoch(delivered.ordered_at) as order_to_drop_s,
        delivered.order_id is null as is_unallocated,
        coalesce(delivered.parcels, 0) as parcels,
        routes.currency,
        cast(
            round(routes.total_cost * row_number() over in_route / count(*) over of_route, 4)
            - round(routes.total_cost * (row_number() over in_route - 1) / count(*) over of_route, 4)
            as decimal(18, 4)
        ) as cost,
        routes.co2e_wtw_kg * coalesce(delivered.parcels / nullif(sum(delivered.parcels) over of_route, 0), 1) as co2e_wtw_kg,
        routes.co2e_ttw_kg * coalesce(delivered.parcels / nullif(sum(delivered.parcels) over of_route, 0), 1) as co2e_ttw_kg
    from routes
    full join delivered on routes.route_id = delivered.route_id
    window
        in_route as (partition by routes.route_id order by delivered.order_id),
        of_route as (partition by routes.route_id)
)

select * from shared
