with

attempts as (
    select
        * replace (coalesce(depot_id, 'unknown') as depot_id, coalesce(zone, 'unknown') as zone),
        coalesce(currency, depot_currency) as paid_in
    from {{ ref('int_attempt_costs') }}
    left join {{ ref('int_depot_currencies') }} using (depot_id)
),

days as (
    select depot_id, count(distinct service_date) as days from attempts group by depot_id
),

zones as (
    select
        depot_id,
        zone,
        paid_in as currency,
        days.days,
        count(*) as attempts,
        count(cost) as costed_attempts,
        count(distinct order_id) filter (outcome = 'delivered') as deliveries,
        count(distinct order_id) filter (outcome = 'delivered' and cost is not null) as costed_deliveries,
        sum(cost) as cost
    from attempts
    inner join days using (depot_id)
    group by all
),

-- H3 cells of one resolution are about equally large: deliveries a day are a density. Its classes are
-- powers of two, so that a zone's class does not hang on what other zones do.
classed as (
    select
        *,
        deliveries / days as deliveries_per_day,
        if(zone = 'unknown' or deliveries = 0, null, pow(2, floor(log2(deliveries / days)))) as density_from,
        cost / nullif(costed_deliveries, 0) as cost_per_delivery
    from zones
),

compared as (
    select
        *,
        if(density_from is null, 0, count(cost_per_delivery) over of_density) as zones_of_density,
        if(
            zones_of_density >= {{ assumption('least_zones') }},
            quantile_cont(cost_per_delivery, 0.5) over of_density, null
        ) as median_of_density
    from classed
    window of_density as (partition by depot_id, currency, density_from)
),

judged as (
    select
        *,
        cost_per_delivery - median_of_density as excess_per_delivery,
        excess_per_delivery * costed_deliveries as excess_cost,
        costed_deliveries >= {{ assumption('least_sample') }} as is_enough,
        cost_per_delivery >= {{ assumption('high_cost_ratio') }} * median_of_density as is_high_cost
    from compared
)

select * from judged
