-- Attempts made = attempts that the orders count.
with

made as (
    select count(*) as attempts from {{ ref('attempts') }}
),

counted as (
    select coalesce(sum(attempts), 0) as attempts from {{ ref('orders') }}
)

select made.attempts as made, counted.attempts as counted
from made
cross join counted
where made.attempts <> counted.attempts
