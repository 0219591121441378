with

-- An alert is first at risk, then late, then missed: each rule is held to when it spoke first.
words as (
    select alert_id, rule, min(judged_at) as said_at
    from {{ ref('stg_delays') }}
    where phase <> 'cleared' and rule <> 'early'
    group by alert_id, rule
),

alerts as (
    select * from {{ ref('delay_alerts') }} where judgement <> 'early'
),

said as (
    select
        alerts.service_date,
        alerts.depot_id,
        alerts.stop_id,
        words.rule,
        words.said_at,
        alerts.judgement,
        epoch(alerts.closes_at) - epoch(words.said_at) as lead_s
    from words
    inner join alerts using (alert_id)
    union all by name
    select service_date, depot_id, stop_id, 'any' as rule, raised_at as said_at, judgement, lead_s from alerts
),

of_alerts as (
    select
        service_date,
        depot_id,
        rule,
        count(*) as alerts,
        count(*) filter (judgement = 'right') as right_alerts,
        count(*) filter (judgement = 'false_alarm') as false_alarms,
        count(*) filter (judgement = 'averted') as averted_alerts,
        count(*) filter (judgement = 'unknown') as unknown_alerts,
        sum(lead_s) filter (judgement = 'right') as lead_s,
        median(lead_s) filter (judgement = 'right') as median_lead_s,
        quantile_cont(lead_s, 0.1) filter (judgement = 'right') as p10_lead_s
    from said
    group by all
),

late_stops as (
    select outcomes.service_date, outcomes.depot_id, outcomes.stop_id, outcomes.closes_at, rules.rule
    from {{ ref('int_stop_outcomes') }} as outcomes
    cross join (select unnest(['any', 'at_risk', 'late', 'missed']) as rule) as rules
    where outcomes.stop_outcome in ('late', 'missed')
),

of_stops as (
    select
        late_stops.service_date,
        late_stops.depot_id,
        late_stops.rule,
        count(distinct late_stops.stop_id) as late_stops,
        count(distinct late_stops.stop_id) filter (said.said_at < late_stops.closes_at) as foreseen_stops
    from late_stops
    left join said using (service_date, stop_id, rule)
    group by all
),

joined as (
    select
        service_date, depot_id, rule, median_lead_s, p10_lead_s,
        {{ or_zero(['alerts', 'right_alerts', 'false_alarms', 'averted_alerts', 'unknown_alerts', 'lead_s', 'late_stops', 'foreseen_stops']) }}
    from of_alerts
    full join of_stops using (service_date, depot_id, rule)
)

select *, right_alerts / nullif(right_alerts + false_alarms, 0) as precision, foreseen_stops / nullif(late_stops, 0) as recall from joined
