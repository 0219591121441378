"""What the report says, read from the published file."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from routing.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class KpiRow:
    """One KPI over all dates of the file; ``value`` is ``None`` where nothing was there to count."""

    kpi_id: str
    name: str
    segment_value: str
    value: float | None
    numerator: float
    denominator: float
    excluded: int
    unknown: int
    unit: str
    currency: str | None

    @property
    def unit_in_words(self) -> str:
        """The unit, with the currency's code in the place of the word."""
        return self.unit.replace("currency", self.currency or "currency")


@dataclass(frozen=True, slots=True)
class HourOfPromises:
    """The orders whose promise was due in one local hour."""

    hour: int
    on_time: int
    late: int
    not_delivered: int


@dataclass(frozen=True, slots=True)
class Zone:
    """The due orders of one H3 cell."""

    cell: str
    orders: int
    on_time: int


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the page shows."""

    first_date: date
    last_date: date
    as_of: datetime
    overall: tuple[KpiRow, ...]
    by_depot: tuple[KpiRow, ...]
    by_vehicle_class: tuple[KpiRow, ...]
    hours: tuple[HourOfPromises, ...]
    zones: tuple[Zone, ...]


_KPIS = """
    select kpi_id, name, segment_value, round(sum(numerator) / nullif(sum(denominator), 0), 6),
        sum(numerator), sum(denominator), cast(sum(excluded) as bigint), cast(sum(unknown) as bigint),
        any_value(kpi_daily.unit), kpi_daily.currency
    from marts.kpi_daily
    inner join marts.kpi_catalogue using (kpi_id)
    where segment = $segment
    group by kpi_id, name, segment_value, kpi_daily.currency
    order by kpi_id, segment_value, kpi_daily.currency
"""

_HOURS = """
    select local_hour,
        count(*) filter (is_on_time),
        count(*) filter (not is_on_time and delivered_at is not null),
        count(*) filter (delivered_at is null)
    from marts.orders
    where excluded_because is null
    group by local_hour
    order by local_hour
"""

_ZONES = """
    select zone, count(*), count(*) filter (is_on_time)
    from marts.orders
    where excluded_because is null and zone is not null
    group by zone
    order by zone
"""


def read_facts(published: Path) -> Facts:
    """The figures of a published file, opened read-only.

    Raises ``ConfigurationError`` where nothing has been published.
    """
    if not published.exists():
        raise ConfigurationError(f"nothing is published at {published}; run `doorstep build` first")
    with duckdb.connect(str(published), read_only=True) as warehouse:
        warehouse.execute("set TimeZone = 'UTC'")
        span = warehouse.execute(
            "select min(service_date), max(service_date), max(as_of) from marts.kpi_daily"
        )
        first_date, last_date, as_of = span.fetchall()[0]
        return Facts(
            first_date,
            last_date,
            as_of,
            _kpis(warehouse, "all"),
            _kpis(warehouse, "depot"),
            _kpis(warehouse, "vehicle_class"),
            tuple(HourOfPromises(*row) for row in warehouse.execute(_HOURS).fetchall()),
            tuple(Zone(*row) for row in warehouse.execute(_ZONES).fetchall()),
        )


def _kpis(warehouse: duckdb.DuckDBPyConnection, segment: str) -> tuple[KpiRow, ...]:
    return tuple(KpiRow(*row) for row in warehouse.execute(_KPIS, {"segment": segment}).fetchall())
