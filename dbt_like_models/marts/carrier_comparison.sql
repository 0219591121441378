with

deliveries as (
    select
        deliveries.service_date,
        deliveries.depot_id,
        deliveries.carrier_model,
        coalesce(deliveries.currency, depot_currency) as currency,
        count_if(not is_unallocated) as delivered_orders,
        count_if(not is_unallocated and cost is not null) as costed_orders,
        sum(cost) as total_cost,
        sum(cost) filter (is_unallocated) as unallocated_cost,
        sum(cost * routes.carrier_cost / nullif(routes.total_cost, 0)) as carrier_fees,
        sum(deliveries.parcels) as parcels,
        sum(deliveries.parcels) filter (deliveries.co2e_wtw_kg is not null) as measured_parcels,
        sum(deliveries.co2e_wtw_kg) as co2e_wtw_kg
    from {{ ref('deliveries') }} as deliveries
    left join {{ ref('routes') }} as routes using (route_id)
    left join {{ ref('int_depot_currencies') }} as currencies on deliveries.depot_id = currencies.depot_id
    group by all
),

counted as (
    select
        service_date, depot_id, carrier_model, count(*) as attempts, count_if(outcome = 'failed') as failed_attempts
    from {{ ref('attempts') }}
    group by all
    union all by name
    select
        service_date, depot_id, carrier_model,
        count(*) as due_orders, count_if(is_on_time) as on_time_orders, count_if(attempts = 0) as unheard_orders
    from {{ ref('orders') }}
    where excluded_because is null
    group by all
    union all by name
    select
        service_date, depot_id, carrier_model, count(*) as routes, count_if(total_cost is null) as uncosted_routes,
        sum(distance_m) as distance_m, sum(duty_s) as duty_s
    from {{ ref('routes') }}
    where is_driven
    group by all
),

side_by_side as (
    select * from deliveries
    union all by name
    select counted.*, depot_currency as currency
    from counted
    left join {{ ref('int_depot_currencies') }} using (depot_id)
),

summed as (
    select
        service_date,
        coalesce(depot_id, 'unknown') as depot_id,
        coalesce(carrier_model, 'unknown') as carrier_model,
        currency,
        {% for name in ['routes', 'uncosted_routes', 'attempts', 'failed_attempts', 'delivered_orders', 'costed_orders', 'parcels', 'measured_parcels', 'due_orders', 'on_time_orders', 'unheard_orders'] -%}
        cast(coalesce(sum({{ name }}), 0) as bigint) as {{ name }},
        {% endfor -%}
        sum(distance_m) as distance_m,
        sum(duty_s) as duty_s,
        sum(total_cost) as total_cost,
        sum(unallocated_cost) as unallocated_cost,
        round(sum(carrier_fees), 4) as carrier_fees,
        round(sum(co2e_wtw_kg), 6) as co2e_wtw_kg
    from side_by_side
    group by all
)

select
    *,
    total_cost / nullif(costed_orders, 0) as cost_per_delivery,
    failed_attempts / nullif(attempts, 0) as failed_rate,
    on_time_orders / nullif(due_orders, 0) as on_time_rate,
    co2e_wtw_kg / nullif(measured_parcels, 0) as co2e_kg_per_parcel
from summed
