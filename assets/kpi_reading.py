"""KPIs out of a published file: sums over days, a rate is always sum over sum."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from routing.errors import ConfigurationError

SEGMENTS = ("depot", "zone", "hour", "vehicle_class", "driver")

_QUERY = """
select
    kpi_id,
    segment,
    segment_value,
    sum(numerator) as numerator,
    sum(denominator) as denominator,
    sum(excluded)::bigint as excluded,
    sum(unknown)::bigint as unknown,
    sum(numerator) / nullif(sum(denominator), 0) as value,
    any_value(unit) as unit,
    currency,
    any_value(definition_version) as definition_version,
    max(as_of) as as_of
from marts.kpi_daily as kpi_daily
where segment = ? and service_date between ? and ?
group by kpi_id, segment, segment_value, currency
order by
    (select min(rowid) from marts.kpi_catalogue as listed where listed.kpi_id = kpi_daily.kpi_id),
    segment_value,
    currency
"""


@dataclass(frozen=True, slots=True)
class Kpi:
    """One KPI over some service dates, for one value of a segment; ``value`` is ``None`` over nothing."""

    kpi_id: str
    segment: str
    segment_value: str
    numerator: float
    denominator: float
    excluded: int
    unknown: int
    value: float | None
    unit: str
    currency: str | None
    definition_version: int
    as_of: datetime | None

    @property
    def is_empty(self) -> bool:
        """Whether the row speaks of nothing at all."""
        return not (self.numerator or self.denominator or self.excluded or self.unknown or self.currency)


def read_kpis(
    published: Path, segments: tuple[str, ...], first: date | None, last: date | None
) -> tuple[list[Kpi], date | None, date | None]:
    """The KPIs and the service dates they cover; segments in the order given, ``all`` by itself.

    Raises ``ConfigurationError`` where nothing is published.
    """
    if not published.exists():
        raise ConfigurationError(f"nothing is published at {published}; 'doorstep build' does that")
    with duckdb.connect(str(published), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        earliest, latest = connection.execute(
            "select min(service_date), max(service_date) from marts.kpi_daily"
        ).fetchall()[0]
        first, last = first or earliest, last or latest
        rows = []
        for segment in segments:
            found = connection.execute(_QUERY, [segment, first, last]).fetchall()
            rows += _without_empty_twins([Kpi(*row) for row in found])
    return rows, first, last


def _without_empty_twins(kpis: list[Kpi]) -> list[Kpi]:
    """Empty days have rows without a currency; they say nothing where others have one."""
    with_currency = {(kpi.kpi_id, kpi.segment_value) for kpi in kpis if kpi.currency}
    return [kpi for kpi in kpis if not kpi.is_empty or (kpi.kpi_id, kpi.segment_value) not in with_currency]
