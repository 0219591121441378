"""KPIs out of a published file: sums over days, a rate is always sum over sum."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from assets.history.reading import require_known
from assets.published_file import open_published

SEGMENTS = (
    "depot",
    "zone",
    "hour",
    "vehicle_class",
    "driver",
    "vehicle",
    "carrier_model",
    "customer",
    "window_width",
    "attempt_number",
)

_QUERY = """
select
    kpi_daily.kpi_id,
    any_value(catalogue.name) as name,
    segment,
    segment_value,
    sum(numerator) as numerator,
    sum(denominator) as denominator,
    sum(excluded)::bigint as excluded,
    sum(unknown)::bigint as unknown,
    sum(numerator) / nullif(sum(denominator), 0) as value,
    any_value(kpi_daily.unit) as unit,
    currency,
    any_value(definition_version) as definition_version,
    max(as_of) as as_of,
    if(count(*) = 1, any_value(median), null) as median,
    if(count(*) = 1, any_value(p90), null) as p90
from {figures} as kpi_daily
inner join marts.kpi_catalogue as catalogue
    on kpi_daily.kpi_id = catalogue.kpi_id and kpi_daily.definition_version = catalogue.version
where segment = $segment and service_date between $first and $last
group by kpi_daily.kpi_id, segment, segment_value, currency
order by
    min(catalogue.rowid),
    segment_value,
    currency
"""


@dataclass(frozen=True, slots=True)
class Kpi:
    """One KPI over some service dates, for one value of a segment; ``value`` is ``None`` over nothing.

    ``median`` and ``p90`` are there for durations of a single day: quantiles are never put together.
    """

    kpi_id: str
    name: str
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
    median: float | None = None
    p90: float | None = None

    @property
    def unit_in_words(self) -> str:
        """The unit, with the currency's code in the place of the word."""
        return self.unit.replace("currency", self.currency or "currency")


def read_kpis(
    published: Path,
    segments: tuple[str, ...],
    first: date | None,
    last: date | None,
    known_at: datetime | None = None,
) -> tuple[list[Kpi], date | None, date | None]:
    """The KPIs and the service dates they cover; segments in the order given, ``all`` by itself.

    With ``known_at`` they are as they stood published then. Raises ``ConfigurationError`` where nothing
    is published, or the history can't tell.
    """
    with open_published(published) as connection:
        figures = "marts.kpi_daily"
        if known_at is not None:
            require_known(connection, published, known_at, segments, (first, last))
            figures = f"marts.kpi_as_known_at(timestamptz '{known_at.isoformat()}')"
        ((earliest, latest),) = connection.execute(
            f"select min(service_date), max(service_date) from {figures}"
        ).fetchall()
        first, last = first or earliest, last or latest
        rows = []
        for segment in segments:
            asked = {"segment": segment, "first": first, "last": last}
            found = connection.execute(_QUERY.format(figures=figures), asked).fetchall()
            rows += _with_one_row_a_currency([Kpi(*row) for row in found])
    return rows, first, last


def _with_one_row_a_currency(kpis: list[Kpi]) -> list[Kpi]:
    """What has no currency, because nothing was paid, is counted in the row of the only currency.

    Empty days and routes that were not driven have such rows. Where there are several currencies,
    the row stays by itself.
    """
    paid: dict[tuple[str, str], list[int]] = {}
    for place, kpi in enumerate(kpis):
        if kpi.currency:
            paid.setdefault((kpi.kpi_id, kpi.segment_value), []).append(place)
    rows: list[Kpi | None] = list(kpis)
    for place, kpi in enumerate(kpis):
        places = paid.get((kpi.kpi_id, kpi.segment_value), [])
        if kpi.currency is None and kpi.value is None and len(places) == 1:
            into = kpis[places[0]]
            counts = (into.excluded + kpi.excluded, into.unknown + kpi.unknown)
            rows[places[0]] = replace(into, excluded=counts[0], unknown=counts[1])
            rows[place] = None
    return [row for row in rows if row is not None]
