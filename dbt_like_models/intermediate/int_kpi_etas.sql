{{ config(meta={'date_by_date': 'service_date'}) }}
with

etas as (
    select
        *,
        '_' || horizon_min || '_min' as suffix,
        known_by = 'inferred' as is_inferred,
        known_by <> 'inferred' and error_s is null as is_unknown,
        known_by <> 'inferred' and error_s is not null as is_known
    from {{ ref('eta_accuracy') }}
),

items as (
    select 'eta_mae' || suffix as kpi_id, etas.*, abs(error_s) / 60 as figure from etas
    union all by name
    select 'eta_bias' || suffix as kpi_id, etas.*, error_s / 60 as figure from etas
    union all by name
    select 'eta_within_10_min' || suffix as kpi_id, etas.*, if(abs(error_s) <= 600, 1, 0) as figure from etas
    union all by name
    select 'eta_p90_coverage' || suffix as kpi_id, etas.*, if(is_within_p90, 1, 0) as figure from etas
),

counted as (
    select
        * exclude (local_hour),
        eta_id as item_id,
        printf('%02d', local_hour) as local_hour,
        if(is_known, figure, 0) as numerator,
        is_known as denominator,
        is_inferred as excluded,
        is_unknown as unknown
    from items
)

select
    kpi_id, service_date, item_id, depot_id, zone, local_hour, vehicle_class, driver_id, vehicle_id, carrier_model, window_width,
    {{ as_numbers() }}
from counted
