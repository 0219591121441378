"""What a raw slice is like beside what landed before: how much, how late, how often flagged, of whom."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from assets.ledger import Slice
from assets.retention.policy import read_rules
from assets.slice_checks import Expected, Link, Usual
from streams.events.judgements import VerdictKind
from streams.lake.manifest import LandedFile, read_manifest
from streams.topics import DEPOTS, VERDICTS

Unknown = Callable[[Link, Collection[str]], Collection[str] | None]
"""Those of some ids that a link's topic never brought; ``None`` where it has not brought any id."""

WEEKS, LEAST_WEEKS = 4, 2
LATE_AFTER = timedelta(hours=1)
SAMPLE_IDS = 5


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure of a slice and the range it usually lies in; ``words`` say what it is made of.

    ``is_absurd`` where it is so far out of it that it can hardly be true.
    """

    measure: str
    subject: str
    value: float
    least: float
    most: float
    words: str
    is_absurd: bool = False


@dataclass(slots=True)
class Looked:
    """What rows were like: how many came late or stale, and how often each id was named, by column."""

    rows: int = 0
    late: int = 0
    stale: int = 0
    named: dict[str, Counter[str]] = field(default_factory=dict)


def look_at(lake: Path, found: Slice, expected: Expected, kept: timedelta | None) -> Looked:
    """Look at a slice file by file: ten million rows at once would be gigabytes."""
    links = [link.column for link in expected.links]
    looked = Looked(named={column: Counter() for column in links})
    for path in found.paths:
        file = pq.ParquetFile(lake / path, read_dictionary=links)
        rows = file.read(columns=[expected.event_time, "received_at", *links])
        looked.rows += rows.num_rows
        delays = pc.subtract(rows["received_at"], rows[expected.event_time])
        looked.late += _longer(delays, LATE_AFTER)
        looked.stale += _longer(delays, kept) if kept else 0
        for column in links:
            for one in pc.value_counts(rows[column].cast(pa.string()).drop_null()).to_pylist():
                looked.named[column][one["values"]] += one["counts"]
    return looked


def _longer(delays: pa.ChunkedArray, than: timedelta) -> int:
    return pc.sum(pc.greater(delays, pa.scalar(than, delays.type))).as_py() or 0


def facts_of(lake: Path, found: Slice, expected: Expected, unknown: Unknown) -> tuple[Fact, ...]:
    """All facts that can be told: no day without former weeks, no link to what has never landed."""
    usual, kept = expected.as_usual, kept_for(found.topic)
    files, looked = read_manifest(lake, found.topic), look_at(lake, found, expected, kept)
    facts = [*volumes(files, found, usual.volume, depot_zones(lake)), late_share(looked, usual.late)]
    facts += [stale_share(looked, kept, usual.stale)] if kept else []
    facts += [fact for link in expected.links for fact in unknown_share(link, looked, unknown, usual.unknown)]
    return (*facts, *flagged_share(lake, files, found, usual.flagged))


def kept_for(topic: str) -> timedelta | None:
    """How long the lake keeps what landed of a topic; ``None`` for good."""
    days = next(rule.keep_days for rule in read_rules() if (rule.place, rule.name) == ("lake", topic))
    return timedelta(days=days) if days is not None else None


def depot_zones(lake: Path) -> frozenset[tzinfo]:
    """The time zones of all depots that landed; an unknown one is the depot's own check's affair."""
    files = (lake / file.path for file in read_manifest(lake, DEPOTS.name) if file.rows)
    tables = [table for file in files if (table := _columns(file, ["time_zone"])) is not None]
    names = {name for table in tables for name in table["time_zone"].unique().to_pylist()}
    return frozenset(zone for name in names if (zone := _zone(name)) is not None)


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def volumes(
    files: Iterable[LandedFile], found: Slice, usual: Usual, zones: Iterable[tzinfo] = ()
) -> list[Fact]:
    """Rows of each UTC date of the slice that is over, as a multiple of the same weekday's median.

    A date is over once Kafka has appended something after its end, in UTC and in all of the depots'
    ``zones``: devices may send in the evening. What events are dated says nothing, as a clock may be ahead.
    """
    rows, mine, newest_hour = Counter[date](), Counter[date](), ""
    for file in files:
        rows.update(dict(file.event_dates))
        newest_hour = max(newest_hour, _hour(file))
        if file.path in found.paths:
            mine.update(dict(file.event_dates))
    if not mine:
        return []
    newest = datetime.strptime(newest_hour, "landed_date=%Y-%m-%d/landed_hour=%H").replace(tzinfo=UTC)
    under_way = min(newest.astimezone(zone).date() for zone in (UTC, *zones))
    facts = []
    for day in sorted(day for day in mine if day < under_way):
        weekdays = [_weeks_before(day, weeks) for weeks in range(1, WEEKS + 1)]
        former = [rows[before] for before in weekdays if before in rows]
        if len(former) >= LEAST_WEEKS:
            facts.append(_volume(day, rows[day], mine[day], median(former), usual))
    return facts


def _volume(day: date, rows: int, mine: int, former: float, usual: Usual) -> Fact:
    """``mine`` of a date's ``rows`` are the slice's, which blocks for what it brings or should have brought.

    What straggles in later can't help that others were too many or too few. Too few of a holiday are a
    handful of devices: a slice has to bring more of the date than that.
    """
    is_flood = usual.is_absurd(mine / former, former) and mine > former
    is_drought = usual.is_absurd(rows / former, mine) and rows < former and 2 * mine > rows
    words = f"{rows} rows of {day:%A} {day}, usually {former:.0f} on that weekday"
    return Fact("volume", str(day), rows / former, usual.least, usual.most, words, is_flood or is_drought)


def _weeks_before(day: date, weeks: int) -> date:
    return date.fromordinal(max(1, day.toordinal() - 7 * weeks))


def late_share(looked: Looked, usual: Usual) -> Fact:
    """The share of rows that were received over an hour after they happened."""
    words = f"{looked.late} of {looked.rows} rows were received over an hour after they happened"
    return _share("late_share", "slice", looked.late, looked.rows, usual, words)


def stale_share(looked: Looked, kept: timedelta, usual: Usual) -> Fact:
    """The share of rows that would be gone by now if they had come in time."""
    words = (
        f"{looked.stale} of {looked.rows} rows were received over {kept.days} days after they happened, "
        "for which they are kept"
    )
    return _share("stale_share", "slice", looked.stale, looked.rows, usual, words)


def unknown_share(link: Link, looked: Looked, unknown: Unknown, usual: Usual) -> list[Fact]:
    """The share of rows that name an id which has not landed; none where no such id ever has."""
    named = looked.named[link.column]
    found = unknown(link, list(named))
    if found is None:
        return []
    rows, of_rows = sum(named[one] for one in found), named.total()
    sample = ", ".join(sorted(found)[:SAMPLE_IDS])
    words = f"{rows} of {of_rows} rows name a {link.column} that {link.topic} never brought"
    words += f", such as {sample}" if sample else ""
    return [_share(f"unknown_{link.column}", link.topic, rows, of_rows, usual, words)]


def flagged_share(lake: Path, files: Iterable[LandedFile], found: Slice, usual: Usual) -> list[Fact]:
    """The share of rows that the streams flagged, by the verdicts that landed since the first of them did.

    Whether a build has taken a verdict in already changes nothing: a slice that stays out is judged anew.
    """
    mine = [file for file in files if file.path in found.paths]
    if not mine or not found.rows:
        return []
    since = min(_hour(file) for file in mine)
    later = [file for file in read_manifest(lake, VERDICTS.name) if _hour(file) >= since]
    columns = ["judged_topic", "kind", "judged_partition", "judged_offset", "judged_index"]
    verdicts = [table for file in later if (table := _columns(lake / file.path, columns)) is not None]
    if not verdicts:
        return []
    places = _flagged_places(pa.concat_tables(_flagged(one, found.topic) for one in verdicts))
    flagged = sum(_within(places, file) for file in mine)
    words = f"{flagged} of {found.rows} rows were flagged; {VERDICTS.name} says by which rule"
    return [_share("flagged_share", "slice", flagged, found.rows, usual, words)]


def _share(measure: str, subject: str, rows: int, of_rows: int, usual: Usual, words: str) -> Fact:
    share = rows / max(1, of_rows)
    return Fact(measure, subject, share, usual.least, usual.most, words, usual.is_absurd(share, of_rows))


def _hour(file: LandedFile) -> str:
    """The folders of a file's hour of append, which sort as the hours do."""
    return file.path.removeprefix(f"{file.topic}/").rpartition("/")[0]


def _flagged(verdicts: pa.Table, topic: str) -> pa.Table:
    is_flagged = pc.and_(
        pc.equal(verdicts["judged_topic"], topic), pc.equal(verdicts["kind"], VerdictKind.FLAGGED.value)
    )
    return verdicts.filter(is_flagged).select(["judged_partition", "judged_offset", "judged_index"])


def _flagged_places(flagged: pa.Table) -> pa.Table:
    """Partition, offset and index of each row that a rule flagged, once."""
    return flagged.group_by(["judged_partition", "judged_offset", "judged_index"]).aggregate([])


def _within(places: pa.Table, file: LandedFile) -> int:
    partitions, offsets = (places[name].to_numpy() for name in ("judged_partition", "judged_offset"))
    is_mine = (partitions == file.partition) & (file.first_offset <= offsets) & (offsets <= file.last_offset)
    return int(np.count_nonzero(is_mine))


def _columns(path: Path, names: list[str]) -> pa.Table | None:
    """Columns of another topic's file; ``None`` where it can't be read, which its own check says."""
    try:
        return pq.ParquetFile(path).read(columns=names)
    except (OSError, pa.ArrowInvalid):
        return None
