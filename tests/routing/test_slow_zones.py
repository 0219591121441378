"""Roads that are closed or slow for a while, and what re-planning makes of them."""

from dataclasses import replace
from datetime import timedelta
from math import pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.changes import Changes
from routing.evaluate import evaluate
from routing.reoptimize import reoptimize
from routing.slow_zones import Slowed, SlowZone
from tests.factories import TRAVEL, at, place, plan, route, shift, stop
from tests.routing.under_way import QUICK, USUAL, progress, sequences

JAM = SlowZone(place(2000), 500.0, at("09:00"), at("10:00"), share=0.5)
CLOSED = SlowZone(place(2000), 500.0, at("09:00"), at("10:00"), is_closed=True)


def takes_s(zone: SlowZone, from_m: float, to_m: float, clock: str = "09:10", north_m: float = 0.0) -> float:
    _, duration_s = Slowed(TRAVEL, (zone,)).leg(place(from_m, north_m), place(to_m, north_m), at(clock))
    return duration_s


@pytest.mark.parametrize(
    ("zone", "from_m", "to_m", "duration_s"),
    [
        # ── 0 ──── 1 km ──(1.5 ═ 2 ═ 2.5)── 3 km: 10 m/s, 5 m/s in the zone
        (JAM, 0, 1000, 100.0),
        (JAM, 1000, 2000, 150.0),  # 500 m in it
        (JAM, 1600, 2400, 160.0),  # all of it
        (JAM, 0, 4000, 400.0 + (500 * pi - 1000) / 10),  # round it is less than 100 s more
        (CLOSED, 0, 4000, 400.0 + (500 * pi - 1000) / 10),
        (CLOSED, 1000, 2000, 50.0 + 500.0),  # who has to be there is driven to, at a tenth
    ],
)
def test_a_leg_takes_longer_in_the_zone_or_goes_round_it(
    zone: SlowZone, from_m: float, to_m: float, duration_s: float
) -> None:
    assert takes_s(zone, from_m, to_m) == pytest.approx(duration_s, rel=1e-3)


def test_a_leg_beside_the_zone_is_as_usual() -> None:
    assert takes_s(JAM, 0, 4000, north_m=600) == pytest.approx(400.0, rel=1e-3)


@pytest.mark.parametrize(
    ("clock", "is_slow"), [("08:59", False), ("09:00", True), ("09:59", True), ("10:00", False)]
)
def test_a_zone_counts_while_it_is_there(clock: str, is_slow: bool) -> None:
    assert (takes_s(JAM, 1000, 2000, clock) > 101) is is_slow


def test_a_zone_counts_for_the_whole_hour_in_which_it_begins_or_ends() -> None:
    short = replace(JAM, from_at=at("09:20"), until_at=at("10:01"))

    assert [takes_s(short, 1000, 2000, clock) > 101 for clock in ("08:59", "09:00", "10:59", "11:00")] == [
        False,
        True,
        True,
        False,
    ]


coordinates = st.floats(-3000, 3000).map(lambda metres: round(metres, 1))


@given(st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=6), st.sampled_from([JAM, CLOSED]))
def test_one_leg_and_all_legs_say_the_same(points: list[tuple[float, float]], zone: SlowZone) -> None:
    slowed, places = Slowed(TRAVEL, (zone,)), [place(2000 + x, y) for x, y in points]

    distances_m, durations_s = slowed.matrices(places, at("09:10"))

    legs = [[slowed.leg(a, b, at("09:10")) for b in places] for a in places]
    assert np.allclose(distances_m, [[metres for metres, _ in row] for row in legs], atol=0.01)
    assert np.allclose(durations_s, [[seconds for _, seconds in row] for row in legs], atol=0.01)


def test_a_plan_through_a_jam_is_changed_so_that_promises_are_kept() -> None:
    # c at -1 km ── depot ── b at 2 km, in the jam: b, c is in time as usual, in the jam only c, b.
    b, c = stop("b", 2000), stop("c", -1000, window=("09:00", "09:09"))
    current = plan(route(b, c, shift=shift(starts="09:00")))
    jam = replace(JAM, share=0.1)

    as_usual = reoptimize(current, (), Changes(), USUAL, TRAVEL, QUICK, seed=1)
    slowed = reoptimize(
        current, (progress(free="09:00"),), Changes(), USUAL, Slowed(TRAVEL, (jam,)), QUICK, seed=1
    )

    assert as_usual.routes == ()
    assert sequences(slowed) == {"A": ("c", "b")}
    assert evaluate(slowed.routes, Slowed(TRAVEL, (jam,))).is_feasible
    assert not evaluate(current, Slowed(TRAVEL, (jam,))).is_feasible


@pytest.mark.parametrize(
    ("figures", "message"),
    [
        ({"radius_m": 0.0}, "SlowZone has a radius outside 0..100000 m: 0.0"),
        ({"radius_m": float("nan")}, "SlowZone has a radius outside"),
        ({"share": 0.0}, "SlowZone has a share of speed outside 0.1..1: 0.0"),
        ({"until_at": JAM.from_at + timedelta(days=3, seconds=1)}, "SlowZone is longer than 3 days"),
        ({"until_at": at("08:00")}, "SlowZone ends before it begins"),
        ({"is_closed": True}, "SlowZone is closed, and has a share of speed: 0.5"),
    ],
)
def test_a_zone_that_makes_no_sense_is_refused(figures: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(JAM, **figures)  # type: ignore[arg-type]
