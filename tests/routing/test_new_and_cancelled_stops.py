from dataclasses import replace
from math import inf

import pytest

from routing.changes import Changes
from routing.matrix import TravelMatrix
from routing.plan import Location, Stop, StopKind, Unassigned
from routing.reoptimize import reoptimize
from tests.factories import DEPOT, plan, route, shift, stop, vehicle
from tests.routing.under_way import QUICK, USUAL, progress, replan, sequences


def test_a_new_stop_joins_where_it_costs_least() -> None:
    current = plan(route(stop("a", 9000)), route(stop("b", -9000), shift=shift("B")))

    answer = replan(current, progress("A"), progress("B"), new=(stop("new", -8000),))

    assert set(sequences(answer)) == {"B"}
    assert set(sequences(answer)["B"]) == {"b", "new"}
    assert "stop new joins shift B" in answer.effects.reasons
    (change,) = [each for each in answer.effects.changes if each.stop_id == "new"]
    assert (change.before_at, change.shift_before, change.shift_after) == (None, None, "B")


def test_a_new_stop_that_nobody_can_reach_in_time_is_served_late_with_the_violation_named() -> None:
    answer = replan(plan(route(stop("a"))), progress(), new=(stop("new", 9000, window=("08:00", "08:05")),))

    assert "new" in sequences(answer)["A"]
    assert answer.effects.late_stop_ids == ("new",)
    assert answer.violations == ("shift A is 10 min late at stop new",)


def test_a_new_stop_without_room_for_it_is_unassigned_with_its_reason() -> None:
    full = shift(vehicle=vehicle(packages=1))

    answer = replan(plan(route(stop("a"), shift=full)), progress(), new=(stop("new"),))

    assert answer.routes == ()
    assert [(each.stop.stop_id, each.reason) for each in answer.unassigned] == [
        ("new", "no shift can serve it beside the stops that it has")
    ]


def on_island(*islanders: Stop, others: tuple[Stop, ...]) -> TravelMatrix:
    """1 km and 100 s between any two places, but no way from or to the ``islanders``."""
    places = [DEPOT, *(each.location for each in (*others, *islanders))]
    n_ashore = 1 + len(others)
    legs_s = [
        [100.0 if max(row, column) < n_ashore else inf for column in range(len(places))]
        for row in range(len(places))
    ]
    return TravelMatrix(places, [[10 * each for each in row] for row in legs_s], legs_s)


def test_nobody_is_sent_where_no_way_leads_and_nobody_else_is_late_for_it() -> None:
    stops = stop("a"), stop("b", 2000)
    new = stop("new", 9000)
    island = on_island(new, others=stops)
    current = plan(route(*stops, travel=island))

    answer = reoptimize(current, (), Changes((new,)), USUAL, island, QUICK, seed=1)

    assert (answer.routes, answer.violations) == ((), ())
    assert answer.unassigned == (Unassigned(new, "no way leads there and back"),)


def test_nobody_is_sent_round_half_the_world_to_a_wrong_address() -> None:
    wrong = replace(stop("new"), location=Location(0.0, 0.0))

    answer = replan(plan(route(stop("a"))), progress(has_departed=False), new=(wrong,))

    assert answer.routes == ()
    assert [each.reason for each in answer.unassigned] == [
        "who serves it is back 314 h 17 min after the end of the shift at best"
    ]


def test_a_new_pair_whose_delivery_is_out_of_reach_is_left_out_whole() -> None:
    pick_up = stop("p", 1000, kind=StopKind.PICK_UP)
    delivery = replace(stop("q", picked_up_at="p"), location=Location(0.0, 0.0))

    answer = replan(plan(route(stop("a"))), progress(), new=(pick_up, delivery))

    assert answer.routes == ()
    assert len({each.reason for each in answer.unassigned}) == 1


def test_who_can_be_home_soon_after_the_end_of_the_shift_is_sent_there_late() -> None:
    current = plan(route(stop("a"), shift=shift(ends="08:10")))

    answer = replan(current, progress(), new=(stop("new", 60_000),))

    assert set(sequences(answer)["A"]) == {"a", "new"}


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        (stop("new", packages=100), "its 100 packages are more than any vehicle takes (20)"),
        (stop("new", requires=("crane",)), "it requires crane, which no vehicle or driver has"),
        (
            stop("new"),
            "its parcels are at the depot, and every vehicle that could take them has left",
        ),
    ],
)
def test_a_new_stop_that_nobody_can_take_is_told_why(new: Stop, reason: str) -> None:
    van = shift(vehicle=vehicle(packages=20))
    is_sent_in_vain = new.packages == 1 and not new.requires
    out = progress("A", 1000, "08:10", loaded=("a",), has_departed=is_sent_in_vain)

    answer = replan(plan(route(stop("a", 2000), shift=van)), out, new=(new,))

    assert [each.reason for each in answer.unassigned] == [reason]


def test_a_parcel_at_the_depot_cannot_join_a_vehicle_that_has_left_but_a_pick_up_can() -> None:
    current = plan(route(stop("a", 3000)))
    on_the_road = progress("A", 1000, "08:10", has_departed=True)

    parcel = replan(current, on_the_road, new=(stop("new", 2000),))
    pick_up = replan(current, on_the_road, new=(stop("new", 2000, kind=StopKind.PICK_UP),))

    assert parcel.unassigned[0].stop.stop_id == "new"
    assert sequences(pick_up) == {"A": ("new", "a")}


def test_a_new_pair_can_join_a_vehicle_that_has_left() -> None:
    on_the_road = progress("A", 1000, "08:10", loaded=("a",), has_departed=True)
    pair = stop("p", 1200, kind=StopKind.PICK_UP), stop("q", 1500, picked_up_at="p")

    answer = replan(plan(route(stop("a", 3000))), on_the_road, new=pair)

    assert answer.unassigned == ()
    assert sequences(answer) == {"A": ("p", "q", "a")}


def test_a_cancelled_stop_is_taken_out_and_its_time_is_saved() -> None:
    current = plan(route(stop("a", 1000), stop("b", 9000)))

    answer = replan(current, progress(), cancelled=("b",))

    assert sequences(answer) == {"A": ("a",)}
    assert answer.effects.duration_delta_s == pytest.approx(-1600, abs=1)
    assert "stop b leaves shift A" in answer.effects.reasons


def test_what_is_being_driven_to_cannot_be_cancelled_any_more() -> None:
    current = plan(route(stop("a", 1000), stop("b", 9000)))

    answer = replan(current, progress(frozen=("a",)), cancelled=("a",))

    assert answer.routes == ()


def test_a_stop_without_a_place_so_far_joins_when_there_is_room() -> None:
    current = plan(route(stop("a", 1000)), unassigned=[Unassigned(stop("x", 500), "was full")])

    answer = replan(current, progress())

    assert sequences(answer) == {"A": ("x", "a")}
    assert answer.unassigned == ()


def test_a_stop_without_a_place_so_far_makes_nobody_late() -> None:
    tight = route(stop("a", 1000, window=("08:00", "08:02")), shift=shift(ends="08:04"))
    current = plan(tight, unassigned=[Unassigned(stop("x", -500), "was full")])

    answer = replan(current, progress())

    assert answer.routes == ()
    assert answer.unassigned == current.unassigned


def test_a_new_pair_that_nobody_can_serve_in_time_is_served_late_with_the_violation_named() -> None:
    pick_up = stop("p", 1000, window=("09:00", "10:00"), kind=StopKind.PICK_UP)
    delivery = stop("d", 2000, window=("08:00", "08:30"), picked_up_at="p")

    answer = replan(plan(route(stop("a"))), progress(), new=(pick_up, delivery))

    assert {"p", "d"} < set(sequences(answer)["A"])
    assert answer.violations == ("shift A is 32 min late at stop d",)


@pytest.mark.parametrize("half", ["p", "q"])
def test_the_other_half_of_a_cancelled_pair_leaves_with_it(half: str) -> None:
    pair = stop("p", 1000, kind=StopKind.PICK_UP), stop("q", 3000, picked_up_at="p")
    current = plan(route(*pair, stop("a", 2000)))

    answer = replan(current, progress(), cancelled=(half,))

    assert sequences(answer) == {"A": ("a",)}
    assert answer.unassigned == ()


@pytest.mark.parametrize("half", ["p", "q"])
def test_the_other_half_of_a_cancelled_pair_waits_no_more(half: str) -> None:
    pair = stop("p", 1000, kind=StopKind.PICK_UP), stop("q", 3000, picked_up_at="p")
    waiting = [Unassigned(each, "was full") for each in pair]

    old = replan(plan(route(stop("a")), unassigned=waiting), progress(), cancelled=(half,))
    new = replan(plan(route(stop("a"))), progress(), new=pair, cancelled=(half,))

    assert (old.routes, old.unassigned) == ((), ())
    assert (new.routes, new.unassigned) == ((), ())


def test_parcels_that_were_picked_up_are_delivered_though_the_pick_up_is_cancelled() -> None:
    pair = stop("p", 1000, kind=StopKind.PICK_UP), stop("q", 3000, picked_up_at="p")
    current = plan(route(*pair, stop("a", 4000)))
    picked_up = progress("A", 1000, "08:10", done=("p",), has_departed=True)

    of_pick_up = replan(current, picked_up, cancelled=("p",))
    of_delivery = replan(current, picked_up, cancelled=("q",))

    assert of_pick_up.routes == ()
    assert sequences(of_delivery) == {"A": ("p", "a")}


def test_a_new_delivery_of_a_pick_up_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="new stop q is picked up at nowhere, which is neither new"):
        replan(plan(route(stop("a"))), progress(), new=(stop("q", picked_up_at="nowhere"),))
