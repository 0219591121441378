"""Rings that share pages: each keeps its own, and gives back what it needs no more."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.fleet.columns import blank
from streams.fleet.pages import HALF, PAGE, RING_SIZE
from streams.fleet.ring import keep_fix
from streams.fleet.screen import VEHICLE
from streams.fleet.stop_table import STOP
from streams.fleet.track_table import TrackTable
from tests.streams.fleet.walk import RULES

VEHICLES = 3
ROUTE, NO_STOPS = blank(VEHICLE, 1)[0], blank(STOP, 1)


def see(tracks: TrackTable, row: int, at_us: int) -> None:
    tracks.make_room()
    head, base, own = tracks.heads[row], tracks.bases[row], tracks.pages[row]
    keep_fix(head, base, tracks.rings, own, ROUTE, NO_STOPS, RULES, 52.0, 13.0, 5.0, at_us)


def seen_us(tracks: TrackTable, row: int) -> list[int]:
    pages = tracks.pages[row]
    inside = tracks.rings[pages[pages != 0]].reshape(-1)
    moments: list[int] = inside["at_us"][: int(tracks.bases[row]["ring_count"])].tolist()
    return moments


def free_pages(tracks: TrackTable) -> list[int]:
    found, page = [], int(tracks.rings[0, 0]["at_us"])
    while page:
        found.append(page)
        page = int(tracks.rings[page, 0]["at_us"])
    return found


def table(vehicles: int = VEHICLES) -> TrackTable:
    tracks = TrackTable(1)
    for _ in range(vehicles):
        tracks.add(seen_us=-1)
    return tracks


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, VEHICLES - 1), st.integers(1, 70), st.booleans()), max_size=12))
def test_every_ring_holds_its_own_newest_whatever_the_others_do(steps: list[tuple[int, int, bool]]) -> None:
    tracks, expected = table(), [list[int]() for _ in range(VEHICLES)]
    now_us = 0
    for row, count, is_new_route in steps:
        for _ in range(count):
            if len(expected[row]) == RING_SIZE:
                expected[row] = expected[row][HALF:]
            now_us += 1
            expected[row].append(now_us)
            see(tracks, row, now_us)
        if is_new_route:
            tracks.renumber(row, {})
            expected[row] = []

    in_use = tracks.pages[tracks.pages != 0].tolist()

    assert [seen_us(tracks, row) for row in range(VEHICLES)] == expected
    assert sorted(in_use + free_pages(tracks)) == list(range(1, len(tracks.rings)))
    assert len(in_use) == sum(-(-len(one) // PAGE) for one in expected)


@pytest.mark.parametrize("counts", [(0, 0, 0), (1, 16, 17), (128, 0, 70)])
def test_rings_are_the_same_after_a_restart(counts: tuple[int, ...]) -> None:
    tracks = table()
    for row, count in enumerate(counts):
        for at_us in range(count):
            see(tracks, row, 1_000 * row + at_us)
    restarted = table()
    restarted.bases = tracks.bases.copy()

    restarted.load_rings(tracks.save_rings())

    assert [seen_us(restarted, row) for row in range(VEHICLES)] == [
        seen_us(tracks, row) for row in range(VEHICLES)
    ]
    see(restarted, 1, 9_999)
    assert seen_us(restarted, 1)[-1] == 9_999


def test_a_shift_that_is_over_leaves_its_pages_to_others() -> None:
    tracks = table()
    for at_us in range(RING_SIZE):
        see(tracks, 0, at_us)
    before = len(free_pages(tracks))

    tracks.free(0)

    assert len(free_pages(tracks)) == before + RING_SIZE // PAGE
    assert not np.any(tracks.pages[0])
    assert tracks.add(seen_us=5) == 0
