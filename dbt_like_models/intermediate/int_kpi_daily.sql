{{ config(meta={'date_by_date': 'service_date'}) }}
with

catalogue as (
    select * from {{ ref('kpi_catalogue') }}
    qualify row_number() over (partition by kpi_id order by version desc) = 1
),

segmented as (
    select * from {{ ref('int_kpi_segments') }}
),

-- A day on which nothing happened has its rows too: no value, over a denominator of 0.
days as (
    select service_date from {{ ref('int_service_dates') }}
    union
    select service_date from segmented
),

empty_days as (
    select catalogue.kpi_id, days.service_date, 'all' as segment, 'all' as segment_value
    from days
    cross join catalogue
    anti join segmented
        on catalogue.kpi_id = segmented.kpi_id and days.service_date = segmented.service_date and segmented.segment = 'all'
),

all_rows as (
    select * from segmented
    union all by name
    select * from empty_days
),

valued as (
    select
        all_rows.kpi_id,
        catalogue.version as definition_version,
        all_rows.service_date,
        all_rows.segment,
        all_rows.segment_value,
        round(coalesce(cast(all_rows.numerator as double), 0), 6) as numerator,
        round(coalesce(cast(all_rows.denominator as double), 0), 6) as denominator,
        cast(coalesce(all_rows.excluded, 0) as bigint) as excluded,
        cast(coalesce(all_rows.unknown, 0) as bigint) as unknown,
        round(all_rows.numerator / nullif(all_rows.denominator, 0), 6) as value,
        round(spreads.median, 6) as median,
        round(spreads.p90, 6) as p90,
        catalogue.unit,
        all_rows.currency
    from all_rows
    left join catalogue using (kpi_id)
    left join {{ ref('int_kpi_spreads') }} as spreads
        on all_rows.kpi_id = spreads.kpi_id
        and all_rows.service_date = spreads.service_date
        and all_rows.segment = spreads.segment
        and all_rows.segment_value = spreads.segment_value
        and all_rows.currency is not distinct from spreads.currency
)

select * from valued
order by kpi_id, service_date, segment, segment_value, currency
