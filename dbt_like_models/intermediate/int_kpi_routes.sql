{{ config(meta={'date_by_date': 'service_date'}) }}
with

routes as (
    select *, route_id as item_id from {{ ref('routes') }}
),

-- Each figure over what it is known for; what was not driven is left out, except of what was rostered.
figures as (
    select
        'completion_rate' as kpi_id, routes.*, completed_stops as figure, assigned_stops as base,
        0 as excluded, coalesce(unscanned_stops, 0) as unknown
    from routes
    union all by name
    select
        'stops_per_hour' as kpi_id, routes.*, coalesce(completed_stops, 0) as figure, duty_s / 3600 as base,
        not is_driven as excluded, is_driven and duty_s is null as unknown
    from routes
    union all by name
    select
        'route_order_adherence' as kpi_id, routes.*, kept_pairs as figure, planned_pairs as base,
        is_driven and plan_revision is null as excluded, false as unknown
    from routes
    union all by name
    select
        'route_distance_ratio' as kpi_id, routes.*, distance_m / 1000 as figure, planned_m / 1000 as base,
        not is_driven or coalesce(planned_m, 0) = 0 as excluded, distance_basis = 'none' as unknown
    from routes
    union all by name
    select
        'route_hours_utilisation' as kpi_id, routes.*, if(is_driven, duty_s, 0) / 3600 as figure, available_s / 3600 as base,
        available_s is null as excluded, is_driven and duty_s is null as unknown
    from routes
    union all by name
    select
        'load_fill' as kpi_id, routes.*, loaded_packages as figure, capacity_packages as base,
        not is_driven as excluded, loaded_packages is null or coalesce(capacity_packages, 0) = 0 as unknown
    from routes
    union all by name
    select
        'empty_distance_share' as kpi_id, routes.*, empty_m / 1000 as figure, gps_m / 1000 as base,
        is_driven and attempts = 0 as excluded, is_driven and gps_m = 0 as unknown
    from routes
    union all by name
    select
        'idle_share' as kpi_id, routes.*, idle_s / 3600 as figure, duty_s / 3600 as base,
        not is_driven as excluded, idle_s is null or duty_s is null as unknown
    from routes
    union all by name
    select
        'harsh_events_per_100_km' as kpi_id, routes.*, harsh_events as figure, distance_m / 100000 as base,
        not is_driven as excluded, harsh_events is null as unknown
    from routes
    union all by name
    select
        'speeding_share' as kpi_id, routes.*, speeding_s / 3600 as figure, moving_s / 3600 as base,
        not is_driven as excluded, coalesce(moving_s, 0) = 0 as unknown
    from routes
    union all by name
    select
        'observability' as kpi_id, routes.*, observed_minutes as figure, duty_minutes as base,
        not is_driven as excluded, duty_minutes is null as unknown
    from routes
),

-- Where the figure is left out or unknown, neither side of the rate has it.
items as (
    select
        * replace (cast(excluded as integer) as excluded, if(cast(excluded as boolean), 0, cast(unknown as integer)) as unknown),
        kpi_id <> 'completion_rate' and (cast(excluded as boolean) or cast(unknown as boolean)) as is_out,
        if(is_out, 0, coalesce(figure, 0)) as numerator,
        if(is_out, 0, coalesce(base, 0)) as denominator
    from figures
)

select
    kpi_id, service_date, item_id, depot_id, vehicle_class, driver_id, vehicle_id, carrier_model,
    {{ as_numbers() }}
from items
