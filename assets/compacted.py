"""A compacted file in the place of the files whose rows it holds: nothing of it is new to the warehouse.

What passed its checks and what was built stay so. Which files those are is told by the offsets: a
compacted file of offsets that are all known and passed takes their place at once. One that also holds
rows which the ledger has not seen is new, and takes the place of the others when it passes.
"""

from collections.abc import Iterable

import duckdb

from streams.lake.manifest import LandedFile

_WITHIN = """
select old.path
from meta.landed_files as old
where
    (old.topic, old.topic_id, old.partition) = (?, ?, ?)
    and old.first_offset >= ? and old.last_offset <= ? and old.path <> ?
"""


def follow_compaction(connection: duckdb.DuckDBPyConnection, files: Iterable[LandedFile]) -> None:
    """Put each compacted file that the ledger doesn't know in the place of files that all passed.

    Of others, the files that have not passed are forgotten: they are checked as part of the new one.
    """
    known = {row[0] for row in connection.execute("select path from meta.landed_files").fetchall()}
    for file in files:
        if file.compacted_at is not None and file.path not in known:
            passed = _within(connection, file, has_passed=True)
            if passed and _offsets(connection, passed) == file.last_offset - file.first_offset + 1:
                _take_over(connection, file, passed)
            forget(connection, _within(connection, file, has_passed=False))


def forget_replaced(connection: duckdb.DuckDBPyConnection, paths: Iterable[str]) -> None:
    """Forget the files whose rows are in one of ``paths`` too, which have just passed."""
    compacted = connection.execute(
        "select topic, topic_id, partition, first_offset, last_offset, path from meta.landed_files "
        "where compacted_at is not null and list_contains(?, path)",
        [list(paths)],
    ).fetchall()
    for place in compacted:
        forget(connection, [row[0] for row in connection.execute(_WITHIN, place).fetchall()])


def _within(connection: duckdb.DuckDBPyConnection, file: LandedFile, *, has_passed: bool) -> list[str]:
    """The known files of offsets that ``file`` holds."""
    place = [file.topic, file.topic_id, file.partition, file.first_offset, file.last_offset, file.path]
    rows = connection.execute(f"{_WITHIN} and old.has_passed = ?", [*place, has_passed]).fetchall()
    return [row[0] for row in rows]


def _offsets(connection: duckdb.DuckDBPyConnection, paths: list[str]) -> int:
    held = "select sum(last_offset - first_offset + 1)::bigint from meta.landed_files"
    return int(connection.execute(f"{held} where list_contains(?, path)", [paths]).fetchall()[0][0])


def _take_over(connection: duckdb.DuckDBPyConnection, file: LandedFile, replaced: list[str]) -> None:
    connection.execute(
        "insert into meta.landed_dates select ?, service_date, bool_and(is_built) "
        "from meta.landed_dates where list_contains(?, path) group by service_date",
        [file.path, replaced],
    )
    connection.execute(
        "insert into meta.landed_files by name select any_value(topic) as topic, ? as path, "
        "any_value(topic_id) as topic_id, any_value(partition) as partition, "
        "min(first_offset) as first_offset, max(last_offset) as last_offset, ? as compacted_at, "
        "? as rows, ? as rejected, sum(too_old_rows)::bigint as too_old_rows, true as has_passed, "
        "if(count(*) = count(first_at), min(first_at), null) as first_at, "
        "if(count(*) = count(last_at), max(last_at), null) as last_at, "
        "bool_and(is_built) as is_built from meta.landed_files where list_contains(?, path)",
        [file.path, file.compacted_at, file.rows, file.rejected, replaced],
    )
    forget(connection, replaced)


def forget(connection: duckdb.DuckDBPyConnection, paths: Iterable[str]) -> None:
    """Let the ledger know nothing of these files and their dates."""
    gone = list(paths)
    for table in ("meta.landed_dates", "meta.landed_files"):
        connection.execute(f"delete from {table} where list_contains(?, path)", [gone])
