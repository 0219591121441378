with

events as (
    select
        *,
        -- When it was said and when it came, as one number: pairs take twice as long to compare.
        epoch_us(ordered_at)::hugeint * 18446744073709551616 + epoch_us(appended_at) as said_at
    from {{ ref('stg_orders') }}
),

-- The first placed event freezes the original promise; whatever came last is the current one.
promises as (
    select
        order_id,
        min(ordered_at) as ordered_at,
        max_by(
            struct_pack(
                promised_from := promised_from, promised_until := promised_until, promised_day := promised_day
            ),
            said_at
        ) filter (
            kind <> 'cancelled' and (promised_from is not null or promised_until is not null or promised_day is not null)
        ) as current_promise,
        min_by(promised_from, said_at) filter (kind = 'placed') as promised_from,
        min_by(promised_until, said_at) filter (kind = 'placed') as promised_until,
        min_by(promised_day, said_at) filter (kind = 'placed') as promised_day,
        -- Of words on the same moment the cancellation is the last, in whatever order they came.
        case
            when max_by(kind, (ordered_at, kind = 'cancelled', appended_at)) = 'cancelled' then max(ordered_at) filter (kind = 'cancelled')
        end as cancelled_at,
        max_by(depot_id, said_at) as depot_id,
        max_by(time_zone, said_at) as time_zone,
        max_by(cutover_hour, said_at) as cutover_hour,
        max_by(zone, said_at) filter (zone is not null) as zone,
        max_by(stop_id, said_at) filter (stop_id is not null) as stop_id,
        max_by(stop_kind, said_at) as stop_kind,
        max_by(lat_deg, said_at) filter (lat_deg is not null) as lat_deg,
        max_by(lon_deg, said_at) filter (lon_deg is not null) as lon_deg,
        max_by(customer_ref, said_at) filter (customer_ref is not null) as customer_ref,
        max_by(carrier_id, said_at) filter (carrier_id is not null) as carrier_id,
        max_by(packages, said_at) filter (packages > 0) as packages,
        max_by(package_ids, said_at) filter (packages > 0) as package_ids
    from events
    group by order_id
)

select
    order_id,
    ordered_at,
    promised_from,
    promised_until,
    promised_day,
    current_promise.promised_from as current_from,
    current_promise.promised_until as current_until,
    current_promise.promised_day as current_day,
    * exclude (order_id, ordered_at, promised_from, promised_until, promised_day, current_promise)
from promises
