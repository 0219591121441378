"""Late fixes and scans in their place: any order within the ring's reach gives the same stays."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.fleet.columns import blank
from streams.fleet.pages import HALF, RING_SIZE
from streams.fleet.ring import TRACK, derive, keep_claim, keep_fix
from streams.fleet.screen import VEHICLE
from streams.fleet.stop_table import STOP
from streams.fleet.stretches import MOST_STRETCHES, STRETCH
from streams.fleet.track_fields import LATE, TOO_LATE
from streams.fleet.track_table import TrackTable
from tests.factories import at, place
from tests.streams.fleet.walk import RULES, clock_of, micros

Seen = tuple[int, float, float]
"""Seconds after 08:00, metres east, speed; a negative speed is a scan at the stop of that number."""


class Ring:
    """One vehicle's ring, with the stops s1 at 1000 m, s2 at 1010 m, s3 at 3000 m."""

    def __init__(self) -> None:
        self.heads, self.bases = blank(TRACK, 1), blank(TRACK, 1)
        self.tracks = TrackTable(1)
        self.route = blank(VEHICLE, 1)[0]
        self.stops = blank(STOP, 3)
        for name in ("depot", "end"):
            self.route[f"{name}_lat_deg"] = place(0, 0).lat_deg
            self.route[f"{name}_lon_deg"] = place(0, 0).lon_deg
        self.route["stop_count"], self.route["shift_starts_us"] = 3, micros("08:00")
        for record, east_m in zip(self.stops, (1000, 1010, 3000), strict=True):
            record["lat_deg"], record["lon_deg"] = place(east_m, 0).lat_deg, place(east_m, 0).lon_deg

    def take(self, seen: Seen) -> int:
        passed_s, east_m, speed_mps = seen
        at_us = micros(at("08:00") + timedelta(seconds=passed_s))
        self.tracks.make_room()
        rings, pages = self.tracks.rings, self.tracks.pages
        where = (self.heads[0], self.bases[0], rings, pages[0], self.route, self.stops, RULES)
        if speed_mps < 0:
            bits = keep_claim(*where, int(-speed_mps) - 1, at_us)
        else:
            spot = place(east_m, 0)
            bits = keep_fix(*where, spot.lat_deg, spot.lon_deg, speed_mps, at_us)
        if bits & LATE:
            self.stretches()
        return bits

    def stretches(self) -> list[tuple[int, str, str]]:
        found = np.zeros(MOST_STRETCHES, STRETCH)
        rings, pages = self.tracks.rings, self.tracks.pages
        count = derive(self.heads, self.bases, 0, rings, pages[0], self.route, self.stops, RULES, found)
        return [
            (
                int(row["place"]),
                clock_of(row["since_us"]),
                clock_of(row["until_us"]) if row["until_us"] > 0 else "",
            )
            for row in found[:count]
        ]


def day() -> list[Seen]:
    """08:02 to 08:05 at s1 and s2, with a scan of each; 08:10 to 08:13 at s3; fixes every 20 s."""
    to_building = [(second, 10.0 * second, 10.0) for second in range(0, 100, 20)]
    building = [(second, 1005.0, 0.0) for second in range(120, 310, 20)]
    onward = [(second, 1005 + 10.0 * (second - 300), 10.0) for second in range(320, 500, 20)]
    last = [(second, 3000.0, 0.0) for second in range(600, 790, 20)]
    away = [(second, 3000 + 10.0 * (second - 780), 10.0) for second in range(800, 900, 20)]
    return sorted([*to_building, *building, (250, 0, -1), (295, 0, -2), *onward, *last, *away])


def played(seen: list[Seen]) -> Ring:
    ring = Ring()
    for one in seen:
        ring.take(one)
    return ring


# s1 08:02 |===D|       D = its scan at 08:04:10
# s2           |===D|   and at 08:04:55
# s3                         08:10 |=====|
def test_a_day_in_order_is_these_stays() -> None:
    assert played(day()).stretches() == [
        (1, "08:02:00", "08:04:10"),
        (2, "08:04:10", "08:05:00"),
        (3, "08:10:00", "08:13:00"),
    ]


@settings(max_examples=100)
@given(st.permutations(day()))
def test_any_order_within_the_rings_reach_gives_the_same_stays(shuffled: list[Seen]) -> None:
    ring = played(shuffled)

    assert ring.stretches() == played(day()).stretches()
    assert ring.heads[0].tobytes() == played(day()).heads[0].tobytes()


def test_deriving_anew_what_came_in_order_changes_nothing() -> None:
    ring = played(day())
    head, stops = ring.heads.copy(), ring.stops.copy()

    ring.stretches()

    assert head.tobytes() == ring.heads.tobytes()
    assert stops.tobytes() == ring.stops.tobytes()


# ring     |------ 128 ------|     full: the older half goes into the base
# late  x     |---- 64 ------|     x = too late, at least 64 are always within reach
@pytest.mark.parametrize("count", [RING_SIZE, RING_SIZE + 1, 3 * RING_SIZE + 7])
def test_at_least_the_last_64_are_within_reach(count: int) -> None:
    seen = [(10 * number, 5.0 * number, 5.0) for number in range(count)]
    ring = played(seen)

    within = ring.take((10 * (count - HALF) + 5, 0, 1.0))
    before = ring.take((-5, 0, 1.0)) if count > RING_SIZE else TOO_LATE

    assert within == LATE
    assert before == TOO_LATE
    assert ring.bases[0]["ring_count"] <= RING_SIZE


@settings(max_examples=50)
@given(st.lists(st.integers(0, 30), min_size=300, max_size=300))
def test_swaps_over_less_than_64_places_end_in_the_same_head_over_many_rings(delays: list[int]) -> None:
    stay_at = (0.0, 1005.0, 3000.0, 1005.0, 6000.0, 3000.0)
    seen = [(20 * number, stay_at[number // 50], float(number % 7 == 0)) for number in range(300)]
    arrival = sorted(range(300), key=lambda number: (number + delays[number], number))

    swapped, ordered = played([seen[number] for number in arrival]), played(seen)

    swapped.stretches(), ordered.stretches()
    same = [name for name in TRACK.names or () if name.startswith(("stay_", "trip_", "left_", "track_"))]
    for name in same:
        assert str(swapped.heads[0][name]) == str(ordered.heads[0][name]), name
    assert [list(stop) for stop in swapped.stops[["over_us", "scanned_us"]].tolist()] == [
        list(stop) for stop in ordered.stops[["over_us", "scanned_us"]].tolist()
    ]
