"""Limits of a day that re-planning keeps to, though their prices don't count there."""

import pytest

from routing.changes import Policy
from routing.plan import Shift
from tests.factories import at, place, plan, route, shift, stop, vehicle
from tests.routing.under_way import progress, replan, sequences

PUNCTUAL = Policy(lateness_weight=100.0)
"""Under a lesser one a shift may be back late, and that is named."""


@pytest.mark.parametrize(
    "full",
    [
        shift("A", vehicle=vehicle("v1", most_stops=2)),
        shift("A", vehicle=vehicle("v1", most_km=4.2)),
        # back at 08:06:40 as things are
        shift("A", vehicle=vehicle("v1", most_h=0.12)),
        shift("A", ends="08:06", overtime_s=60.0),
    ],
    ids=["stops", "kilometres", "hours", "overtime"],
)
def test_a_new_stop_goes_to_the_shift_that_has_room_for_it(full: Shift) -> None:
    current = plan(route(stop("a"), stop("b", 2000), shift=full), route(shift=shift("B", start=place(-9000))))

    answer = replan(current, new=(stop("x", 2000, 500),), policy=PUNCTUAL)

    assert sequences(answer) == {"B": ("x",)}
    assert answer.violations == ()


def test_what_is_driven_counts() -> None:
    # a is done: with b and x they are three
    full = shift("A", vehicle=vehicle("v1", most_stops=2))
    current = plan(route(stop("a"), stop("b", 2000), shift=full))

    answer = replan(current, progress("A", 1000, "08:05", done=("a",)), new=(stop("x", 1500),))

    assert answer.routes == ()
    assert [each.stop.stop_id for each in answer.unassigned] == ["x"]


def test_a_new_stop_is_promised_one_of_its_windows() -> None:
    choosy = stop("x", 5000, window=("08:00", "08:05"), other_windows=[("09:00", "10:00")])

    answer = replan(plan(route(stop("a"))), new=(choosy,))

    (visits,) = [each.visits for each in answer.routes]
    (promised,) = [each for each in visits if each.stop.stop_id == "x"]
    assert promised.stop.windows == choosy.other_windows
    assert promised.begin_at == at("09:00")
    assert answer.violations == ()
