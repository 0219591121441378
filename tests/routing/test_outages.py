"""A vehicle that breaks down, a driver who is gone: what others can take over, and what they can't."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from routing.alternatives import alternatives
from routing.changes import Changes, Outage, Progress, Reoptimization
from routing.deeds import deeds_of
from routing.evaluate import evaluate
from routing.plan import RoutePlan, StopKind
from routing.problem import Problem, StopCriterion
from routing.reoptimize import reoptimize, weigh
from tests.factories import TRAVEL, at, place, plan, route, shift, stop, vehicle
from tests.routing.test_interrupted_days import interrupted_days
from tests.routing.under_way import QUICK, USUAL, leaving, progress, sequences

A, B = shift("A"), shift("B")
DAY = plan(route(stop("a1"), stop("a2", 2000), stop("a3", 3000), shift=A), route(stop("b1", 4000), shift=B))
BROKEN = progress("A", 1500, "08:10", done=("a1",), frozen=("a2",), loaded=("a2", "a3"), has_departed=True)
ON_THE_WAY = progress("B", 500, "08:10", has_departed=True)


def after(current: RoutePlan, *reports: Progress, outage: Outage, **more: object) -> Reoptimization:
    changes = Changes(outages=(outage,), **more)  # type: ignore[arg-type]
    return reoptimize(current, reports, changes, USUAL, TRAVEL, QUICK, seed=1)


def test_who_is_not_there_in_the_morning_has_its_stops_served_by_others() -> None:
    answer = after(DAY, outage=Outage("A"))

    assert sequences(answer)["A"] == ()
    assert sorted(sequences(answer)["B"]) == ["a1", "a2", "a3", "b1"]
    assert answer.unassigned == ()


def test_what_is_on_board_is_fetched_at_the_place_of_transfer_and_delivered() -> None:
    broken_down = Outage("A", transfer_at=place(1500))

    answer = after(DAY, BROKEN, ON_THE_WAY, outage=broken_down)

    assert sequences(answer)["A"] == ("a1",), "what is driven stays, what is frozen is given up"
    ids = sequences(answer)["B"]
    assert sorted(ids) == ["a2", "a2 from A", "a3", "a3 from A", "b1"]
    assert ids.index("a2 from A") < ids.index("a2")
    assert ids.index("a3 from A") < ids.index("a3")
    fetched = [visit.stop for visit in answer.routes[1].visits if visit.stop.stop_id.endswith("from A")]
    assert {each.location for each in fetched} == {place(1500)}
    assert evaluate(answer.routes, TRAVEL, progress=(BROKEN, ON_THE_WAY)).is_feasible
    assert answer.unassigned == ()


@pytest.mark.parametrize("frozen", [(), ("a2", "a3")])
def test_the_stop_at_which_it_broke_down_is_others_to_serve_too(frozen: tuple[str, ...]) -> None:
    serving = progress("A", 2000, "08:15", done=("a1",), frozen=frozen, current="a2", has_departed=True)

    answer = after(DAY, serving, ON_THE_WAY, outage=Outage("A", place(2000)))

    assert sequences(answer)["A"] == ("a1",)
    assert sorted(sequences(answer)["B"]) == ["a2", "a2 from A", "a3", "a3 from A", "b1"]
    assert evaluate(answer.routes, TRAVEL, progress=(serving, ON_THE_WAY)).is_feasible


def test_nothing_is_fetched_before_it_can_be() -> None:
    broken_down = Outage("A", place(1500), at("10:00"), transfer_s=300.0)

    answer = after(DAY, BROKEN, ON_THE_WAY, outage=broken_down)

    visits = {visit.stop.stop_id: visit for visit in answer.routes[1].visits}
    assert visits["a2 from A"].begin_at >= at("10:00")
    assert visits["a2 from A"].stop.service_s == 300.0


def test_without_a_place_of_transfer_what_is_on_board_is_left_out_and_what_is_not_is_served() -> None:
    current = plan(
        route(stop("a1"), stop("a2", 2000), stop("p", 2500, kind=StopKind.PICK_UP), shift=A),
        route(stop("b1", 4000), shift=B),
    )
    broken = progress("A", 1500, "08:10", done=("a1",), loaded=("a2",), has_departed=True)

    answer = after(current, broken, ON_THE_WAY, outage=Outage("A"))

    assert sorted(sequences(answer)["B"]) == ["b1", "p"]
    assert [(each.stop.stop_id, each.reason) for each in answer.unassigned] == [
        ("a2", "its parcels are on board of shift A, which goes on no more")
    ]


def test_a_vehicle_without_room_leaves_behind_what_it_can_not_take_as_it_was_asked_for() -> None:
    small = shift("B", vehicle=vehicle(packages=1))
    parcels = (stop("a2", 2000, packages=2), stop("a3", 3000))
    current = plan(route(stop("a1"), *parcels, shift=A), route(shift=small))

    answer = after(current, BROKEN, ON_THE_WAY, outage=Outage("A", place(1500)))

    assert sequences(answer)["B"] == ("a3 from A", "a3")
    assert [each.stop for each in answer.unassigned] == [parcels[0]]


def test_nothing_new_is_given_to_who_goes_on_no_more() -> None:
    new = stop("new", 1500, kind=StopKind.PICK_UP)

    answer = after(DAY, BROKEN, ON_THE_WAY, outage=Outage("A"), new_stops=(new,))

    assert "new" in sequences(answer)["B"]


def test_what_was_left_on_board_before_is_fetched_once_there_is_a_place() -> None:
    given_up = plan(route(stop("a1"), shift=A), route(stop("b1", 4000), shift=B))
    waiting = (stop("a2", 2000), stop("a3", 3000))

    answer = after(given_up, BROKEN, ON_THE_WAY, outage=Outage("A", place(1500)), new_stops=waiting)

    assert sorted(sequences(answer)["B"]) == ["a2", "a2 from A", "a3", "a3 from A", "b1"]


def test_a_stop_that_was_to_be_fetched_is_left_out_as_it_was_asked_for() -> None:
    fetched = stop("a2 from A", 1500, kind=StopKind.PICK_UP)
    asked_for = stop("a2", 2000)
    delivery = replace(asked_for, picked_up_at=fetched.stop_id)
    current = plan(route(stop("a1"), shift=A), route(fetched, delivery, shift=B))
    both = Changes(outages=(Outage("A", place(1500)), Outage("B")))

    standing = progress("A", 1500, "08:10", done=("a1",), loaded=("a2",), has_departed=True)

    answer = reoptimize(current, (standing,), both, USUAL, TRAVEL, QUICK, seed=1)

    assert [each.stop for each in answer.unassigned] == [asked_for]


def test_a_cancelled_stop_is_fetched_by_nobody() -> None:
    answer = after(DAY, BROKEN, ON_THE_WAY, outage=Outage("A", place(1500)), cancelled_stop_ids=("a2",))

    assert sorted(sequences(answer)["B"]) == ["a3", "a3 from A", "b1"]
    assert answer.unassigned == ()


def test_the_choices_say_who_takes_over_and_what_comes_of_doing_nothing() -> None:
    changes = Changes(outages=(Outage("A", place(1500)),))

    ranked = alternatives(weigh(DAY, (BROKEN, ON_THE_WAY), changes, USUAL, TRAVEL, QUICK, seed=1)).ranked

    assert ranked[0].words.startswith("shift A goes on no more, 2 stops taken over by B")
    assert ranked[-1].words == "do nothing"
    assert ranked[-1].outlook == "every stop is in time; without a place: a2, a3"


def test_a_stop_that_nobody_fetches_counts_once() -> None:
    changes = Changes(outages=(Outage("A", place(1500)),))

    ranked = alternatives(weigh(DAY, (BROKEN, ON_THE_WAY), changes, USUAL, TRAVEL, QUICK, seed=1)).ranked

    assert [each.n_unserved for each in (ranked[0], ranked[-1])] == [0, 2]


def test_a_stop_left_on_board_weighs_as_much_as_one_at_the_depot() -> None:
    one_more = shift("B", vehicle=vehicle(packages=1))
    current = plan(route(stop("a1"), stop("a2", 2000), shift=A), route(shift=one_more))
    late = stop("new", 1400, kind=StopKind.PICK_UP)

    weighed = weigh(
        current,
        (progress("A", 1500, "08:10", done=("a1",), has_departed=True), ON_THE_WAY),
        Changes((late,), outages=(Outage("A", place(1500)),)),
        USUAL,
        TRAVEL,
        QUICK,
        seed=1,
    )

    situation = weighed.situation
    index = {each.stop_id: number for number, each in enumerate(situation.task.stops)}
    fetching = ((), (index["a2 from A"], index["a2"]))
    assert situation.price(fetching)[0] == situation.price(((), (index["new"],)))[0] == 1


def test_a_transfer_that_is_given_up_is_no_customer_who_gets_another_day() -> None:
    fetched, delivery = stop("a2 from A", 1500, kind=StopKind.PICK_UP), stop("a2", 2000)
    paired = replace(delivery, picked_up_at=fetched.stop_id)
    current = plan(route(stop("a1"), shift=A), route(fetched, paired, shift=B))
    gone = Changes(outages=(Outage("A", place(1500)),))
    reports = (progress("A", 1500, "08:10", done=("a1",), has_departed=True), ON_THE_WAY)

    situation = weigh(current, reports, gone, USUAL, TRAVEL, QUICK, seed=1).situation

    assert [each.stop for each in situation.unassigned(((), ()))] == [delivery]
    assert deeds_of(situation, ((), ())).off == ("a2",)


def test_a_pick_up_is_on_board_of_nobody_whatever_is_said_of_it() -> None:
    current = plan(route(stop("p", 2000, kind=StopKind.PICK_UP), shift=A), route(stop("b1", 4000), shift=B))
    odd = progress("A", 1500, "08:10", loaded=("p",), has_departed=True)

    answer = after(current, odd, ON_THE_WAY, outage=Outage("A", place(1500)))

    assert sorted(sequences(answer)["B"]) == ["b1", "p"]


@pytest.mark.parametrize(
    ("outages", "message"),
    [
        ((Outage("Z"),), "Outages names shift Z, which plan D1 does not have"),
        ((Outage("A"), Outage("A")), "Outages of plan D1 names a shift twice"),
    ],
)
def test_an_outage_of_nobody_is_refused(outages: tuple[Outage, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        reoptimize(DAY, (), Changes(outages=outages), USUAL, TRAVEL, QUICK, seed=1)


def test_when_without_where_is_refused() -> None:
    with pytest.raises(ValueError, match="Outage of shift A says when parcels can be taken over, and not"):
        Outage("A", transfer_from=at("09:00"))


@given(interrupted_days())
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_whoever_goes_on_no_more_keeps_what_is_driven_and_every_stop_is_accounted_for(
    scene: tuple[Problem, RoutePlan, tuple[Progress, ...], Changes],
) -> None:
    day, current, reports, changes = scene
    over = current.routes[0].shift.shift_id
    gone = Changes(changes.new_stops, changes.cancelled_stop_ids, (Outage(over, place()),))

    answer = reoptimize(current, reports, gone, USUAL, day.travel, StopCriterion(iterations=10), seed=1)

    after = {each.shift.shift_id: each.stop_ids for each in (*current.routes, *answer.routes)}
    served_of_over = {stop_id for each in reports if each.shift_id == over for stop_id in each.done_stop_ids}
    assert set(after[over]) <= served_of_over
    driven = served_of_over | {
        stop_id
        for each in reports
        if each.shift_id != over
        for stop_id in (*each.done_stop_ids, each.current_stop_id)
    }
    fixed = driven | {
        stop_id for each in reports for stop_id in each.frozen_stop_ids if each.shift_id != over
    }
    wanted = {stop_id for each in current.routes for stop_id in each.stop_ids}
    wanted |= {each.stop_id for each in changes.new_stops}
    wanted -= leaving(current, changes, fixed) | fixed
    named = [stop_id for ids in after.values() for stop_id in ids if " from " not in stop_id]
    named += [each.stop.stop_id for each in answer.unassigned]
    assert sorted(stop_id for stop_id in named if stop_id not in fixed) == sorted(wanted)
    judged = evaluate(answer.routes, day.travel, progress=reports)
    apart = {each.stop_id for each in judged.violations if each.kind == "pair_apart"}
    fetched = {stop_id for ids in after.values() for stop_id in ids if " from " in stop_id}
    assert apart.isdisjoint({*fetched, *(each.split(" from ")[0] for each in fetched)})
