with

words as (
    select * from {{ ref('stg_delays') }}
),

gathered as (
    select
        alert_id,
        min_by(depot_id, judged_at) as depot_id,
        min_by(vehicle_id, judged_at) as vehicle_id,
        min_by(shift_id, judged_at) as shift_id,
        min_by(stop_id, judged_at) as stop_id,
        min_by(rule, judged_at) as first_rule,
        min_by(cause, judged_at) as first_cause,
        max_by(cause, (judged_at, appended_at)) as last_cause,
        min(judged_at) as raised_at,
        max(judged_at) filter (phase = 'cleared') as cleared_at,
        max(delay_s) as worst_delay_s,
        min_by(closes_at, judged_at) as closes_at,
        count(*) as words
    from words
    group by alert_id
),

vehicles as (
    select * from {{ ref('stg_vehicles') }}
),

placed as (
    select
        gathered.*,
        vehicles.vehicle_class,
        vehicles.carrier_model,
        {{ service_date('gathered.closes_at', "coalesce(vehicles.time_zone, '" ~ var('time_zone') ~ "')", 'coalesce(vehicles.cutover_hour, 0)') }} as service_date,
        hour({{ local_at('gathered.closes_at', "coalesce(vehicles.time_zone, '" ~ var('time_zone') ~ "')") }}) as local_hour
    from gathered
    asof left join vehicles
        on gathered.vehicle_id = vehicles.vehicle_id and gathered.raised_at >= vehicles.valid_from_at
),

acted as (
    select placed.alert_id, min(acted_on.decided_at) as acted_at
    from placed
    inner join {{ ref('int_acted_on') }} as acted_on
        on placed.stop_id = acted_on.stop_id and acted_on.decided_at >= placed.raised_at
    group by placed.alert_id
),

judged as (
    select
        placed.*,
        stops.zone,
        routes.driver_id,
        acted.acted_at,
        outcomes.arrived_at,
        coalesce(outcomes.stop_outcome, 'unknown') as stop_outcome,
        case
            when placed.first_rule = 'early' then 'early'
            when outcomes.stop_outcome in ('late', 'missed') then 'right'
            when outcomes.stop_outcome = 'in_time' and acted.acted_at is not null then 'averted'
            when outcomes.stop_outcome = 'in_time' then 'false_alarm'
            else 'unknown'
        end as judgement,
        epoch(placed.closes_at) - epoch(placed.raised_at) as lead_s
    from placed
    left join acted using (alert_id)
    left join {{ ref('int_stop_outcomes') }} as outcomes
        on placed.stop_id = outcomes.stop_id and placed.service_date = outcomes.service_date
    left join {{ ref('int_stops') }} as stops on placed.stop_id = stops.stop_id
    left join {{ ref('int_routes') }} as routes on placed.shift_id = routes.shift_id
)

select * from judged
