{{ config(meta={'date_by_date': 'service_date'}) }}
with

horizons as (
    select * from {{ ref('int_eta_horizons') }}
),

visits as (
    select visit_id, service_date, route_id, depot_id, zone, local_hour, vehicle_class, carrier_model, driver_id, window_width
    from {{ ref('stop_visits') }}
),

placed as (
    select
        horizons.eta_id,
        visits.* exclude (visit_id, service_date),
        horizons.* exclude (eta_id)
    from horizons
    inner join visits using (visit_id, service_date)
)

select * from placed
