"""Figures of a day that lie far from those of the four weeks before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from assets.history.tables import open_history
from assets.models.project import DateRange

HISTORY_DAYS, LEAST_DAYS = 28, 14
MOST_Z = 3.5
"""Iglewicz and Hoaglin (1993), How to Detect and Handle Outliers: a modified z-score beyond it is one."""

_Z_OF_MAD = 0.6745
"""Their factor: of normally distributed figures the median distance is 0.6745 standard deviations."""

_LEAST_SPREAD = 0.01
"""Of the median, and of shares a point: figures that never moved are not anomalous by the last digit.

Nor are shares of few: theirs is at least what chance does to a share of so many (Agresti and Coull).
"""

_SQL = """
with
figures as (
    select kpi_id, currency, unit, service_date, value, denominator
    from history.kpi_versions
    where segment = 'all' and known_until_at is null and is_day_over and value is not null
),
judged as (
    select figures.* from figures
    where exists (
        from (select unnest(?::date[]) as first, unnest(?::date[]) as last) as built
        where figures.service_date between built.first and built.last
    )
),
compared as (
    select
        judged.kpi_id, judged.currency, judged.unit, judged.service_date,
        any_value(judged.value) as value,
        any_value(judged.denominator) as denominator,
        count(former.value) as days,
        median(former.value) as usual,
        mad(former.value) as spread,
        median(former.value) filter (
            dayofweek(former.service_date) = dayofweek(judged.service_date)
        ) as usual_on_weekday
    from judged
    left join figures as former
        on
            former.kpi_id = judged.kpi_id
            and former.currency is not distinct from judged.currency
            and former.service_date between judged.service_date - {history_days} and judged.service_date - 1
    group by all
),
chances as (
    select
        *,
        {least_spread} * abs(usual) as of_median,
        -- Some shares exceed 1, as hours over those rostered; chance is reckoned as at the edge.
        (greatest(0, least(1, usual)) * denominator + 2) / (denominator + 4) as share,
        {z_of_mad} * sqrt(share * (1 - share) / (denominator + 4)) as of_chance
    from compared
),
scored as (
    select
        *,
        case when unit = 'share' then greatest({least_spread}, of_chance) else of_median end as least_spread,
        {z_of_mad} * (value - usual) / nullif(greatest(spread, least_spread), 0) as z
    from chances
)
select
    kpi_id, service_date, currency, value,
    round(usual, 6), round(spread, 6), round(usual_on_weekday, 6), days, round(z, 1) as z
from scored
order by abs(z) desc nulls last, service_date, kpi_id, currency
"""


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure beside the four weeks before it.

    ``usual`` is their median, ``spread`` the median distance from it, ``usual_on_weekday`` the median of
    the same weekday; ``z`` is ``None`` where all were 0 of what is no share.
    """

    kpi_id: str
    service_date: date
    currency: str | None
    value: float
    usual: float | None
    spread: float | None
    usual_on_weekday: float | None
    days: int
    z: float | None

    @property
    def has_history(self) -> bool:
        """Whether enough days before it are known."""
        return self.days >= LEAST_DAYS

    @property
    def is_anomalous(self) -> bool:
        """Whether it lies further away than chance explains."""
        return self.has_history and self.z is not None and abs(self.z) > MOST_Z

    def __str__(self) -> str:
        money = f" {self.currency}" if self.currency else ""
        weekday = "" if self.usual_on_weekday is None else f", on that weekday {self.usual_on_weekday:.6g}"
        return (
            f"{self.kpi_id} of {self.service_date} is {self.value:.6g}{money}, usually {self.usual:.6g}"
            f"{weekday} (z {self.z:+.1f} over {self.days} days)"
        )


def compare(connection: duckdb.DuckDBPyConnection, dates: Sequence[DateRange]) -> tuple[Compared, ...]:
    """The published figures over all segments of days that are over, furthest from usual first."""
    open_history(connection)
    sql = _SQL.format(history_days=HISTORY_DAYS, z_of_mad=_Z_OF_MAD, least_spread=_LEAST_SPREAD)
    rows = connection.execute(sql, [[one.first for one in dates], [one.last for one in dates]]).fetchall()
    return tuple(Compared(*row) for row in rows)
