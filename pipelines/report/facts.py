"""What the report says, read from the published file."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import h3

from assets.history.reading import Correction, Wanted, read_corrections
from assets.kpi_reading import Kpi, read_kpis
from assets.published_file import open_published, require_table
from pipelines.report.operating import Operating, read_operating

MAP_RESOLUTION = 7
"""H3 cells of about 5 square kilometres."""

LAST_CORRECTIONS = 100


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
class Cause:
    """Exceptions of one kind and cause.

    What their stops added is over those of known cost, ``costed``, and of known emissions, ``measured``.
    """

    kind: str
    cause: str
    exceptions: int
    currency: str | None
    costed: int
    added_cost: float | None
    measured: int
    added_co2e_kg: float | None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the page shows."""

    first_date: date | None
    last_date: date | None
    as_of: datetime | None
    overall: tuple[Kpi, ...]
    by_depot: tuple[Kpi, ...]
    by_vehicle_class: tuple[Kpi, ...]
    hours: tuple[HourOfPromises, ...]
    zones: tuple[Zone, ...]
    causes: tuple[Cause, ...]
    corrections: tuple[Correction, ...]
    operating: Operating


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


_CAUSES = """
    select
        kind, cause, sum(exceptions)::bigint, currency,
        sum(costed)::bigint, sum(added_cost), sum(measured)::bigint, sum(added_co2e_kg)
    from marts.exception_causes
    group by kind, cause, currency
    order by kind, sum(exceptions) desc, cause, currency
"""


def read_facts(published: Path) -> Facts:
    """The figures of a published file, opened read-only: all of the version that it is now.

    Raises ``ConfigurationError`` where nothing has been published.
    """
    version = published.resolve()
    kpis, first_date, last_date = read_kpis(version, ("all", "depot", "vehicle_class"), None, None)
    corrections = read_corrections(version, Wanted())
    with open_published(version) as warehouse:
        require_table(warehouse, version, "exception_causes")
        hours = warehouse.execute(_HOURS).fetchall()
        zones = warehouse.execute(_ZONES).fetchall()
        causes = warehouse.execute(_CAUSES).fetchall()
        operating = read_operating(warehouse, version)
    return Facts(
        first_date,
        last_date,
        max((kpi.as_of for kpi in kpis if kpi.as_of), default=None),
        tuple(kpi for kpi in kpis if kpi.segment == "all"),
        tuple(kpi for kpi in kpis if kpi.segment == "depot"),
        tuple(kpi for kpi in kpis if kpi.segment == "vehicle_class"),
        tuple(HourOfPromises(*row) for row in hours),
        _areas(zones),
        tuple(Cause(*row) for row in causes),
        tuple(corrections[-LAST_CORRECTIONS:]),
        operating,
    )


def _areas(zones: list[tuple[str, int, int]]) -> tuple[Zone, ...]:
    """The zones put together into cells large enough to be read on a page."""
    due: Counter[str] = Counter()
    on_time: Counter[str] = Counter()
    for cell, orders, punctual in zones:
        area = h3.cell_to_parent(cell, MAP_RESOLUTION)
        due[area] += orders
        on_time[area] += punctual
    return tuple(Zone(area, due[area], on_time[area]) for area in sorted(due))
