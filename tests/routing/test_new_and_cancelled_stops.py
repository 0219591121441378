import pytest

from routing.plan import StopKind, Unassigned
from tests.factories import plan, route, shift, stop, vehicle
from tests.routing.under_way import progress, replan, sequences


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
