from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.changes import Progress
from routing.evaluate import evaluate
from routing.evaluation import Evaluation, ViolationKind
from routing.plan import Route, StopKind, Unassigned
from routing.problem import Problem
from routing.travel import StraightLine
from tests.factories import TRAVEL, at, place, plan, rest, route, shift, stop, vehicle, window
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


def test_overtime_has_its_own_price_up_to_its_limit() -> None:
    # 20 km there and back take 2000 s, the shift 1800 s
    def judged(overtime_s: float) -> Evaluation:
        short = shift(
            vehicle=vehicle(per_h=18.0), ends="08:30", overtime_s=overtime_s, overtime_cost_per_h=36.0
        )
        return evaluate([route(stop("a", 10_000), shift=short)], TRAVEL)

    assert (words(judged(600)), judged(600).overrun_s) == ("", 0.0)
    assert judged(600).overtime_s == pytest.approx(200, abs=0.1)
    assert judged(600).cost == pytest.approx(10.0 + 2.0, abs=0.01)
    assert words(judged(60)) == "shift A is back 2 min after its end and its overtime"
    assert judged(60).overtime_s == 60
    assert judged(60).overrun_s == pytest.approx(140, abs=0.1)


def test_too_many_stops_kilometres_and_hours_are_named() -> None:
    # 10 km there and back take 1000 s
    tired = shift(vehicle=vehicle(most_stops=1, most_km=7.5, most_h=0.2))

    judged = evaluate([route(stop("a", 2_000), stop("b", 5_000), shift=tired)], TRAVEL)

    assert kinds(judged) == [ViolationKind.OVER_STOPS, ViolationKind.OVER_KM, ViolationKind.OVER_HOURS]
    assert words(judged) == (
        "shift A serves 2 stops with a vehicle for 1; shift A drives 10.0 km with a vehicle for 7.5 km; "
        "shift A is out for 17 min with a vehicle for 12 min"
    )


def test_limits_hold_for_the_whole_shift() -> None:
    tired = shift(vehicle=vehicle(most_stops=2, most_km=10.5, most_h=0.3))
    served = route(stop("a", 2_000), stop("b", 5_000), shift=tired)
    far = Progress("A", place(3_000), at("08:10"), done_stop_ids=("a",))

    (judged,) = evaluate([served], TRAVEL, progress=[far]).routes

    # 700 s from 08:10 are over at 08:21:40
    assert judged.distance_m == pytest.approx(7_000, rel=1e-3)
    assert (judged.whole_stops, judged.whole_distance_m) == (2, pytest.approx(10_000, rel=1e-3))
    assert [each.kind for each in judged.violations] == [ViolationKind.OVER_HOURS]


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
@settings(suppress_health_check=[HealthCheck.too_slow])
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


def test_each_leg_has_its_load_its_cost_and_its_emissions() -> None:
    # 08:00 ─1 km─► a, 60 s, unloads 2 of 3 ─1 km─► b, unloads 1 ─2 km─► home
    van = vehicle(per_km=0.5, per_h=36.0, co2e_kg_per_km=0.25)
    first, second = (
        stop("a", 1000, service_s=60, packages=2, weight_kg=2.0, volume_m3=0.2),
        stop("b", 2000, packages=1, weight_kg=0.5, volume_m3=0.1),
    )

    (figures,) = evaluate([route(first, second, shift=shift(vehicle=van))], TRAVEL).routes

    legs = [visit.leg for visit in figures.visits] + [figures.home]
    assert [(leg.packages, leg.kg) for leg in legs if leg] == [(3, 2.5), (1, 0.5), (0, 0.0)]
    assert [leg.distance_m for leg in legs if leg] == pytest.approx([1000, 1000, 2000], rel=1e-4)
    assert [leg.co2e_kg for leg in legs if leg] == pytest.approx([0.25, 0.25, 0.5], rel=1e-4)
    assert figures.visits[0].leg.cost == pytest.approx(0.5 + 1.0, rel=1e-3)
    assert figures.visits[0].cost == pytest.approx(0.5 + 1.6, rel=1e-3), "with the hours of its service"
    assert figures.peak_m3 == pytest.approx(0.3)
    assert figures.home is not None
    assert sum(visit.cost for visit in figures.visits) + figures.home.cost == pytest.approx(figures.cost)


# 08:00 ──100 s──► a, 300 s ─ break due at 08:05, 30 min, from 08:06:40 ──100 s──► b ──200 s──► home
def test_a_break_begins_when_what_is_under_way_is_over() -> None:
    resting = shift(breaks=(rest("08:05", 30),))

    judged = evaluate([route(stop("a", 1000, service_s=300), stop("b", 2000), shift=resting)], TRAVEL)

    (figures,) = judged.routes
    (taken,) = figures.breaks
    assert judged.is_feasible
    assert (taken.begin_at - at("08:00")).total_seconds() == pytest.approx(400, abs=0.1)
    assert figures.duration_s == pytest.approx(100 + 300 + 1800 + 100 + 200, abs=0.2)


# 08:00 ─► a opens at 10:00: a break due at 09:45 is taken in the wait, and lasts beyond it
def test_a_break_is_taken_in_a_wait() -> None:
    resting = shift(breaks=(rest("09:45", 30),))

    (figures,) = evaluate([route(stop("a", 1000, window=("10:00", "11:00")), shift=resting)], TRAVEL).routes

    assert figures.visits[0].begin_at == at("10:15")
    assert figures.breaks[0].begin_at == at("09:45")


def test_who_is_back_before_the_break_is_due_needs_none() -> None:
    (figures,) = evaluate([route(stop("a"), shift=shift(breaks=(rest("12:00", 30),)))], TRAVEL).routes

    assert figures.breaks == ()


def test_a_break_that_begins_too_late_is_named() -> None:
    resting = shift(breaks=(rest("08:10", 30, latest="08:20"),))

    judged = evaluate([route(stop("a", 1000, service_s=3600), shift=resting)], TRAVEL)

    assert kinds(judged) == [ViolationKind.LATE_BREAK]
    assert words(judged) == "shift A begins a break 42 min later than it has to"


def test_breaks_that_are_over_are_not_taken_again() -> None:
    resting = shift(breaks=(rest("09:00", 30), rest("12:00", 30)))
    under_way = route(stop("a"), stop("b", 2000, service_s=4 * 3600), shift=resting)

    def taken(**reported: int) -> int:
        report = Progress("A", place(1000), at("10:00"), ("a",), **reported)
        return len(evaluate([under_way], TRAVEL, progress=[report]).routes[0].breaks)

    assert taken() == 1, "the one due before the report counts as taken"
    assert taken(breaks_taken=0) == 2
    assert taken(breaks_taken=2) == 0


def test_a_driver_takes_as_long_as_drivers_do() -> None:
    slow = shift(service_pace=1.5)

    (figures,) = evaluate([route(stop("a", service_s=600), shift=slow)], TRAVEL).routes

    assert figures.service_s == 900


def test_what_vehicle_and_driver_lack_is_named() -> None:
    able = shift(vehicle=vehicle(features=("cool",)), skills=("fitter",))

    judged = evaluate([route(stop("a", requires=("cool", "crane", "fitter")), shift=able)], TRAVEL)

    assert kinds(judged) == [ViolationKind.NOT_QUALIFIED]
    assert words(judged) == "shift A lacks crane for stop a"


def test_too_many_cubic_metres_are_named() -> None:
    judged = evaluate([route(stop("a", volume_m3=1.2), shift=shift(vehicle=vehicle(m3=1.0)))], TRAVEL)

    assert words(judged) == "shift A carries 1.2 m3 in a vehicle for 1 m3"


def test_what_is_picked_up_on_the_way_is_on_board_from_there_to_its_delivery() -> None:
    pair = [stop("p", 1000, kind=StopKind.PICK_UP, packages=5), stop("d", 2000, packages=5, picked_up_at="p")]

    (figures,) = evaluate([route(*pair)], TRAVEL).routes

    legs = [visit.leg for visit in figures.visits] + [figures.home]
    assert [leg.packages for leg in legs if leg] == [0, 5, 0]


PICK_UP, DELIVERY = stop("p", kind=StopKind.PICK_UP), stop("d", 2000, picked_up_at="p")


@pytest.mark.parametrize(
    ("routes", "said"),
    [
        ([route(DELIVERY, PICK_UP)], "shift A is at stop d before it picks up at stop p"),
        (
            [route(PICK_UP), route(DELIVERY, shift=shift("B"))],
            "shift A picks up at stop p what shift B is to deliver at stop d",
        ),
        ([route(PICK_UP)], "what is picked up at stop p is never delivered at stop d"),
        ([route(DELIVERY)], "what stop d waits for is never picked up at stop p"),
        ([route(PICK_UP, stop("x"), DELIVERY)], ""),
        ([], ""),
    ],
)
def test_a_pair_that_is_apart_is_named(routes: list[Route], said: str) -> None:
    served = {stop_id for each in routes for stop_id in each.stop_ids}
    left = [Unassigned(each, "no") for each in (PICK_UP, DELIVERY) if each.stop_id not in served]

    assert words(evaluate(plan(*routes, unassigned=left), TRAVEL)) == said


def test_a_window_that_nobody_asked_for_is_named() -> None:
    asked = stop("a", window=("09:00", "10:00"), other_windows=[("12:00", "13:00")])
    free = stop("b", 2000, window=("11:00", "12:00"))
    promised = plan(route(replace(asked, window=window("10:00", "11:00"), other_windows=()), free))

    judged = evaluate(promised, TRAVEL, [asked, replace(free, window=None)])

    assert kinds(judged) == [ViolationKind.WRONG_WINDOW] * 2
    assert words(judged) == (
        "stop a is promised 10:00 to 11:00, and was asked for 09:00 to 10:00 or 12:00 to 13:00; "
        "stop b is promised 11:00 to 12:00, and was asked for any time"
    )


def test_any_of_several_windows_is_as_good() -> None:
    asked = stop("a", window=("07:00", "07:30"), other_windows=[("12:00", "13:00")])

    served = plan(route(asked))

    assert evaluate(served, TRAVEL, [asked]).is_feasible
    assert served.routes[0].visits[0].begin_at == at("12:00")


def test_what_optional_stops_would_have_paid_is_summed() -> None:
    left = [Unassigned(stop(name, skip_price=price), "dear") for name, price in (("a", 2.0), ("b", 3.5))]

    assert evaluate(plan(unassigned=left), TRAVEL).skipped_price == 5.5
