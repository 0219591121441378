with

attempts as (
    select
        service_date,
        coalesce(depot_id, 'unknown') as depot_id,
        coalesce(zone, 'unknown') as zone,
        local_hour,
        if(attempt_number > 2, '3+', cast(attempt_number as varchar)) as attempt,
        outcome = 'failed' as is_failed
    from {{ ref('attempts') }}
    where {{ is_learned_from(ref('attempts')) }}
),

counted as (
    select
        depot_id,
        case when grouping(zone) = 1 then 'all' else zone end as zone,
        local_hour,
        case when grouping(attempt) = 1 then 'all' else attempt end as attempt,
        concat_ws(
            ' ', if(grouping(zone) = 0, 'zone', null), if(grouping(local_hour) = 0, 'hour', null),
            if(grouping(attempt) = 0, 'attempt', null)
        ) as counted_by,
        count(*) as attempts,
        count_if(is_failed) as failed_attempts,
        min(service_date) as first_date,
        max(service_date) as last_date
    from attempts
    group by depot_id, cube (zone, local_hour, attempt)
),

depots as (
    select depot_id, failed_attempts / attempts as depot_rate from counted where counted_by = ''
),

settings as (
    select
        {{ assumption('wilson_z') }} as z,
        {{ assumption('prior_attempts') }} as prior_attempts,
        {{ assumption('least_sample') }} as least_sample
),

judged as (
    select
        counted.depot_id,
        counted.zone,
        counted.local_hour,
        counted.attempt,
        if(counted.counted_by = '', 'depot', counted.counted_by) as counted_by,
        counted.attempts,
        counted.failed_attempts,
        failed_attempts / attempts as failed_rate,
        {{ wilson('failed_attempts', 'attempts', -1) }} as rate_low,
        {{ wilson('failed_attempts', 'attempts', 1) }} as rate_high,
        (failed_attempts + prior_attempts * depot_rate) / (attempts + prior_attempts) as expected_rate,
        attempts >= least_sample as is_enough,
        counted.first_date,
        counted.last_date
    from counted
    inner join depots using (depot_id)
    cross join settings
)

select * from judged
