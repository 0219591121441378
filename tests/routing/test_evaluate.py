from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.changes import Progress
from routing.evaluate import evaluate
from routing.evaluation import Evaluation, ViolationKind
from routing.plan import Route, StopKind, Unassigned
from routing.problem import Problem
from routing.travel import StraightLine
from tests.factories import TRAVEL, at, place, plan, route, shift, stop, vehicle
from tests.routing.strategies import days, drive_somehow


def kinds(evaluation: Evaluation) -> list[ViolationKind]:
    return [violation.kind for violation in evaluation.violations]


def words(evaluation: Evaluation) -> str:
    return "; ".join(violation.words for violation in evaluation.violations)


def test_a_route_in_order_has_its_figures_and_no_violation() -> None:
    # 08:00 ─100 s─► a until 09:00, 60 s ─100 s─► b, 120 s ─200 s─► home
    served = route(
        stop("a", 1000, window=("09:00", "10:00"), service_s=60),
        stop("b", 2000, service_s=120, packages=3, weight_kg=4.5),
        shift=shift(vehicle=vehicle(per_km=0.5, per_h=36.0, fixed_cost=10.0, co2e_kg_per_km=0.25)),
    )

    judged = evaluate([served], TRAVEL)

    (figures,) = judged.routes
    assert judged.is_feasible
    assert figures.duration_s == pytest.approx(3600 + 60 + 100 + 120 + 200, abs=0.1)
    assert figures.distance_m == pytest.approx(4000, rel=1e-4)
    assert figures.wait_s == pytest.approx(3500, abs=0.1)
    assert figures.service_s == 180
    assert (figures.peak_packages, figures.peak_kg) == (4, 4.5)
    assert figures.cost == pytest.approx(10 + 4 * 0.5 + 4080 / 3600 * 36, rel=1e-4)
    assert figures.co2e_kg == pytest.approx(1.0, rel=1e-4)


def test_a_shift_without_stops_costs_nothing() -> None:
    judged = evaluate([route(shift=shift(vehicle=vehicle(fixed_cost=10.0)))], TRAVEL)

    assert (judged.cost, judged.duration_s, judged.distance_m, judged.violations) == (0, 0, 0, ())


def test_a_late_stop_is_named_with_its_delay() -> None:
    judged = evaluate([route(stop("a", 9000, window=("08:00", "08:05")))], TRAVEL)

    assert kinds(judged) == [ViolationKind.LATE]
    assert words(judged) == "shift A is 10 min late at stop a"
    assert judged.lateness_s == pytest.approx(600, abs=1)


def test_too_many_packages_and_kilograms_are_named() -> None:
    small = shift(vehicle=vehicle(packages=2, kg=10.0))

    judged = evaluate([route(stop("a", packages=3, weight_kg=10.5), shift=small)], TRAVEL)

    assert kinds(judged) == [ViolationKind.OVER_CAPACITY] * 2
    assert "3 packages in a vehicle for 2" in words(judged)
    assert "10.5 kg in a vehicle for 10 kg" in words(judged)


def test_what_is_picked_up_takes_the_room_of_what_was_delivered() -> None:
    small = shift(vehicle=vehicle(packages=2))
    deliver, pick_up = stop("a", packages=2), stop("b", packages=2, kind=StopKind.PICK_UP)

    delivered_first = evaluate([route(deliver, pick_up, shift=small)], TRAVEL)
    picked_up_first = evaluate([route(pick_up, deliver, shift=small)], TRAVEL)

    assert delivered_first.is_feasible
    assert kinds(picked_up_first) == [ViolationKind.OVER_CAPACITY]


def test_coming_back_after_the_end_of_the_shift_is_named() -> None:
    judged = evaluate([route(stop("a", 9000), shift=shift(ends="08:20"))], TRAVEL)

    assert kinds(judged) == [ViolationKind.PAST_SHIFT_END]
    assert words(judged) == "shift A is back 10 min after its end"


def test_a_plan_that_promises_too_much_is_caught() -> None:
    honest = route(stop("a", 9000))
    (visit,) = honest.visits
    early = timedelta(minutes=20)
    claimed = replace(visit, arrive_at=visit.arrive_at - early, begin_at=visit.begin_at - early)

    judged = evaluate([replace(honest, visits=(claimed,))], TRAVEL)

    assert kinds(judged) == [ViolationKind.BEFORE_SHIFT_START, ViolationKind.TOO_EARLY_CLAIM]


def test_slower_travel_than_the_plan_reckoned_with_is_caught() -> None:
    judged = evaluate([route(stop("a", 9000))], StraightLine(detour=2.0, speeds_mps=(10.0,) * 24))

    assert kinds(judged) == [ViolationKind.TOO_EARLY_CLAIM]


def test_missing_unknown_and_repeated_stops_are_named() -> None:
    routes = [route(stop("a"), stop("x")), route(stop("a"), shift=shift("B"))]

    judged = evaluate(routes, TRAVEL, [stop("a"), stop("gone")])

    assert kinds(judged) == [
        ViolationKind.STOP_TWICE,
        ViolationKind.STOP_MISSING,
        ViolationKind.STOP_UNKNOWN,
    ]
    assert words(judged) == (
        "stop a is planned 2 times; stop gone is neither served nor listed; stop x was not asked for"
    )


def test_a_stop_with_its_reason_is_not_missing() -> None:
    judged = evaluate(plan(unassigned=[Unassigned(stop("a"), "too heavy")]), TRAVEL, [stop("a")])

    assert judged.is_feasible


def test_a_stop_both_served_and_listed_is_named() -> None:
    judged = evaluate(plan(route(stop("a")), unassigned=[Unassigned(stop("a"), "no")]), TRAVEL, [stop("a")])

    assert kinds(judged) == [ViolationKind.STOP_TWICE]


def test_a_shift_with_two_routes_is_named() -> None:
    judged = evaluate([route(stop("a")), route(stop("b"))], TRAVEL)

    assert kinds(judged) == [ViolationKind.SHIFT_TWICE]


def test_a_shift_under_way_is_judged_from_where_it_is() -> None:
    # a is done, b is being served at 2 km until 10:00, c at 3 km is next: 100 s ─► c ─300 s─► home
    under_way = route(stop("a", 1000), stop("b", 2000, service_s=60), stop("c", 3000))
    progress = Progress("A", place(2000), at("10:00"), ("a",), ("b", "c"), current_stop_id="b")

    judged = evaluate([under_way], TRAVEL, progress=[progress])

    (figures,) = judged.routes
    assert [visit.stop_id for visit in figures.visits] == ["c"]
    assert (figures.visits[0].arrive_at - at("10:00")).total_seconds() == pytest.approx(100, abs=0.1)
    assert figures.duration_s == pytest.approx(400, abs=0.1)


def test_the_fixed_cost_of_a_vehicle_under_way_is_spent() -> None:
    dear = shift(vehicle=vehicle(fixed_cost=50.0))
    under_way = route(stop("a"), stop("b"), shift=dear)

    out = evaluate([under_way], TRAVEL, progress=[Progress("A", place(1000), at("10:00"), ("a",))])
    at_home = evaluate([under_way], TRAVEL, progress=[Progress("A", place(), at("10:00"))])

    assert (out.cost, at_home.cost) == (0.0, 50.0)


def test_what_was_picked_up_before_stays_on_board() -> None:
    small = shift(vehicle=vehicle(packages=2))
    pick_ups = [stop(name, kind=StopKind.PICK_UP, packages=2) for name in "ab"]

    judged = evaluate(
        [route(*pick_ups, shift=small)], TRAVEL, progress=[Progress("A", place(1000), at("10:00"), ("a",))]
    )

    assert kinds(judged) == [ViolationKind.OVER_CAPACITY]


@given(days(), st.randoms(use_true_random=False))
def test_schedules_and_the_judge_agree_on_every_time_though_they_share_no_code(
    day: Problem, random: Random
) -> None:
    routes: list[Route] = drive_somehow(day, random)

    judged = evaluate(routes, day.travel)

    for planned, possible in zip(routes, judged.routes, strict=True):
        assert [visit.arrive_at for visit in planned.visits] == [each.arrive_at for each in possible.visits]
        assert [visit.depart_at for visit in planned.visits] == [each.depart_at for each in possible.visits]
        assert planned.ends_at == possible.ends_at
        assert planned.distance_m == pytest.approx(possible.distance_m, abs=1e-3)
