from dataclasses import replace
from math import hypot
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.eta import Z_P90, Spread, estimate_etas
from routing.evaluate import evaluate
from routing.lateness import chance_of_harm, chance_of_lateness, chances_of_lateness
from routing.plan import Stop, TimeWindow
from tests.factories import TRAVEL, at, route, shift, stop
from tests.routing.strategies import stops

USUAL = Spread()


def chances(*served: Stop, spread: Spread = USUAL) -> dict[str, float]:
    (judged,) = evaluate([route(*served)], TRAVEL).routes
    return dict(chances_of_lateness(judged, served, spread))


def test_half_of_those_who_are_due_at_the_close_come_late() -> None:
    assert chance_of_lateness(0.0, 100.0) == 0.5
    assert chance_of_lateness(128.155, 100.0) == pytest.approx(0.1, abs=1e-5)
    assert chance_of_lateness(-128.155, 100.0) == pytest.approx(0.9, abs=1e-5)


def test_without_any_spread_it_is_certain() -> None:
    assert chance_of_lateness(0.0, 0.0) == 0.0
    assert chance_of_lateness(-0.1, 0.0) == 1.0


def test_a_stop_without_a_window_is_promised_nothing() -> None:
    assert chances(stop("a")) == {}


def test_a_wait_absorbs_what_was_uncertain_before_it() -> None:
    #   08:00 ---1000 s--- 08:16:40 ...waits... 09:00 ---100 s--- 09:01:40, close 09:02
    waited_for = stop("a", 10_000, window=("09:00", "10:00"))
    follower = stop("b", 11_000, window=("09:00", "09:02"))

    found = chances(waited_for, follower)

    assert found["a"] < 1e-9
    own_s, of_the_day_s = 15.0, 10.0
    assert found["b"] == pytest.approx(chance_of_lateness(20.0, hypot(own_s, of_the_day_s)), abs=1e-3)


@settings(max_examples=60)
@given(st.lists(stops("x"), min_size=1, max_size=5))
def test_one_in_ten_is_late_for_a_window_that_closes_at_p90(drawn: list[Stop]) -> None:
    served = [
        replace(each, stop_id=f"s{n}", other_windows=(), released_at=None) for n, each in enumerate(drawn)
    ]
    etas = estimate_etas(served, shift().start, at("08:00"), TRAVEL)
    due = [
        each
        if each.window is None or each.window.opens_at > eta.p90_at or eta.p90_at == eta.p50_at
        else replace(each, window=TimeWindow(each.window.opens_at, eta.p90_at))
        for each, eta in zip(served, etas, strict=True)
    ]

    found = chances(*due)

    for each, eta in zip(due, etas, strict=True):
        if each.window is not None and each.window.closes_at == eta.p90_at:
            assert found[each.stop_id] == pytest.approx(
                0.1, abs=2e-5 + 1e-6 / (eta.p90_at - eta.p50_at).total_seconds()
            )


def test_harm_is_what_the_chances_go_up_by_as_if_they_were_independent() -> None:
    assert chance_of_harm({"a": 0.1, "b": 0.9}, {"a": 0.3, "b": 0.9, "new": 0.5}) == pytest.approx(0.6)
    assert chance_of_harm({"a": 0.5}, {"a": 0.4}) == 0.0


def test_the_chance_of_harm_is_not_below_what_happens() -> None:
    # Both are due 100 s behind P50, and a delay on the first leg, or a slow day, makes both late.
    served = (
        stop("a", 10_000, window=("08:00", "08:18:20")),
        stop("b", 12_000, window=("08:00", "08:21:40")),
    )
    random, n_days = Random(1), 20_000
    late = {"a": 0, "b": 0, "any": 0}
    for _ in range(n_days):
        slower = 1 + random.gauss(0, 0.1)
        a_s = 1000 * slower + random.gauss(0, 150)
        b_s = a_s + 200 * slower + random.gauss(0, 30)
        late["a"] += a_s > 1100
        late["b"] += b_s > 1300
        late["any"] += a_s > 1100 or b_s > 1300

    found = chances(*served)

    assert found["a"] == pytest.approx(late["a"] / n_days, abs=0.01)
    assert found["b"] == pytest.approx(late["b"] / n_days, abs=0.01)
    assert late["any"] / n_days < chance_of_harm({}, found) < late["a"] / n_days + late["b"] / n_days


def test_the_quantile_is_that_of_the_etas() -> None:
    assert chance_of_lateness(Z_P90, 1.0) == pytest.approx(0.1)
