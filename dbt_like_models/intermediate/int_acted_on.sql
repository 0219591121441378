with

proposals as (
    select proposal_id, unnest(saved_stop_ids) as stop_id from {{ ref('stg_proposals') }}
),

accepted as (
    select proposal_id, min(decided_at) as decided_at
    from {{ ref('stg_outcomes') }}
    where status = 'accepted' and proposal_id is not null
    group by proposal_id
),

saved as (
    select proposals.stop_id, accepted.proposal_id, accepted.decided_at
    from proposals
    inner join accepted using (proposal_id)
)

select * from saved
