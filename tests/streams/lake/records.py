"""Kafka records for tests of the lake, saying only what matters."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np

from streams.codec import encode
from streams.events.base import derived_id
from streams.events.telematics import GpsFix
from streams.lake.chunk import Chunk, Headers
from streams.lake.manifest import LandedFile
from streams.topics import DEAD_LETTERS, GPS_FIXES, Topic

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NOON_MS = int(NOON.timestamp() * 1000)
HOUR_MS = 3_600_000


def fix(number: int = 0, *, at: datetime = NOON, lat_deg: float = 52.0, lon_deg: float = 5.0) -> GpsFix:
    """A fix of vehicle v1; its id follows from ``number``."""
    return GpsFix(
        event_id=derived_id("test", number),
        source="test",
        received_at=at,
        vehicle_id="v1",
        fix_at=at,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
    )


def fetched(
    offset: int,
    value: bytes | None = None,
    *,
    topic: Topic = GPS_FIXES,
    key: bytes | None = b"v1",
    partition: int = 0,
    appended_at_ms: int = NOON_MS,
    headers: Headers = (),
) -> Chunk:
    """A chunk of one record; by default the fix whose number is its offset, appended at noon."""
    data = encode(fix(offset)) if value is None else value
    of_one = np.array([offset], np.int64), np.array([appended_at_ms], np.int64)
    return Chunk(topic.name, partition, *of_one, [key], [data], [headers] if topic is DEAD_LETTERS else [])


def landed(first: int, last: int, *, topic_id: str = "A", partition: int = 0) -> LandedFile:
    """A manifest entry of gps.fixes that holds these offsets."""
    return LandedFile(
        topic=GPS_FIXES.name,
        path=f"gps.fixes/{topic_id}-{partition}-{first}-{last}.parquet",
        topic_id=topic_id,
        partition=partition,
        first_offset=first,
        last_offset=last,
        rows=last - first + 1,
        rejected=0,
        event_dates=((NOON.date(), last - first + 1),),
        size_bytes=1,
    )


def parquet_files(lake: Path) -> set[str]:
    """Every file under a lake but the manifest's, hidden ones too."""
    return {
        path.relative_to(lake).as_posix()
        for path in lake.rglob("*")
        if path.is_file() and path.parent.name != "_manifest"
    }


def ids(numbers: range) -> set[UUID]:
    """The event ids of the fixes with these numbers."""
    return {derived_id("test", number) for number in numbers}
