"""Service dates as Dagster's partitions, and the run tags that carry ranges of them.

A partition is a label: each depot's time zone and cut-over hour are applied in SQL. Dagster writes
two events per asset and partition (24 ms), so a long history runs without partitions, and so do dates
that others part; their ranges are in a tag of our own.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import dagster as dg

from assets.file_dates import EARLIEST
from assets.ledger import Slice
from assets.models.project import DateRange

SERVICE_DATES = dg.DailyPartitionsDefinition(start_date=EARLIEST.isoformat(), end_offset=2)
"""To tomorrow: somewhere it has begun."""

MOST_PARTITIONS = 14

FRESH_DAILY = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=30), warn_window=timedelta(hours=25))
"""The nightly schedule builds every day, so what is older was not built: Dagster shows it as overdue."""

DATES_TAG, DUE_TAG, ACCEPTED_TAG = "doorstep/dates", "doorstep/due", "doorstep/accepted"
RANGE_START_TAG, RANGE_END_TAG = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
PARTITION_TAG = "dagster/partition"


def partitioned_runs(dates: DateRange) -> list[DateRange]:
    """``dates`` as ranges short enough for Dagster's partitions, without dates that it doesn't know yet."""
    known = [
        day
        for number in range(dates.first.toordinal(), dates.last.toordinal() + 1)
        if SERVICE_DATES.has_partition_key((day := date.fromordinal(number)).isoformat())
    ]
    parts = [known[start : start + MOST_PARTITIONS] for start in range(0, len(known), MOST_PARTITIONS)]
    return [DateRange(part[0], part[-1]) for part in parts]


def run_tags(
    ranges: Sequence[DateRange], *, is_due: bool = False, accepted: Sequence[Slice] = ()
) -> dict[str, str]:
    """The tags of a run over ``ranges``: as partitions where it is one, short and known to Dagster.

    ``is_due``: they are to be built for what has landed, and hours that it does not touch stay as they are.
    ``accepted``: the slices that this run takes in though they are not as usual, these very files alone.
    """
    due = {DUE_TAG: "true"} if is_due else {}
    words = " ".join(map(_accepted_as, accepted))
    return {**_range_tags(ranges), **due, **({ACCEPTED_TAG: words} if accepted else {})}


def accepted_topics(tags: Mapping[str, str]) -> frozenset[str]:
    """The topics of which a run was to take in a slice that is not as usual."""
    return frozenset(word.partition("=")[0] for word in tags.get(ACCEPTED_TAG, "").split())


def is_accepted(tags: Mapping[str, str], found: Slice) -> bool:
    """Whether a run is to take in these very files; a run that is executed again keeps its tags."""
    return bool(found.paths) and _accepted_as(found) in tags.get(ACCEPTED_TAG, "").split()


def _accepted_as(found: Slice) -> str:
    return f"{found.topic}={found.fingerprint}"


def _range_tags(ranges: Sequence[DateRange]) -> dict[str, str]:
    first, last = ranges[0].first, ranges[-1].last
    is_short = len(ranges) == 1 and (last - first).days < MOST_PARTITIONS
    if is_short and all(SERVICE_DATES.has_partition_key(day.isoformat()) for day in (first, last)):
        return {RANGE_START_TAG: first.isoformat(), RANGE_END_TAG: last.isoformat()}
    return {DATES_TAG: " ".join(f"{dates.first}/{dates.last}" for dates in ranges)}


def ranges_of_run(tags: Mapping[str, str]) -> tuple[DateRange, ...]:
    """The service dates that a run is about; none for a run of unpartitioned assets alone."""
    for first, last in ((PARTITION_TAG, PARTITION_TAG), (RANGE_START_TAG, RANGE_END_TAG)):
        if first in tags:
            return (_range_of(tags[first], tags[last]),)
    return tuple(_range_of(*found.split("/")) for found in tags.get(DATES_TAG, "").split())


def _range_of(first: str, last: str) -> DateRange:
    return DateRange(date.fromisoformat(first), date.fromisoformat(last))
