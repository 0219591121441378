"""The rows behind a figure of the warehouse, with their reasons and events; their sums are the figure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from math import isclose
from pathlib import Path

import duckdb

from assets.explain.reasons import REASONS
from assets.explain.subjects import SUBJECTS
from assets.explain.values import Event, Explanation, Figure, Question, Row
from assets.models.project import Project
from routing.errors import CheckFailed, ConfigurationError

ITEMS = "int_kpi_segments"
"""The model that puts the items together; what it refers to by this beginning are tables of items."""

SEGMENT_COLUMNS = {
    "depot": "depot_id",
    "zone": "zone",
    "hour": "local_hour",
    "vehicle_class": "vehicle_class",
    "driver": "driver_id",
    "vehicle": "vehicle_id",
    "carrier_model": "carrier_model",
    "customer": "customer_group",
    "window_width": "window_width",
    "attempt_number": "attempt_number",
}

_CLOCK = "create or replace temp macro clock(moment) as strftime(moment, '%Y-%m-%d %H:%M:%S')"

_ROWS = """
select
    i.item_id,
    i.currency,
    case
        when i.excluded > 0 then 'excluded'
        when i.unknown > 0 then 'unknown'
        when i.numerator <> 0 and i.denominator <> 0 then 'counted'
        when i.denominator <> 0 then 'denominator'
        when i.numerator <> 0 then 'numerator'
        else 'neither'
    end as role,
    i.numerator,
    i.denominator,
    i.excluded,
    i.unknown,
    case when i.excluded > 0 then {excluded} when i.unknown > 0 then {unknown} else {told} end as reason
from explained as i
left join ({facts}) as f on i.item_id = f.item_id
order by
    list_position(['counted', 'denominator', 'numerator', 'unknown', 'excluded', 'neither'], role), i.item_id
"""


@dataclass(frozen=True, slots=True)
class _Definition:
    name: str
    formula: str
    unit: str
    version: int
    segments: tuple[str, ...]


def explain_figure(
    connection: duckdb.DuckDBPyConnection, project: Project, question: Question
) -> Explanation:
    """What stands behind a figure. ``connection`` is to the warehouse; nothing is written to it.

    Raises ``ConfigurationError`` for a KPI, a segment or a value that does not exist, and
    ``CheckFailed`` where the rows don't sum up to the figure, as in the middle of a build.
    """
    definition = _definition(connection, question)
    figures, as_of = _figures(connection, question)
    connection.execute(_CLOCK)
    _find_items(connection, project, question)
    explanation = Explanation(
        question,
        definition.name,
        definition.formula,
        definition.unit,
        definition.version,
        as_of,
        figures,
        tuple(_rows(connection, question.kpi_id)),
    )
    _require_sums(explanation)
    return explanation


def open_warehouse(database: Path) -> duckdb.DuckDBPyConnection:
    """The warehouse, read-only. Raises ``ConfigurationError`` where there is none or a build has it."""
    if not database.exists():
        raise ConfigurationError(f"there is no warehouse at {database}; 'doorstep build' makes it")
    try:
        connection = duckdb.connect(str(database), read_only=True)
    except duckdb.IOException as error:
        raise ConfigurationError(
            f"the warehouse {database} can't be read while a build runs: {error}"
        ) from error
    connection.execute("set TimeZone = 'UTC'")
    return connection


def _definition(connection: duckdb.DuckDBPyConnection, question: Question) -> _Definition:
    rows = connection.execute(
        "select kpi_id, name, formula, unit, version, segments from seeds.kpi_catalogue order by version"
    ).fetchall()
    by_id = {row[0]: _Definition(row[1], row[2], row[3], row[4], tuple(row[5].split())) for row in rows}
    if question.kpi_id not in by_id:
        raise ConfigurationError(f"there is no KPI {question.kpi_id!r}; there are {', '.join(sorted(by_id))}")
    definition = by_id[question.kpi_id]
    if question.kpi_id not in SUBJECTS:
        raise ConfigurationError(f"{question.kpi_id} can't be explained; {', '.join(sorted(SUBJECTS))} can")
    if question.segment not in ("all", *definition.segments):
        raise ConfigurationError(
            f"{question.kpi_id} has no segment {question.segment!r}; it has {', '.join(definition.segments)}"
        )
    return definition


def _figures(
    connection: duckdb.DuckDBPyConnection, question: Question
) -> tuple[tuple[Figure, ...], datetime | None]:
    rows = connection.execute(
        "select currency, numerator, denominator, excluded, unknown, value, as_of from marts.kpi_daily "
        "where (kpi_id, service_date, segment, segment_value) = (?, ?, ?, ?) order by currency",
        [question.kpi_id, question.service_date, question.segment, question.segment_value],
    ).fetchall()
    if not rows:
        raise ConfigurationError(_no_figure(connection, question))
    return tuple(Figure(*row[:-1]) for row in rows), rows[0][-1]


def _no_figure(connection: duckdb.DuckDBPyConnection, question: Question) -> str:
    """What is wrong, and some of what would be right."""
    values = connection.execute(
        "select distinct segment_value from marts.kpi_daily "
        "where (kpi_id, service_date, segment) = (?, ?, ?) order by 1 limit 10",
        [question.kpi_id, question.service_date, question.segment],
    ).fetchall()
    if question.segment == "all":
        ((count, first, last),) = connection.execute(
            "select count(distinct service_date), min(service_date), max(service_date) from marts.kpi_daily "
            "where kpi_id = ? and segment = 'all'",
            [question.kpi_id],
        ).fetchall()
        built = f"{count} built, from {first} to {last}" if count else "none built: 'doorstep build' does"
        return f"{question.service_date} has no figure of {question.kpi_id}; service dates: {built}"
    known = ", ".join(row[0] for row in values) or "none"
    asked = f"{question.segment} {question.segment_value}"
    return f"{question.service_date} has no figure of {question.kpi_id} for {asked}; there are {known}"


def _find_items(connection: duckdb.DuckDBPyConnection, project: Project, question: Question) -> None:
    """The items of the figure, one row an item and currency, into the temporary table ``explained``."""
    tables = [project.model(ref).table for ref in project.model(ITEMS).refs if ref.startswith("int_kpi_")]
    parts = " union all by name ".join(_items_of(connection, table, question.segment) for table in tables)
    connection.execute(
        f"""
        create or replace temp table explained as
        select
            item_id, currency, sum(numerator) as numerator, sum(denominator) as denominator,
            sum(excluded)::bigint as excluded, sum(unknown)::bigint as unknown
        from ({parts})
        where kpi_id = ? and service_date = ? and segment_value = ?
        group by item_id, currency
        """,
        [question.kpi_id, question.service_date, question.segment_value],
    )


def _items_of(connection: duckdb.DuckDBPyConnection, table: str, segment: str) -> str:
    columns = {row[0] for row in connection.execute(f"describe {table}").fetchall()}
    value = "'all'"
    if segment != "all":
        column = SEGMENT_COLUMNS[segment]
        value = f"coalesce(cast({column} as varchar), 'unknown')" if column in columns else "'unknown'"
    return (
        "select kpi_id, service_date, item_id, numerator, denominator, excluded, unknown, "
        f"{'currency' if 'currency' in columns else 'null::varchar'} as currency, "
        f"{value} as segment_value from {table}"
    )


def _rows(connection: duckdb.DuckDBPyConnection, kpi_id: str) -> Iterator[Row]:
    subject, reasons = SUBJECTS[kpi_id], REASONS[kpi_id]
    events: dict[str, list[Event]] = {}
    links = " union all ".join(f"({link.sql})" for link in subject.links)
    found = connection.execute(
        f'select distinct * from ({links}) order by item_id, happened_at, topic, "offset", "index"'
    )
    for item_id, *event in found.fetchall():
        events.setdefault(item_id, []).append(Event(*event))
    sql = _ROWS.format(
        facts=subject.facts, told=reasons.told, excluded=reasons.excluded, unknown=reasons.unknown
    )
    for row in connection.execute(sql).fetchall():
        yield Row(*(*row, tuple(events.get(row[0], ()))))


def _require_sums(explanation: Explanation) -> None:
    """The figure and its rows are made by different roads of the models: they must meet."""
    for figure in explanation.figures:
        rows = [row for row in explanation.rows if row.currency == figure.currency]
        sums = [sum(amounts) for amounts in zip(*(_amounts(row) for row in rows), strict=True)] or [0.0] * 4
        if not all(
            isclose(*pair, rel_tol=1e-9, abs_tol=1e-6) for pair in zip(sums, _amounts(figure), strict=True)
        ):
            raise CheckFailed(
                f"the rows of {explanation.question.kpi_id} sum up to {sums} and its figure is "
                f"{list(_amounts(figure))}: a build is under way or was stopped; "
                "run 'doorstep build' once more"
            )


def _amounts(one: Row | Figure) -> tuple[float, float, float, float]:
    return one.numerator, one.denominator, float(one.excluded), float(one.unknown)
