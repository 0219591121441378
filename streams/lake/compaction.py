"""Compaction: many small landed files become a few large ones, sorted by vehicle and time.

The new file is written first, then its line, which from then on stands for the files whose offsets it
covers. A reader that holds a replaced file's name can go on reading it for ``KEPT``; a later run
removes such files, and their lines. A crash leaves at most a file without a line, or lines of replaced
files that are gone, which nobody reads; the next run removes them.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.parquet as pq

from routing.errors import DoorstepError
from streams.lake.files import SORTED, remove_unlisted, write_durably
from streams.lake.held import held
from streams.lake.instants import instant_field
from streams.lake.locks import only_compactor
from streams.lake.manifest import LandedFile, append_entries, current, drop_lines, read_lines
from streams.topics import Topic

KEPT = timedelta(hours=1)
"""Replaced files stay this long for readers that know their names: longer than any build takes."""

HOUR_SETTLES = timedelta(minutes=5)
"""After this, an hour of Kafka's append is taken to have landed; what comes later is merged in then."""

MANY = 16
"""Small files of an hour that still goes on are merged once there are so many of them in a row."""

ROWS_A_FILE = 1_000_000
"""What is merged has no more rows than this, if it has several files: about 40 MB of fixes."""

ROWS_A_GROUP = 32_768
"""Small enough that one vehicle's hour reads a group or two, large enough to be packed well."""


@dataclass(slots=True)
class Compacted:
    """What a run of compaction did."""

    merged: int = 0
    made: int = 0
    rows: int = 0
    removed: int = 0

    def __str__(self) -> str:
        return (
            f"{self.merged:,} files made {self.made:,} with {self.rows:,} rows; "
            f"{self.removed:,} replaced files removed"
        )


def compact(
    lake: Path,
    topics: Sequence[Topic],
    *,
    now: datetime,
    kept: timedelta,
    is_stopped: Callable[[], bool],
    say: Callable[[str], None],
) -> Compacted:
    """Remove what was replaced longer than ``kept`` ago, and merge what is ready, topic by topic.

    Landing may go on meanwhile. Raises ``ConfigurationError`` where another compaction is at work.
    """
    done = Compacted()
    with only_compactor(lake):
        for topic in topics:
            remove_unlisted(lake, topic, lambda name: name.endswith(SORTED))
            done.removed += _remove_replaced(lake, topic, now - kept)
            left_alone = held(lake, topic.name)
            counting = current(read_lines(lake, topic.name))
            for files in ready((file for file in counting if file.path not in left_alone), now):
                if is_stopped():
                    return done
                _merge_or_say(lake, topic, files, now, done, say)
    return done


def ready(files: Iterable[LandedFile], now: datetime) -> list[tuple[LandedFile, ...]]:
    """What is to become one file each: neighbours of one partition and hour, in the order of offsets.

    A file alone is rewritten too, once, when its hour is over: to be sorted.
    """
    in_order = sorted(files, key=lambda file: (_folder(file), file.log, file.first_offset))
    found: list[tuple[LandedFile, ...]] = []
    for (folder, _), group in groupby(in_order, key=lambda file: (_folder(file), file.log)):
        is_over = _hour_end(folder) + HOUR_SETTLES <= now
        for run in _neighbours(group if is_over else (file for file in group if not file.compacted_at)):
            is_unsorted = any(file.compacted_at is None for file in run)
            if (is_over and (is_unsorted or len(run) > 1)) or len(run) >= MANY:
                found.append(run)
    return found


def merge(lake: Path, topic: Topic, files: Sequence[LandedFile], now: datetime) -> LandedFile:
    """Write ``files``, neighbours in the order of offsets, as one; it counts once its line is written.

    Raises ``OSError`` or ``ArrowInvalid`` for a file that can't be read, ``DoorstepError`` for one that
    does not hold what its line says.
    """
    first, last = files[0], files[-1]
    table = _sorted(topic, [pq.ParquetFile(lake / file.path).read() for file in files])
    rows = sum(file.rows for file in files)
    if table.num_rows != rows:
        raise DoorstepError(
            f"the files {first.path} to {last.path} hold {table.num_rows} rows, their lines say {rows}"
        )
    name = f"{first.topic_id}-{first.partition}-{first.first_offset}-{last.last_offset}{SORTED}"
    path = _folder(first) / name
    return LandedFile(
        topic=topic.name,
        path=path.as_posix(),
        topic_id=first.topic_id,
        partition=first.partition,
        first_offset=first.first_offset,
        last_offset=last.last_offset,
        rows=rows,
        rejected=sum(file.rejected for file in files),
        event_dates=_sum_dates(files),
        size_bytes=write_durably(lake / path, topic, table, ROWS_A_GROUP),
        compacted_at=now,
    )


def sort_columns(topic: Topic) -> tuple[str, ...]:
    """How a compacted file is sorted: a vehicle's rows side by side in the order of their own time."""
    field = instant_field(topic.event) if topic.event is not None else None
    is_by_vehicle = topic.event is not None and "vehicle_id" in topic.event.__struct_fields__
    return (*(["vehicle_id", field] if is_by_vehicle and field else []), "partition", "offset", "index")


def _merge_or_say(
    lake: Path,
    topic: Topic,
    files: tuple[LandedFile, ...],
    now: datetime,
    done: Compacted,
    say: Callable[[str], None],
) -> None:
    try:
        made = merge(lake, topic, files, now)
    except (OSError, pa.ArrowInvalid, DoorstepError) as error:
        say(f"{len(files)} files stay as they are: {error}")
        return
    paths = {file.path for file in files}
    # Asked under the lock that whoever holds a file takes, too: none is held between the answer and the line.
    if not append_entries(lake, topic.name, [made], lambda: not held(lake, topic.name) & paths):
        say(f"{len(files)} files stay as they are: a check that ran meanwhile found some of them bad")
        (lake / made.path).unlink()
        return
    done.merged += len(files)
    done.made += 1
    done.rows += made.rows


def _remove_replaced(lake: Path, topic: Topic, before: datetime) -> int:
    """Remove files, and then their lines, that a line of ``before`` or earlier stands for."""
    lines = read_lines(lake, topic.name)
    counting = current(lines)
    kept = {file.path for file in counting}
    standing = {
        log: sorted(files, key=_first_offset) for log, files in groupby(sorted(counting, key=_log), key=_log)
    }
    replaced: set[str] = set()
    for line in lines:
        if line.path in kept:
            continue
        files = standing[line.log]
        instead = files[bisect_right(files, line.first_offset, key=_first_offset) - 1]
        if instead.compacted_at is not None and instead.compacted_at <= before:
            replaced.add(line.path)
    for path in replaced:
        (lake / path).unlink(missing_ok=True)
    if replaced:
        drop_lines(lake, topic.name, lambda line: line.path in replaced)
    return len(replaced)


def _sorted(topic: Topic, tables: list[pa.Table]) -> pa.Table:
    """One table with the columns of all: rows from before a column was there have none of it."""
    table = _with_gaps(pa.concat_tables(tables, promote_options="permissive").combine_chunks())
    return table.sort_by([(name, "ascending") for name in sort_columns(topic)])


def _with_gaps(table: pa.Table) -> pa.Table:
    """The table with nulls allowed where there are some: a contract's default is in newer rows alone."""
    columns = zip(table.schema, table.columns, strict=True)
    fields = [field.with_nullable(field.nullable or column.null_count > 0) for field, column in columns]
    return pa.Table.from_arrays(table.columns, schema=pa.schema(fields, metadata=table.schema.metadata))


def _sum_dates(files: Iterable[LandedFile]) -> tuple[tuple[date, int], ...]:
    dates: dict[date, int] = {}
    for file in files:
        for day, rows in file.event_dates:
            dates[day] = dates.get(day, 0) + rows
    return tuple(sorted(dates.items()))


def _neighbours(files: Iterable[LandedFile]) -> Iterator[tuple[LandedFile, ...]]:
    """Runs of files without an offset missing between them, of ``ROWS_A_FILE`` rows at most each."""
    run: list[LandedFile] = []
    for file in files:
        is_next = bool(run) and run[-1].last_offset + 1 == file.first_offset
        if run and not (is_next and sum(one.rows for one in run) + file.rows <= ROWS_A_FILE):
            yield tuple(run)
            run = []
        run.append(file)
    if run:
        yield tuple(run)


def _log(file: LandedFile) -> tuple[str, int]:
    return file.log


def _first_offset(file: LandedFile) -> int:
    return file.first_offset


def _folder(file: LandedFile) -> PurePosixPath:
    return PurePosixPath(file.path).parent


def _hour_end(folder: PurePosixPath) -> datetime:
    """When the hour of a folder ``landed_date=…/landed_hour=…`` is over."""
    name = f"{folder.parent.name} {folder.name} +0000"
    return datetime.strptime(name, "landed_date=%Y-%m-%d landed_hour=%H %z") + timedelta(hours=1)
