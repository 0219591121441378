with

routes as (
    select * from {{ ref('routes') }}
),

alerts as (
    select * from {{ ref('int_vehicle_alerts') }}
),

summed as (
    select
        vehicle_id,
        service_date,
        any_value(depot_id) as depot_id,
        any_value(vehicle_class) as vehicle_class,
        any_value(carrier_model) as carrier_model,
        any_value(energy) as energy,
        count(*) as routes,
        count_if(is_driven) as driven_routes,
        sum(duty_s) as duty_s,
        sum(available_s) as available_s,
        sum(distance_m) as distance_m,
        sum(empty_m) as empty_m,
        count_if(distance_check = 'differ') as distance_differs,
        sum(fuel_l) as fuel_l,
        sum(energy_kwh) as energy_kwh,
        sum(idle_s) as idle_s,
        sum(loaded_packages) as loaded_packages,
        any_value(capacity_packages) as capacity_packages,
        sum(attempts) as attempts,
        sum(delivered_orders) as delivered_orders,
        sum(observed_minutes) as observed_minutes,
        sum(duty_minutes) as duty_minutes,
        min(currency) as currency,
        if(count(distinct currency) = 1, sum(total_cost), null) as total_cost,
        round(sum(co2e_wtw_kg), 6) as co2e_wtw_kg
    from routes
    group by vehicle_id, service_date
),

joined as (
    select summed.*, coalesce(alerts.alerts, 0) as alerts, alerts.alert_kinds
    from summed
    left join alerts using (vehicle_id, service_date)
)

select * from joined
