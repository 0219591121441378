{{ config(meta={'date_by_date': 'service_date'}) }}
with

visits as (
    select * from {{ ref('stop_visits') }} where not is_depot
),

alerts as (
    select *, alert_id as item_id from {{ ref('delay_alerts') }}
),

outcomes as (
    select * from {{ ref('int_stop_outcomes') }}
),

-- Of the stops that were late, which had been spoken of before their window closed.
late_stops as (
    select
        outcomes.stop_id || '/' || outcomes.service_date as item_id,
        outcomes.stop_id,
        outcomes.service_date,
        outcomes.stop_outcome,
        outcomes.vehicle_id,
        any_value(stops.zone) as zone,
        any_value(vehicles.depot_id) as depot_id,
        any_value(vehicles.vehicle_class) as vehicle_class,
        any_value(vehicles.carrier_model) as carrier_model,
        bool_or(alerts.raised_at < outcomes.closes_at) as is_foreseen
    from outcomes
    left join (from alerts where first_rule <> 'early') as alerts
        on outcomes.stop_id = alerts.stop_id and outcomes.service_date = alerts.service_date
    left join {{ ref('int_stops') }} as stops on outcomes.stop_id = stops.stop_id
    left join (from {{ ref('stg_vehicles') }} qualify row_number() over (partition by vehicle_id order by valid_from_at desc) = 1) as vehicles
        on outcomes.vehicle_id = vehicles.vehicle_id
    group by outcomes.stop_id, outcomes.service_date, outcomes.stop_outcome, outcomes.vehicle_id
),

items as (
    select
        'service_time_min' as kpi_id, visit_id as item_id, visits.*,
        if(dwell_s is null, 0, dwell_s / 60) as numerator, dwell_s is not null as denominator,
        false as excluded, dwell_s is null as unknown, dwell_s / 60 as measure
    from visits
    union all by name
    select
        'delay_alert_precision' as kpi_id, alerts.*, judgement = 'right' as numerator,
        judgement in ('right', 'false_alarm') as denominator, judgement in ('early', 'averted') as excluded,
        judgement = 'unknown' as unknown
    from alerts
    union all by name
    select
        'delay_alert_lead_time_min' as kpi_id, alerts.*, if(judgement = 'right', lead_s / 60, 0) as numerator,
        judgement = 'right' as denominator, judgement in ('early', 'averted', 'false_alarm') as excluded,
        judgement = 'unknown' as unknown, if(judgement = 'right', lead_s / 60, null) as measure
    from alerts
    union all by name
    select
        'delay_alert_recall' as kpi_id, late_stops.*,
        stop_outcome in ('late', 'missed') and coalesce(is_foreseen, false) as numerator,
        stop_outcome in ('late', 'missed') as denominator, stop_outcome = 'in_time' as excluded, stop_outcome = 'open' as unknown
    from late_stops
)

select
    kpi_id, service_date, item_id, depot_id, zone, if(local_hour is null, null, printf('%02d', local_hour)) as local_hour,
    vehicle_class, driver_id, vehicle_id, carrier_model, window_width,
    {{ as_numbers() }},
    measure
from items
