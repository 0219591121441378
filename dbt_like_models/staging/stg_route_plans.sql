with

words as (
    select * from {{ source('lake', 'dispatch_routes') }}
),

single_words as (
    select
        event_id,
        shift_id,
        vehicle_id,
        depot_id,
        service_date,
        revision,
        effective_at,
        route.distance_m as planned_m,
        route.ends_at as planned_until,
        list_transform(
            route.visits,
            lambda visit: {
                'stop_id': visit.stop.stop_id,
                'lat_deg': visit.stop.location.lat_deg,
                'lon_deg': visit.stop.location.lon_deg,
                'arrive_at': visit.arrive_at
            }
        ) as visits,
        appended_at,
        "partition",
        "offset",
        "index"
    from words
    qualify row_number() over (partition by event_id order by {{ in_arrival_order() }}) = 1
)

select * from single_words
