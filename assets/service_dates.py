"""Service dates as Dagster's partitions, and the run tags that carry a range of them.

A partition is a label: each depot's time zone and cut-over hour are applied in SQL. Dagster writes
two events per asset and partition (24 ms), so a long history runs without partitions, its range in
tags of our own.
"""

from collections.abc import Mapping
from datetime import date

import dagster as dg

from assets.ledger import EARLIEST
from assets.models.project import DateRange

SERVICE_DATES = dg.DailyPartitionsDefinition(start_date=EARLIEST.isoformat(), end_offset=2)
"""To tomorrow: somewhere it has begun."""

MOST_PARTITIONS = 14

FIRST_TAG, LAST_TAG = "doorstep/first_date", "doorstep/last_date"
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


def run_tags(dates: DateRange) -> dict[str, str]:
    """The tags of a run over ``dates``: as partitions where they are few and Dagster knows them."""
    first, last = dates.first.isoformat(), dates.last.isoformat()
    is_short = (dates.last - dates.first).days < MOST_PARTITIONS
    if is_short and SERVICE_DATES.has_partition_key(first) and SERVICE_DATES.has_partition_key(last):
        return {RANGE_START_TAG: first, RANGE_END_TAG: last}
    return {FIRST_TAG: first, LAST_TAG: last}


def dates_of(tags: Mapping[str, str]) -> DateRange | None:
    """The service dates that a run is about; ``None`` for a run of unpartitioned assets alone."""
    for first, last in (
        (PARTITION_TAG, PARTITION_TAG),
        (RANGE_START_TAG, RANGE_END_TAG),
        (FIRST_TAG, LAST_TAG),
    ):
        if first in tags:
            return DateRange(date.fromisoformat(tags[first]), date.fromisoformat(tags[last]))
    return None
