{{ config(meta={'date_by_date': 'service_date'}) }}
-- Whatever the segment, its values add up to the day's total.
with

by_segment as (
    select kpi_id, service_date, currency, segment, sum(numerator) as numerator, sum(denominator) as denominator
    from {{ ref('int_kpi_daily') }}
    group by all
),

totals as (
    select * from by_segment where segment = 'all'
)

select by_segment.*, totals.numerator as total_numerator, totals.denominator as total_denominator
from by_segment
inner join totals
    on by_segment.kpi_id = totals.kpi_id
    and by_segment.service_date = totals.service_date
    and by_segment.currency is not distinct from totals.currency
where abs(by_segment.numerator - totals.numerator) > 0.001
    or abs(by_segment.denominator - totals.denominator) > 0.001
