"""What starts builds by itself: a sensor on newly landed files."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import duckdb
import msgspec

from assets.ledger import service_dates
from assets.models.project import DateRange, Project, Source
from assets.service_dates import run_tags
from streams.lake.manifest import read_manifest
from streams.topics import DEPOTS

Seen = dict[str, int]
"""How many files of each topic the sensor has seen."""


def touched(
    lake: Path, sources: tuple[Source, ...], seen: Seen, time_zone: str
) -> tuple[Seen, DateRange | None]:
    """What has landed by now, and the service dates that files not in ``seen`` touch."""
    now_seen: Seen = {}
    spans: list[DateRange] = []
    depots = read_manifest(lake, DEPOTS.name)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for source in sources:
            files = read_manifest(lake, source.topic)
            now_seen[source.topic] = len(files)
            new = files[seen.get(source.topic, 0) :]
            found = service_dates(connection, lake, source, new, depots, time_zone)
            spans += [DateRange(first, last) for first, last in found.values()]
    if not spans:
        return now_seen, None
    return now_seen, DateRange(min(span.first for span in spans), max(span.last for span in spans))


def new_files_sensor(job_name: str, project: Project, lake: Path, time_zone: str) -> dg.SensorDefinition:
    """Starts the job for the service dates that newly landed files touch."""

    @dg.sensor(
        name="new_files",
        job_name=job_name,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Builds the service dates that newly landed files touch.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        seen = msgspec.json.decode(context.cursor, type=Seen) if context.cursor else {}
        now_seen, dates = touched(lake, project.sources, seen, time_zone)
        cursor = msgspec.json.encode(now_seen, order="sorted").decode()
        context.update_cursor(cursor)
        if dates is None:
            yield dg.SkipReason("no new files that hold dated events")
        else:
            yield dg.RunRequest(run_key=cursor, tags=run_tags(dates))

    return sensor
