"""Walks one vehicle through the compiled stays, fix by fix along the east axis from the depot."""

from datetime import datetime, timedelta
from typing import NamedTuple

from streams.fleet.columns import NEVER, blank, rules_record
from streams.fleet.ring import TRACK
from streams.fleet.rules import DEFAULT_RULES
from streams.fleet.screen import VEHICLE
from streams.fleet.stays import claim, follow
from streams.fleet.stop_table import STOP
from streams.fleet.track_fields import (
    ARRIVED,
    BY_GPS,
    BY_INFERENCE,
    BY_SCAN,
    CROSSED,
    DEPARTED,
    DEPOT,
    LEFT,
)
from tests.factories import at, place

RULES = rules_record(DEFAULT_RULES)
WORDS = {BY_GPS: "gps", BY_SCAN: "scan", BY_INFERENCE: "inferred"}


class Told(NamedTuple):
    """One thing that was said: ``arrived``, ``left``, ``passed`` or ``departed``, where, and as of when."""

    what: str
    where: str
    since: str
    until: str = ""


def micros(clock: str | datetime) -> int:
    moment = at(clock) if isinstance(clock, str) else clock
    return int(moment.timestamp()) * 1_000_000


def clock_of(at_us: int) -> str:
    return f"{datetime.fromtimestamp(at_us / 1e6, tz=at('08:00').tzinfo):%H:%M:%S}"


class Walk:
    """A vehicle whose shift begins at 08:00 at the depot (0 m), with stops so many metres east."""

    def __init__(self, *stops_m: float, north_m: float = 0.0) -> None:
        self.head, route = blank(TRACK, 1)[0], blank(VEHICLE, 1)[0]
        self.route = route
        self.stops = blank(STOP, max(1, len(stops_m)))
        self.told: list[Told] = []
        depot = place(0, 0)
        for name in ("depot", "end"):
            route[f"{name}_lat_deg"] = depot.lat_deg
            route[f"{name}_lon_deg"] = depot.lon_deg
        route["stop_count"], route["shift_starts_us"] = len(stops_m), micros("08:00")
        for record, east_m in zip(self.stops, stops_m, strict=False):
            where = place(east_m, north_m)
            record["lat_deg"], record["lon_deg"] = where.lat_deg, where.lon_deg

    def fix(self, clock: str | datetime, east_m: float, speed_mps: float = 0.0, north_m: float = 0.0) -> None:
        where = place(east_m, north_m)
        bits = follow(
            self.head,
            self.route,
            self.stops,
            RULES,
            where.lat_deg,
            where.lon_deg,
            speed_mps,
            micros(clock),
        )
        self._note(bits)

    def claim(self, clock: str, stop: int) -> None:
        self._note(claim(self.head, self.route, self.stops, RULES, stop, micros(clock)))

    def park(self, start: str, duration_s: int, east_m: float, every_s: int = 30) -> None:
        for passed_s in range(0, duration_s + 1, every_s):
            self.fix(at(start) + timedelta(seconds=passed_s), east_m)

    def drive(
        self, start: str, from_m: float, to_m: float, speed_mps: float = 10.0, every_s: int = 10
    ) -> None:
        """Fixes on the way, without those of its begin and end."""
        for passed_s in range(every_s, int(abs(to_m - from_m) / speed_mps), every_s):
            moved_m = passed_s * speed_mps * (1 if to_m > from_m else -1)
            self.fix(at(start) + timedelta(seconds=passed_s), from_m + moved_m, speed_mps)

    def over(self, stop: int) -> str:
        """Since when nothing is left to do at the stop."""
        over_us = int(self.stops[stop]["over_us"])
        return "" if over_us == NEVER else clock_of(over_us)

    def _note(self, bits: int) -> None:
        head = self.head
        if bits & DEPARTED:
            self.told.append(Told("departed", "", clock_of(head["trip_departed_us"])))
        if bits & LEFT:
            until = clock_of(head["left_until_us"])
            self.told.append(Told("left", _name(head["left_place"]), clock_of(head["left_since_us"]), until))
        if bits & CROSSED:
            where = "+".join(
                f"s{number + 1}"
                for number in range(int(head["crossed_first"]), int(head["crossed_last"]) + 1)
            )
            since, until = clock_of(head["crossed_since_us"]), clock_of(head["crossed_until_us"])
            self.told.append(Told("passed", where, since, until))
        if bits & ARRIVED:
            how = WORDS[int(head["stay_known"])]
            since = clock_of(head["stay_since_us"])
            self.told.append(Told("arrived", _name(head["stay_place"]), since, how))


def _name(place_number: int) -> str:
    return "depot" if place_number == DEPOT else f"s{place_number}"
