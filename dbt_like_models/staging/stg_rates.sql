with

records as (
    select * from {{ source('lake', 'reference_rates') }}
),

last_words as (
    select *
    from records
    qualify row_number() over (
        partition by depot_id, vehicle_class, effective_at
        order by appended_at desc, "partition" desc, "offset" desc, "index" desc
    ) = 1
),

dated as (
    select
        rate_id,
        depot_id,
        vehicle_class,
        currency,
        driver_per_h,
        per_km,
        per_vehicle_day,
        overhead_per_route,
        fuel_per_l,
        energy_per_kwh,
        carrier_fee_per_delivery,
        case
            when lag(effective_at) over (partition by depot_id, vehicle_class order by effective_at) is null
                then '-infinity'::timestamptz
            else effective_at
        end as valid_from_at,
        event_id,
        "partition",
        "offset",
        "index"
    from last_words
)

select * from dated
