with

rostered as (
    select shift_id, vehicle_id, driver_id, depot_id, service_date, starts_at, ends_at, 'roster' as known_by
    from {{ ref('stg_shifts') }}
),

scanned as (
    select
        shift_id,
        min(vehicle_id) as vehicle_id,
        min(driver_id) as driver_id,
        min(depot_id) as depot_id,
        min(service_date) as service_date,
        min(scanned_at) as starts_at,
        max(scanned_at) as ends_at,
        'scan' as known_by
    from {{ ref('stg_scans') }}
    where outcome = 'accepted' and shift_id is not null and vehicle_id is not null
        and shift_id not in (select shift_id from rostered)
    group by shift_id
),

of_shifts as (
    select shift_id as route_id, * from rostered
    union all by name
    select shift_id as route_id, * from scanned
),

seen as (
    select vehicle_id, depot_id, service_date, started_at as seen_at from {{ ref('int_legs') }}
    union all by name
    select vehicle_id, depot_id, service_date, scanned_at as seen_at, driver_id from {{ ref('stg_scans') }}
    where outcome = 'accepted' and vehicle_id is not null
),

-- A vehicle that no roster speaks of still drove: one route for its day.
of_vehicle_days as (
    select
        seen.vehicle_id || '/' || seen.service_date as route_id,
        seen.vehicle_id,
        min(seen.driver_id) as driver_id,
        min(seen.depot_id) as depot_id,
        seen.service_date,
        min(seen.seen_at) as starts_at,
        max(seen.seen_at) as ends_at,
        'vehicle_day' as known_by
    from seen
    anti join of_shifts on seen.vehicle_id = of_shifts.vehicle_id and seen.service_date = of_shifts.service_date
    group by seen.vehicle_id, seen.service_date
),

routes as (
    select * from of_shifts
    union all by name
    select * from of_vehicle_days
),

-- What a vehicle did belongs to the shift that last began, before the first one to that first one.
claimed as (
    select
        route_id,
        shift_id,
        vehicle_id,
        driver_id,
        depot_id,
        service_date,
        starts_at,
        ends_at,
        known_by,
        case
            when row_number() over (partition by vehicle_id, service_date order by starts_at, route_id) = 1
                then '-infinity'::timestamptz
            else starts_at
        end as claims_from_at
    from routes
)

select * from claimed
