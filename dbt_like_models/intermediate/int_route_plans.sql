with

routes as (
    select * from {{ ref('int_routes') }}
),

plans as (
    select shift_id, planned_m, revision
    from {{ ref('stg_route_plans') }}
    qualify row_number() over (partition by shift_id order by revision desc, appended_at desc) = 1
),

loaded as (
    select
        shift_id,
        sum(greatest(len(package_ids), 1)) as loaded_packages
    from (
        select distinct shift_id, order_id, coalesce(package_ids, []) as package_ids
        from {{ ref('stg_scans') }}
        where outcome = 'accepted' and kind = 'loaded' and shift_id is not null
    )
    group by shift_id
),

joined as (
    select
        routes.route_id,
        vehicles.vehicle_class,
        vehicles.carrier_model,
        vehicles.capacity_packages,
        loaded.loaded_packages,
        plans.revision as plan_revision,
        plans.planned_m,
        if(routes.known_by = 'roster', epoch(routes.ends_at) - epoch(routes.starts_at), null) as available_s
    from routes
    asof left join {{ ref('stg_vehicles') }} as vehicles
        on routes.vehicle_id = vehicles.vehicle_id and routes.starts_at >= vehicles.valid_from_at
    left join plans on routes.shift_id = plans.shift_id
    left join loaded on routes.shift_id = loaded.shift_id
)

select * from joined
