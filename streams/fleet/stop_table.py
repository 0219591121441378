"""The stops of all routes under way in one partition, each route's side by side, for compiled code."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from routing.plan import Location, PlannedVisit
from streams.fleet.columns import NEVER, STOP_FIELDS, blank
from streams.fleet.instants import micros
from streams.fleet.lateness import LATENESS_FIELDS
from streams.fleet.notice_watch import STOP_NOTICE_FIELDS
from streams.fleet.outlook import STOP_OUTLOOK_FIELDS
from streams.fleet.shift_watch import STOP_WATCH_FIELDS
from streams.fleet.track_fields import STOP_STAY_FIELDS

KEPT_FIELDS = STOP_STAY_FIELDS + LATENESS_FIELDS + STOP_NOTICE_FIELDS
STOP = np.dtype(STOP_FIELDS + STOP_OUTLOOK_FIELDS + STOP_WATCH_FIELDS + KEPT_FIELDS)

CARRIED = ("is_added", "planned_us", "p50_us", "p90_us", *(name for name, _ in KEPT_FIELDS))
"""What stays with a stop when its route is planned anew."""

SMALLEST = 64


class StopTable:
    """``records`` up to ``used``; of those, ``freed`` belong to no route any more."""

    __slots__ = ("freed", "records", "used")

    def __init__(self) -> None:
        self.records: NDArray[np.void] = blank(STOP, SMALLEST)
        self.used = 0
        self.freed = 0

    def add(self, visits: tuple[PlannedVisit, ...]) -> int:
        """Put in a route's stops; where the first of them lies."""
        begin, self.used = self.used, self.used + len(visits)
        if self.used > len(self.records):
            grown = blank(STOP, max(self.used, len(self.records) * 9 // 8))
            grown[:begin] = self.records[:begin]
            self.records = grown
        for at, visit in enumerate(visits, begin):
            record, stop = self.records[at], visit.stop
            record["lat_deg"], record["lon_deg"] = stop.location.lat_deg, stop.location.lon_deg
            record["service_s"] = stop.service_s
            window = stop.window
            record["opens_us"] = NEVER if window is None else micros(window.opens_at)
            record["closes_us"] = NEVER if window is None else micros(window.closes_at)
            record["planned_us"] = record["arrive_us"] = micros(visit.arrive_at)
            record["p50_us"] = record["p90_us"] = record["told_us"] = NEVER
            record["is_done"] = False
        return begin

    def location(self, at: int) -> Location:
        """Where the stop of a record is."""
        record = self.records[at]
        return Location(float(record["lat_deg"]), float(record["lon_deg"]))

    def free(self, count: int) -> None:
        """Take note that a route of so many stops is over."""
        self.freed += count

    @property
    def is_sparse(self) -> bool:
        """Whether more than half of it belongs to no route."""
        return self.used > SMALLEST and self.freed * 2 > self.used

    def pack(self, spans: list[tuple[int, int]], moved: Callable[[int, int], None]) -> None:
        """Close the gaps; ``moved`` is told of each of ``spans`` (begin, count) its place and new begin."""
        old = self.records
        kept = sum(count for _, count in spans)
        self.records, self.used, self.freed = blank(STOP, max(SMALLEST, kept * 9 // 8)), kept, 0
        at = 0
        for place, (begin, count) in enumerate(spans):
            self.records[at : at + count] = old[begin : begin + count]
            moved(place, at)
            at += count
