with

words as (
    select * from {{ source('lake', 'dispatch_proposals') }}
),

-- A request that is answered again, after a crash, has the same proposal_id: the first answer counts.
first_words as (
    select
        event_id,
        proposal_id,
        depot_id,
        service_date,
        trigger,
        requested_at,
        expires_at,
        len(routes) as changed_routes,
        effects.duration_delta_s as duration_delta_s,
        effects.distance_delta_m as distance_delta_m,
        effects.cost_delta as cost_delta,
        effects.co2e_delta_kg as co2e_delta_kg,
        effects.lateness_delta_s as lateness_delta_s,
        effects.saved_stop_ids as saved_stop_ids,
        list_transform(
            effects.changes,
            lambda change: {
                'stop_id': change.stop_id,
                'after_at': change.after_at,
                'lateness_before_s': change.lateness_before_s,
                'lateness_after_s': change.lateness_after_s
            }
        ) as changes,
        appended_at
    from words
    qualify row_number() over (partition by proposal_id order by {{ in_arrival_order() }}) = 1
)

select * from first_words
