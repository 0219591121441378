with

words as (
    select * from {{ ref('stg_alerts') }}
),

vehicles as (
    select * from {{ ref('stg_vehicles') }}
),

alerts as (
    select alert_id, any_value(vehicle_id) as vehicle_id, any_value(kind) as kind, min(judged_at) as raised_at
    from words
    group by alert_id
),

placed as (
    select
        alerts.*,
        {{ service_date('alerts.raised_at', "coalesce(vehicles.time_zone, '" ~ var('time_zone') ~ "')", 'coalesce(vehicles.cutover_hour, 0)') }} as service_date
    from alerts
    asof left join vehicles
        on alerts.vehicle_id = vehicles.vehicle_id and alerts.raised_at >= vehicles.valid_from_at
),

counted as (
    select
        vehicle_id,
        service_date,
        count(*) as alerts,
        list_sort(list_distinct(list(kind))) as alert_kinds
    from placed
    group by vehicle_id, service_date
)

select * from counted
