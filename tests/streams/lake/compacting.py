"""Files of fixes that land, and one run of compaction over them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
from msgspec.structs import replace

from streams.codec import encode
from streams.lake.chunk import join
from streams.lake.compaction import HOUR_SETTLES, KEPT, Compacted, compact
from streams.lake.files import write_file
from streams.lake.locks import only_writer
from streams.lake.manifest import append_entries, read_manifest
from streams.lake.scanned import Tables
from streams.topics import GPS_FIXES, Topic
from tests.streams.lake.records import NOON, NOON_MS, fetched, fix

AFTERWARDS = NOON + timedelta(hours=1) + HOUR_SETTLES
LATER = AFTERWARDS + KEPT
TABLES = Tables()
HOUR_FOLDER = "gps.fixes/landed_date=2026-03-02/landed_hour=12"


def land_files(lake: Path, *offsets: range, topic: Topic = GPS_FIXES, appended_at_ms: int = NOON_MS) -> None:
    """One file for each range of offsets; fixes of three vehicles in turn, each older than the one before."""
    with only_writer(lake):
        for span in offsets:
            records = [
                fetched(
                    n,
                    encode(replace(fix(n, at=NOON - timedelta(seconds=n)), vehicle_id=f"v{n % 3}")),
                    key=f"v{n % 3}".encode(),
                    topic=topic,
                    appended_at_ms=appended_at_ms,
                )
                for n in span
            ]
            append_entries(lake, topic.name, [write_file(lake, topic, "A", join(records), TABLES)])


def run(
    lake: Path,
    now: datetime = AFTERWARDS,
    *,
    topics: Sequence[Topic] = (GPS_FIXES,),
    said: list[str] | None = None,
) -> Compacted:
    return compact(
        lake,
        topics,
        now=now,
        kept=KEPT,
        is_stopped=lambda: False,
        say=(said if said is not None else []).append,
    )


def offsets_that_count(lake: Path) -> list[int]:
    """Every offset of the files that count, sorted."""
    return sorted(
        offset
        for entry in read_manifest(lake, "gps.fixes")
        for offset in pq.read_table(lake / entry.path, columns=["offset"])["offset"].to_pylist()
    )
