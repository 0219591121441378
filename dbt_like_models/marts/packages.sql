with

packages as (
    select * from {{ ref('int_packages') }}
),

orders as (
    select * from {{ ref('orders') }}
),

joined as (
    select
        packages.order_id || '/' || packages.package_id as package_key,
        packages.package_id,
        packages.order_id,
        packages.is_ordered,
        packages.is_named,
        orders.service_date,
        orders.depot_id,
        orders.zone,
        orders.vehicle_id,
        orders.vehicle_class,
        orders.driver_id,
        orders.carrier_model,
        orders.customer_group,
        orders.window_width,
        packages.loaded_at,
        packages.delivered_at,
        packages.returned_at,
        packages.last_scan_at,
        packages.status
    from packages
    left join orders using (order_id)
)

select * from joined
