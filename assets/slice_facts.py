"""What a raw slice is like beside what landed before: how much, how late, how often flagged, of whom."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from assets.ledger import Slice
from assets.slice_checks import Expected, Link
from streams.events.judgements import VerdictKind
from streams.lake.manifest import LandedFile, read_manifest
from streams.topics import VERDICTS

if TYPE_CHECKING:
    import pandas as pd

WEEKS, LEAST_WEEKS = 4, 2
LATE_AFTER = timedelta(hours=1)
SAMPLE_IDS = 5


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure of a slice and the range it usually lies in; ``words`` say what it is made of."""

    measure: str
    subject: str
    value: float
    least: float
    most: float
    words: str


def facts_of(
    lake: Path, found: Slice, expected: Expected, frame: "pd.DataFrame", verdict_paths: Iterable[str]
) -> tuple[Fact, ...]:
    """All facts that can be told: no day without former weeks, no link to what has never landed."""
    files = read_manifest(lake, found.topic)
    facts = [*volumes(files, found), late_share(expected, frame)]
    facts += [fact for link in expected.links for fact in unknown_share(lake, link, frame)]
    return (*facts, *flagged_share(lake, files, found, verdict_paths))


def volumes(files: Iterable[LandedFile], found: Slice) -> list[Fact]:
    """Rows of each UTC date of the slice that is over, as a multiple of the same weekday's median.

    A date is over once a later one has landed.
    """
    rows, dates = Counter[date](), set[date]()
    for file in files:
        rows.update(dict(file.event_dates))
        if file.path in found.paths:
            dates.update(day for day, _ in file.event_dates)
    newest = max(rows, default=None)
    facts = []
    for day in sorted(dates - {newest}):
        weekdays = [_weeks_before(day, weeks) for weeks in range(1, WEEKS + 1)]
        former = [rows[before] for before in weekdays if before in rows]
        if len(former) >= LEAST_WEEKS:
            usual = median(former)
            words = f"{rows[day]} rows of {day:%A} {day}, usually {usual:.0f} on that weekday"
            facts.append(Fact("volume", str(day), rows[day] / usual, 0.5, 2.0, words))
    return facts


def _weeks_before(day: date, weeks: int) -> date:
    return date.fromordinal(max(1, day.toordinal() - 7 * weeks))


def late_share(expected: Expected, frame: "pd.DataFrame") -> Fact:
    """The share of rows that were received over an hour after they happened."""
    late = int((frame["received_at"] - frame[expected.event_time] > LATE_AFTER).sum())
    words = f"{late} of {len(frame)} rows were received over an hour after they happened"
    return Fact("late_share", "slice", late / len(frame), 0.0, 0.25, words)


def unknown_share(lake: Path, link: Link, frame: "pd.DataFrame") -> list[Fact]:
    """The share of rows that name an id which has not landed; none where no such id ever has."""
    known = _landed_ids(lake, link)
    if not known:
        return []
    named = frame[link.column].dropna()
    unknown = named[~named.isin(known)]
    share = len(unknown) / max(1, len(named))
    sample = ", ".join(map(str, unknown.unique()[:SAMPLE_IDS]))
    words = f"{len(unknown)} of {len(named)} rows name a {link.column} that {link.topic} never brought"
    words += f", such as {sample}" if sample else ""
    return [Fact(f"unknown_{link.column}", link.topic, share, 0.0, 0.05, words)]


def flagged_share(
    lake: Path, files: Iterable[LandedFile], found: Slice, verdict_paths: Iterable[str]
) -> list[Fact]:
    """The share of rows that the streams flagged, by the verdicts that landed with them."""
    mine = [file for file in files if file.path in found.paths]
    columns = ["judged_topic", "judged_partition", "judged_offset", "judged_index", "kind"]
    verdicts = [table for path in verdict_paths if (table := _columns(lake / path, columns)) is not None]
    if not verdicts or not found.rows:
        return []
    places = {
        (row["judged_partition"], row["judged_offset"], row["judged_index"])
        for row in pa.concat_tables(verdicts).to_pylist()
        if row["judged_topic"] == found.topic and row["kind"] == VerdictKind.FLAGGED
    }
    flagged = sum(
        any(file.partition == partition and file.first_offset <= offset <= file.last_offset for file in mine)
        for partition, offset, _ in places
    )
    words = f"{flagged} of {found.rows} rows were flagged; {VERDICTS.name} says by which rule"
    return [Fact("flagged_share", "slice", flagged / found.rows, 0.0, 0.2, words)]


def _landed_ids(lake: Path, link: Link) -> set[object]:
    paths = [lake / file.path for file in read_manifest(lake, link.topic) if file.rows]
    tables = [table for path in paths if (table := _columns(path, [link.column])) is not None]
    return set(pa.concat_tables(tables)[link.column].unique().to_pylist()) if tables else set()


def _columns(path: Path, names: list[str]) -> pa.Table | None:
    """Columns of another topic's file; ``None`` where it can't be read, which its own check says."""
    try:
        return pq.ParquetFile(path).read(columns=names)
    except (OSError, pa.ArrowInvalid):
        return None
