"""Parcels that come to the depot during the day: who loads them leaves after that."""

from dataclasses import replace
from typing import Any

import pytest

from routing.alternatives import alternatives
from routing.changes import Changes, Outage
from routing.evaluate import evaluate
from routing.evaluation import ViolationKind
from routing.explain import explain_unassigned
from routing.offers import offers
from routing.plan import Break, StopKind, Unassigned
from routing.problem import Problem, StopCriterion
from routing.remedies import ChangeKind
from routing.reoptimize import reoptimize, weigh
from routing.ride import Ride, micros
from routing.solve import solve
from routing.solvers.model import Tariff, model_of
from routing.standing import leftovers
from routing.task import task_of
from routing.timetable import Timetable
from tests.factories import DAY, TRAVEL, at, plan, rest, route, shift, stop, vehicle, window
from tests.routing.under_way import NO_CHANGES, QUICK, USUAL, progress, replan, sequences

PARCEL = stop("parcel", 6000, released="10:00")


# 08:00 shift starts --- 10:00 all is there --- 10:10 at the stop, 6 km off --- 10:20 back
def test_the_vehicle_waits_at_the_depot_and_the_wait_is_paid() -> None:
    planned = route(stop("first", 3000), PARCEL, shift=shift(vehicle=vehicle(per_h=30.0)))

    (judged,) = evaluate([planned], TRAVEL).routes

    assert judged.visits[0].leg.depart_at == at("10:00")
    assert planned.visits[0].arrive_at == judged.visits[0].arrive_at
    assert judged.cost == pytest.approx(30.0 * 140 / 60)
    assert sum(visit.cost for visit in judged.visits) == pytest.approx(30.0 * 130 / 60)
    assert judged.violations == ()


@pytest.mark.parametrize(("due", "leaves"), [("08:30", "10:00"), ("09:45", "10:15"), ("10:00", "10:30")])
def test_a_break_that_is_due_is_taken_in_the_wait(due: str, leaves: str) -> None:
    planned = route(PARCEL, shift=shift(breaks=(rest(due, 30),)))

    (judged,) = evaluate([planned], TRAVEL).routes

    assert judged.visits[0].leg.depart_at == at(leaves)
    assert planned.visits[0].arrive_at == judged.visits[0].arrive_at


# 08:00 loaded, though it was to be there at 10:00 --- 08:30 it leaves with it --- 08:40 at the stop
def test_the_vehicle_does_not_wait_for_what_is_loaded_already() -> None:
    far = progress(free="08:30", loaded=("parcel",))
    (ahead,) = leftovers(plan(route(PARCEL)), [far])

    again = ahead.route([PARCEL], TRAVEL)

    (judged,) = evaluate([route(PARCEL)], TRAVEL, progress=[far]).routes
    assert judged.visits[0].leg.depart_at == at("08:30")
    assert again.visits[0].arrive_at == judged.visits[0].arrive_at
    assert Ride(ahead, [], TRAVEL).departs_us == micros(at("08:30"))
    assert Ride(ahead, [PARCEL], TRAVEL).held(ahead.held_until([PARCEL])).departs_us == micros(at("08:30"))


def test_for_what_is_not_loaded_beside_what_is_it_waits_still() -> None:
    far = progress(free="08:30", loaded=("parcel",))
    other = stop("other", 5000, released="09:15")
    (ahead,) = leftovers(plan(route(PARCEL, other)), [far])

    again = ahead.route([PARCEL, other], TRAVEL)

    (judged,) = evaluate([route(PARCEL, other)], TRAVEL, progress=[far]).routes
    assert judged.visits[0].leg.depart_at == at("09:15")
    assert again.visits[0].arrive_at == judged.visits[0].arrive_at
    assert Ride(ahead, [], TRAVEL).departs_us == micros(at("09:15"))


@pytest.mark.parametrize("breaks", [(), (rest("13:00", 30),)])
def test_a_search_does_not_wait_for_what_is_loaded_either(breaks: tuple[Break, ...]) -> None:
    current = plan(route(PARCEL, shift=shift(breaks=breaks)), route(shift=shift("B")))
    loaded, waiting = leftovers(current, [progress(loaded=("parcel",)), progress("B")])

    task = task_of([PARCEL], [each.vantage(TRAVEL) for each in (loaded, waiting)], TRAVEL)

    timetable = Timetable(task)
    assert [timetable.drive(tour, (0,)).duration_s for tour in (0, 1)] == pytest.approx([1200, 7200 + 1200])
    assert model_of(task, task.legs.mean_s(), (Tariff(), Tariff())).visits[0].released == 0


def test_what_is_loaded_early_makes_nobody_late() -> None:
    due = stop("due", 3000, window=("08:00", "09:00"))

    answer = replan(plan(route(due, PARCEL)), progress(free="08:00", loaded=("due", "parcel")))

    assert (sequences(answer), answer.violations) == ({}, ())


def test_a_plan_that_leaves_without_its_parcels_is_told_so() -> None:
    ignored = route(replace(PARCEL, released_at=None))
    claimed = replace(ignored, visits=(replace(ignored.visits[0], stop=PARCEL),))

    (soon, early) = evaluate([claimed], TRAVEL).violations

    assert (soon.kind, early.kind) == (ViolationKind.NOT_RELEASED, ViolationKind.TOO_EARLY_CLAIM)
    assert soon.words == (
        "shift A is said to leave 2 h 00 min too soon: "
        "the parcels of stop parcel are at the depot from 10:00 on"
    )


@pytest.mark.parametrize("free", ["09:00", "10:00", "11:00"])
@pytest.mark.parametrize(("loaded", "kinds"), [((), ["not_released"]), (("parcel",), [])])
@pytest.mark.parametrize("far", [{"has_departed": True}, {"done": ("before",)}, {"current": "before"}])
def test_a_vehicle_that_has_left_has_of_what_comes_during_the_day_only_what_was_loaded(
    free: str, loaded: tuple[str, ...], kinds: list[str], far: dict[str, Any]
) -> None:
    planned = route(stop("before", 1000), PARCEL)

    judged = evaluate([planned], TRAVEL, progress=[progress("A", 1000, free, loaded=loaded, **far)])

    assert [each.kind for each in judged.violations] == kinds
    assert judged.routes[0].visits[-1].arrive_at < at("11:10"), "it does not wait"


@pytest.mark.parametrize("free", ["09:00", "11:00"])
def test_a_vehicle_that_has_left_has_what_is_always_at_the_depot_whether_that_was_scanned_or_not(
    free: str,
) -> None:
    planned = route(replace(PARCEL, released_at=None))

    judged = evaluate([planned], TRAVEL, progress=[progress("A", 1000, free, has_departed=True)])

    assert judged.violations == ()


@pytest.mark.parametrize(("free", "kinds"), [("09:59", ["not_released"]), ("10:00", [])])
def test_who_is_about_to_drive_to_a_stop_has_what_is_at_the_depot_by_then(
    free: str, kinds: list[str]
) -> None:
    judged = evaluate([route(PARCEL)], TRAVEL, progress=[progress("A", free=free, frozen=("parcel",))])

    assert [each.kind for each in judged.violations] == kinds


def test_it_is_not_said_to_have_left_while_it_stands_at_the_depot() -> None:
    judged = evaluate([route(PARCEL)], TRAVEL, progress=[progress("A", free="09:59", frozen=("parcel",))])

    (violation,) = judged.violations
    assert violation.words == (
        "shift A leaves too soon, and the parcels of stop parcel are at the depot from 10:00 on"
    )


LEFT_WITHOUT = progress("A", 3000, "10:30", done=("far",), has_departed=True)


def test_what_a_vehicle_left_without_moves_to_one_that_is_still_at_the_depot() -> None:
    current = plan(route(stop("far", 3000), PARCEL), route(stop("b", -3000), shift=shift("B")))

    answer = replan(current, LEFT_WITHOUT, progress("B", free="10:30"))

    assert sequences(answer)["A"] == ("far",)
    assert set(sequences(answer)["B"]) == {"b", "parcel"}
    assert (answer.violations, answer.unassigned) == ((), ())
    assert answer.effects.reasons[0] == "stop parcel moves from shift A to B"


def test_what_a_vehicle_left_without_is_served_by_nobody_where_no_other_is_at_the_depot() -> None:
    current = plan(route(stop("far", 3000), PARCEL, stop("last", 7000)))

    answer = replan(current, LEFT_WITHOUT)

    assert sequences(answer) == {"A": ("far", "last")}
    assert [(each.stop.stop_id, each.reason) for each in answer.unassigned] == [
        ("parcel", "shift A has left without its parcels, which are at the depot from 10:00 on")
    ]
    assert answer.violations == ()
    assert answer.effects.reasons[0] == "stop parcel leaves shift A"


def test_what_a_vehicle_left_without_is_moved_in_the_words_of_the_choices_and_doing_nothing_names_it() -> (
    None
):
    current = plan(route(stop("far", 3000), PARCEL), route(stop("b", -3000), shift=shift("B")))
    reports = (LEFT_WITHOUT, progress("B", free="10:30"))

    weighed = weigh(current, reports, NO_CHANGES, USUAL, TRAVEL, QUICK, seed=1)
    ranked = alternatives(weighed).ranked

    assert ranked[0].words == "move 1 stop between shifts A, B"
    assert ranked[0].outlook == "every stop is in time"
    assert ranked[-1].words == "do nothing"
    assert ranked[-1].outlook.startswith("without parcels on board: 1 stop; shift A has left")


def test_what_was_loaded_stays_on_its_vehicle() -> None:
    current = plan(route(stop("far", 3000), PARCEL), route(stop("b", -3000), shift=shift("B")))

    answer = replan(current, replace(LEFT_WITHOUT, loaded_stop_ids=("parcel",)), progress("B", free="10:30"))

    assert (sequences(answer), answer.violations) == ({}, ())


def test_no_reason_says_in_time_beside_a_violation() -> None:
    current = plan(route(PARCEL))

    answer = replan(current, progress("A", 3000, "10:30", frozen=("parcel",), has_departed=True))

    (words,) = answer.violations
    assert answer.effects.reasons == (f"{words}: no change saves more than it costs",)


def test_what_a_broken_vehicle_left_without_is_at_the_depot_still() -> None:
    current = plan(route(stop("far", 3000), PARCEL), route(stop("b", -3000), shift=shift("B")))
    broken = Changes(outages=(Outage("A"),))

    answer = reoptimize(
        current, (LEFT_WITHOUT, progress("B", free="10:30")), broken, USUAL, TRAVEL, QUICK, seed=1
    )

    assert set(sequences(answer)["B"]) == {"b", "parcel"}
    assert answer.unassigned == ()


def test_the_reason_of_who_is_left_out_does_not_say_so_either() -> None:
    answer = replan(plan(route(stop("far", 3000), PARCEL)), progress("A", free="09:00", frozen=("far",)))

    (left_out,) = answer.unassigned
    assert left_out.reason == "shift A leaves without its parcels, which are at the depot from 10:00 on"


def test_who_is_at_the_depot_takes_a_new_parcel_once_it_is_there_and_who_is_out_does_not() -> None:
    current = plan(route(stop("a", 5000)), route(stop("b", -5000), shift=shift("B", starts="09:00")))

    answer = replan(
        current, progress("A", 4000, "08:30", frozen=("a",)), progress("B", free="09:00"), new=(PARCEL,)
    )

    assert set(sequences(answer)["B"]) == {"b", "parcel"}
    (changed,) = answer.routes
    assert min(visit.arrive_at for visit in changed.visits) >= at("10:08")
    assert answer.violations == ()


def test_a_new_parcel_makes_nobody_wait_who_would_be_late_for_it() -> None:
    current = plan(route(stop("due", 5000, window=("08:00", "09:00"))), route(shift=shift("B")))

    answer = replan(current, progress("A", free="08:00"), progress("B", free="08:00"), new=(PARCEL,))

    assert sequences(answer) == {"B": ("parcel",)}


def test_no_window_is_offered_before_the_parcel_is_there() -> None:
    current = plan(route(stop("a", 5000), shift=shift(vehicle=vehicle(per_h=30.0))))

    (offer,) = offers(current, (), PARCEL, [window("08:00", "10:05"), window("10:00", "11:00")], TRAVEL)

    assert offer.stop.window == window("10:00", "11:00")
    assert offer.route.visits[0].arrive_at >= at("10:08")


def test_the_parcels_would_have_to_be_there_earlier() -> None:
    due = stop("due", 3000, window=("08:00", "09:00"))
    current = plan(route(due), unassigned=[Unassigned(PARCEL, "why")])

    (found,) = explain_unassigned(current, TRAVEL)

    (remedy, *_) = [each for each in found.remedies if each.changes[0].kind is ChangeKind.RELEASED_EARLIER]
    assert (
        remedy.words
        == "shift A could serve it if the parcels of stop parcel were at the depot 1 h 05 min earlier"
    )
    assert found.constraint == "the parcels of stop parcel are at the depot 1 h 05 min too late"


def test_what_comes_too_late_for_its_own_window_is_left_out_with_that_reason() -> None:
    hopeless = replace(PARCEL, window=window("08:00", "09:00"))

    solution = solve(Problem("D1", DAY, (shift(),), (hopeless,), TRAVEL), StopCriterion(iterations=10), 1)

    (left_out,) = solution.plan.unassigned
    assert left_out.reason == (
        "its parcels are at the depot from 10:00 on, "
        "and its window closes 1 h 10 min before any vehicle can be there"
    )


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"kind": StopKind.PICK_UP}, "released at 10:00, but only a delivery from the depot waits there"),
        ({"picked_up_at": "p"}, "released at 10:00, but only a delivery from the depot waits there"),
        ({"released_at": at("10:00").replace(tzinfo=None)}, "a time without a time zone"),
    ],
)
def test_a_release_that_makes_no_sense_is_refused(asked: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(PARCEL, **asked)  # type: ignore[arg-type]
