with

proposals as (
    select * from {{ ref('stg_proposals') }}
),

outcomes as (
    select
        proposal_id,
        max_by(status, (decided_at, appended_at)) as status,
        max_by(reason, (decided_at, appended_at)) as reason,
        max(decided_at) as decided_at,
        max(plan_revision) as plan_revision
    from {{ ref('stg_outcomes') }}
    where proposal_id is not null and status <> 'repeated'
    group by proposal_id
),

changed as (
    select proposal_id, service_date, unnest(changes) as change from proposals
),

-- What the stops that the proposal spoke of came to: a later proposal may have moved them again.
realised as (
    select
        changed.proposal_id,
        count(*) as changed_stops,
        count(outcomes.arrived_at) as reached_stops,
        sum(change.lateness_before_s) filter (outcomes.arrived_at is not null) as predicted_lateness_before_s,
        sum(change.lateness_after_s) filter (outcomes.arrived_at is not null) as predicted_lateness_after_s,
        sum(greatest(epoch(outcomes.arrived_at) - epoch(outcomes.closes_at), 0)) as realised_lateness_s,
        avg(epoch(outcomes.arrived_at) - epoch(change.after_at)) as mean_arrival_error_s
    from changed
    left join {{ ref('int_stop_outcomes') }} as outcomes
        on change.stop_id = outcomes.stop_id and changed.service_date = outcomes.service_date
    group by changed.proposal_id
),

joined as (
    select
        proposals.proposal_id,
        proposals.depot_id,
        proposals.service_date,
        proposals.trigger,
        proposals.requested_at,
        proposals.expires_at,
        proposals.changed_routes,
        case
            when outcomes.status is not null then outcomes.status
            when proposals.changed_routes = 0 then 'nothing_better'
            else 'undecided'
        end as decision,
        outcomes.reason as decision_reason,
        outcomes.decided_at,
        outcomes.plan_revision,
        proposals.duration_delta_s,
        proposals.distance_delta_m,
        proposals.cost_delta,
        proposals.co2e_delta_kg,
        proposals.lateness_delta_s,
        len(proposals.saved_stop_ids) as saved_stops,
        coalesce(realised.changed_stops, 0) as changed_stops,
        realised.* exclude (proposal_id, changed_stops)
    from proposals
    left join outcomes using (proposal_id)
    left join realised using (proposal_id)
)

select * from joined
