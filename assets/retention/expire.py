"""Removing what is older than its rule says, from the warehouse and from the lake.

Files go in three steps, so that a kill at any moment leaves nothing that the next run does not end: they
are written down in ``meta.expired_files``, their lines leave the manifest and the ledger, and then they
are unlinked. The last file of each of Kafka's partitions stays, as landing goes on from its line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from assets.ledger import close_dates, dates_to_build
from assets.models.project import Source
from assets.retention.policy import Rule, service_dates_of
from streams.lake.manifest import LandedFile, current, drop_lines, read_lines, read_manifest

_TABLES = "create table if not exists meta.expired_files (topic varchar, path varchar)"


@dataclass(frozen=True, slots=True)
class Expired:
    """What one rule removed: all before ``before``; ``rows`` of a table or of the ``files`` of a topic."""

    rule: Rule
    before: date | None
    rows: int = 0
    files: int = 0


def expire(
    connection: duckdb.DuckDBPyConnection,
    lake: Path,
    rules: tuple[Rule, ...],
    sources: tuple[Source, ...],
    now: datetime,
) -> tuple[Expired, ...]:
    """Hold everything to its rule; a second time at the same moment removes nothing more.

    Files are aged by the day they landed against ``now``, staged rows by the later of service date and
    landing against the day as of which the warehouse's figures are: history that landed today is not old.
    What was made of a date stays as long as staging has rows of it. Service dates that lost what staging is
    loaded from are closed: no build touches them again. So nothing goes of dates that are still to build.
    """
    connection.execute(_TABLES)
    _remove_files(connection, lake)
    as_of = _as_of(connection, now)
    to_build = _dates_to_build(connection, lake, sources)
    staged = [rule.table for rule in rules if rule.place == "staging" and _has(connection, rule.table)]
    done: list[Expired] = []
    for rule in rules:
        if rule.place == "lake":
            done.append(_expire_files(connection, lake, rule, sources, to_build, now))
        elif rule.place == "staging":
            done.append(_expire_staged(connection, rule, as_of, to_build, now))
        else:
            done.append(_expire_rows(connection, rule, as_of, staged))
    _remove_files(connection, lake)
    return tuple(done)


def _as_of(connection: duckdb.DuckDBPyConnection, now: datetime) -> date | None:
    """The day of the figures; ``now`` where a clock that ran ahead put it later."""
    if not _has(connection, "intermediate.int_as_of"):
        return None
    found = connection.execute("select cast(max(as_of) as date) from intermediate.int_as_of").fetchall()
    day: date | None = found[0][0]
    return day and min(day, now.date())


def _dates_to_build(
    connection: duckdb.DuckDBPyConnection, lake: Path, sources: tuple[Source, ...]
) -> frozenset[date]:
    """Service dates with landed rows that no build has covered, of files too that no build has seen yet."""
    known = {row[0] for row in connection.execute("select path from meta.landed_files").fetchall()}
    unseen = [
        day
        for source in sources
        if source.event_time is not None
        for file in read_manifest(lake, source.topic)
        if file.path not in known
        for day, _ in file.event_dates
    ]
    return frozenset(dates_to_build(connection)[1]) | service_dates_of(unseen)


def _has(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    sql = "from duckdb_tables() where schema_name || '.' || table_name = ?"
    return bool(connection.execute(sql, [table]).fetchall())


def _expire_staged(
    connection: duckdb.DuckDBPyConnection,
    rule: Rule,
    as_of: date | None,
    to_build: frozenset[date],
    now: datetime,
) -> Expired:
    before = rule.expires_before(as_of) if as_of else None
    if before is None or not _has(connection, rule.table):
        return Expired(rule, before)
    found = connection.execute(
        f"select service_date from {rule.table} where service_date < ? "
        "group by service_date having max(appended_at) < ?",
        [before, before],
    ).fetchall()
    dates = [row[0] for row in found if row[0] not in to_build]
    connection.execute("begin")
    close_dates(connection, dates, now)
    sql = f"delete from {rule.table} where list_contains(?::date[], service_date)"
    deleted = connection.execute(sql, [dates]).fetchall()
    connection.execute("commit")
    return Expired(rule, before, int(deleted[0][0]))


def _expire_rows(
    connection: duckdb.DuckDBPyConnection, rule: Rule, as_of: date | None, staged: Sequence[str]
) -> Expired:
    before = rule.expires_before(as_of) if as_of else None
    if before is None or not _has(connection, rule.table):
        return Expired(rule, before)
    of_staging = " union ".join(f"select service_date from {table}" for table in staged)
    dates = connection.execute(
        f"select distinct service_date from {rule.table} where service_date < ? and {rule.condition}"
        + (f" except ({of_staging})" if staged else ""),
        [before],
    ).fetchall()
    gone = [row[0] for row in dates]
    connection.execute("begin")
    old = f"from {rule.table} where list_contains(?::date[], service_date) and {rule.condition}"
    deleted = connection.execute(f"delete {old}", [gone]).fetchall()
    if rule.table == "intermediate.int_service_dates":
        # Their figures stay as they were published last: that they are gone is no correction.
        _forget_dates(connection, gone)
    connection.execute("commit")
    return Expired(rule, before, int(deleted[0][0]))


def _forget_dates(connection: duckdb.DuckDBPyConnection, dates: list[date]) -> None:
    if _has(connection, "history.kpi_dates"):
        sql = "delete from history.kpi_dates where list_contains(?::date[], service_date)"
        connection.execute(sql, [dates])


def _expire_files(
    connection: duckdb.DuckDBPyConnection,
    lake: Path,
    rule: Rule,
    sources: tuple[Source, ...],
    to_build: frozenset[date],
    now: datetime,
) -> Expired:
    before = rule.expires_before(now.date())
    if before is None:
        return Expired(rule, before)
    lines = read_lines(lake, rule.name)
    last = {file.log: max(one.last_offset for one in lines if one.log == file.log) for file in lines}
    source = next((one for one in sources if one.topic == rule.name), None)
    waiting = _waiting(connection, rule.name, lines) if source else set()
    is_dated = source is not None and source.event_time is not None
    old = [
        file
        for file in lines
        if landed_on(file) < before
        and file.last_offset < last[file.log]
        and file.path not in waiting
        and not (is_dated and _service_dates(file) & to_build)
    ]
    connection.execute("begin")
    connection.execute(
        "insert into meta.expired_files select ?, unnest(?::varchar[])",
        [rule.name, [file.path for file in old]],
    )
    if is_dated:
        close_dates(connection, {day for file in old for day in _service_dates(file)}, now)
    connection.execute("commit")
    return Expired(rule, before, sum(file.rows for file in old), len(old))


def _service_dates(file: LandedFile) -> frozenset[date]:
    return service_dates_of(day for day, _ in file.event_dates)


def landed_on(file: LandedFile) -> date:
    """The UTC date of Kafka's append, as the file's folder says it."""
    return date.fromisoformat(file.path.split("/landed_date=")[1][:10])


def _waiting(connection: duckdb.DuckDBPyConnection, topic: str, lines: Sequence[LandedFile]) -> set[str]:
    """Files that count and that no build has covered."""
    sql = "select path from meta.landed_files where topic = ? and is_built"
    built = {row[0] for row in connection.execute(sql, [topic]).fetchall()}
    return {file.path for file in current(lines)} - built


def _remove_files(connection: duckdb.DuckDBPyConnection, lake: Path) -> None:
    found = connection.execute("select topic, path from meta.expired_files").fetchall()
    paths = {str(path) for _, path in found}
    for topic in sorted({str(topic) for topic, _ in found}):
        drop_lines(lake, topic, lambda line: line.path in paths)
    for table in ("landed_dates", "landed_files"):
        connection.execute(f"delete from meta.{table} where list_contains(?, path)", [sorted(paths)])
    for path in paths:
        (lake / path).unlink(missing_ok=True)
    connection.execute("delete from meta.expired_files")
