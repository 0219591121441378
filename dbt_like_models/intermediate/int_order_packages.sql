with

packages as (
    select * from {{ ref('int_packages') }}
),

-- What is ordered has to arrive; of an order that names no packages, what was scanned.
expected as (
    select *
    from packages
    qualify is_ordered or not bool_or(is_ordered) over (partition by order_id)
),

summed as (
    select
        order_id,
        bool_and(delivered_at is not null) as is_whole,
        max(delivered_at) as last_delivered_at
    from expected
    group by order_id
)

select * from summed
