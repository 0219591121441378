with

drives as (
    select
        coalesce(depot_id, 'unknown') as depot_id,
        time_zone,
        coalesce(zone, 'unknown') as zone,
        local_hour,
        crow_m,
        duration_s,
        crow_m / duration_s as crow_mps
    from {{ ref('int_drives') }}
    where excluded_because is null
),

learned as (
    select
        depot_id,
        case when grouping(zone) = 1 then 'all' else zone end as zone,
        local_hour,
        concat_ws(' ', if(grouping(zone) = 0, 'zone', null), if(grouping(local_hour) = 0, 'hour', null)) as counted_by,
        any_value(time_zone) as time_zone,
        count(*) as drives,
        quantile_cont(crow_mps, 0.5) as median_crow_mps,
        quantile_cont(crow_mps, 0.1) as p10_crow_mps,
        round(sum(crow_m), 1) as crow_m,
        round(sum(duration_s), 1) as duration_s
    from drives
    group by depot_id, cube (zone, local_hour)
)

select
    * replace (if(counted_by = '', 'depot', counted_by) as counted_by),
    drives >= {{ assumption('least_sample') }} as is_enough
from learned
