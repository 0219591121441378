-- Packages that came in, by order events and scans = delivered + returned + open, order by order.
with

named as (
    select order_id, unnest(package_ids) as package_id from {{ ref('int_promises') }}
    union
    select order_id, unnest(package_ids) from {{ ref('stg_scans') }} where outcome = 'accepted' and order_id is not null
),

came_in as (
    select order_id, count(*) as packages from named group by order_id
),

-- What was cancelled before any scan never came in, and an order that names no package is one of its own.
accounted as (
    select order_id, count(*) as packages, count_if(status in ('delivered', 'returned', 'open', 'cancelled')) as in_one_place
    from {{ ref('packages') }}
    where is_named
    group by order_id
)

select order_id, came_in.packages as came_in, accounted.packages as accounted, accounted.in_one_place
from came_in
full join accounted using (order_id)
where came_in.packages is distinct from accounted.packages or accounted.packages is distinct from accounted.in_one_place
