with

promises as (
    select * from {{ ref('int_promises') }}
),

attempts as (
    select * from {{ ref('int_order_attempts') }}
),

packages as (
    select * from {{ ref('int_order_packages') }}
),

joined as (
    select
        coalesce(promises.order_id, attempts.order_id) as order_id,
        coalesce(promises.depot_id, attempts.depot_id) as depot_id,
        coalesce(promises.zone, attempts.zone) as zone,
        coalesce(promises.time_zone, '{{ var("time_zone") }}') as time_zone,
        coalesce(promises.cutover_hour, 0) as cutover_hour, promises.* exclude (order_id, depot_id, zone, time_zone, cutover_hour, carrier_id, package_ids),
        attempts.* exclude (order_id, depot_id, zone, carrier_id),
        coalesce(attempts.carrier_id, promises.carrier_id) as carrier_id,
        packages.* exclude (order_id),
        as_of
    from promises full join attempts using (order_id)
    left join packages on packages.order_id = coalesce(promises.order_id, attempts.order_id)
    cross join {{ ref('int_as_of') }}
),

promised as (
    select
        *,
        coalesce(promised_until, timezone(time_zone, promised_day + interval 1 day)) as due_at,
        coalesce(current_until, timezone(time_zone, current_day + interval 1 day)) as current_due_at,
        coalesce(promised_day, cast({{ local_at('promised_until', 'time_zone') }} as date)) as due_day,
        coalesce(promised_day, {{ service_date('promised_until', 'time_zone', 'cutover_hour') }}) as promised_date,
        {{ service_date('ordered_at', 'time_zone', 'cutover_hour') }} as ordered_date
    from joined
),

judged as (
    select
        *,
        case
            when due_at is null then 'no_promise'
            when cancelled_at < due_at and delivered_at is null then 'cancelled_before_due'
            when due_at > as_of then 'not_yet_due'
        end as excluded_because,
        coalesce(delivered_at <= due_at, false) as is_on_time,
        coalesce(cast({{ local_at('delivered_at', 'time_zone') }} as date) <= due_day, false) as is_on_time_by_date,
        coalesce(delivered_at <= current_due_at, false) as is_on_time_for_current_promise,
        coalesce(delivered_at < promised_from, false) as is_early,
        coalesce(is_whole and last_delivered_at <= due_at, false) as is_on_time_in_full,
        case
            when delivered_at is not null then 'delivered'
            when cancelled_at is not null then 'cancelled'
            when attempts > 0 then 'failed'
            else 'open'
        end as status
    from promised
)

select
    order_id, depot_id, zone,
    -- Nothing else happens on a date before the order, or years after it: its figures would stand apart, or beyond what is kept.
    coalesce(case when promised_date between ordered_date and ordered_date + interval 1 year then promised_date end, attempt_date, ordered_date) as service_date,
    hour({{ local_at('coalesce(due_at, delivered_at, ordered_at)', 'time_zone') }}) as local_hour,
    ordered_at, promised_from, promised_until, promised_day, current_from, current_until, current_day, due_at, cancelled_at, delivered_at,
    status, excluded_because, is_on_time, is_on_time_by_date, is_on_time_for_current_promise, is_early, is_on_time_in_full,
    epoch(delivered_at) - epoch(due_at) as delay_s,
    coalesce(attempts, 0) as attempts,
    first_outcome, vehicle_id, vehicle_class, driver_id, carrier_id, carrier_model, stop_id,
    greatest(coalesce(packages, scanned_parcels, 1), 1) as parcels,
    {{ window_width('promised_from', 'promised_until') }} as window_width,
    case
        when customer_ref is null or count(*) over (partition by service_date, customer_ref) >= {{ least_orders_of_a_customer() }} then customer_ref
        else 'others'
    end as customer_group
from judged
