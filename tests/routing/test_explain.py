from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import combinations_with_replacement

import pytest
from hypothesis import HealthCheck, assume, event, given, settings

from routing.changes import Progress
from routing.evaluate import evaluate
from routing.evaluation import Evaluation
from routing.explain import Explanation, explain_unassigned
from routing.plan import Route, Shift, Stop, StopKind, TimeWindow, Unassigned
from routing.remedies import Change, ChangeKind, Remedy
from tests.factories import TRAVEL, at, place, plan, rest, route, shift, stop, vehicle
from tests.routing.day_under_way import UnderWay, is_out_of_reach, judge, plans_under_way


def explain(*routes: Route, out: Stop, progress: tuple[Progress, ...] = ()) -> Explanation:
    current = plan(*routes, unassigned=[Unassigned(out, "was full")])
    (explanation,) = explain_unassigned(current, TRAVEL, progress)
    return explanation


def words(explanation: Explanation) -> str:
    return explanation.remedies[0].words


def all_words(explanation: Explanation) -> list[str]:
    return [each.words for each in explanation.remedies]


def test_a_window_that_closes_too_early_would_have_to_close_later() -> None:
    # 10 km are 1000 s: there at 08:16:40
    found = explain(route(), out=stop("x", 10_000, window=("08:00", "08:05")))

    assert found.constraint == "the window of stop x closes 12 min before anybody can come"
    assert words(found) == "shift A could serve it if the window of stop x closed 12 min later"


def test_a_window_that_opens_too_late_would_have_to_open_earlier() -> None:
    # x lies half way to the end of the shift, 500 s from it: who waits for 08:55 is back at 09:03:20
    bridge = shift(end=place(10_000), ends="09:00")

    found = explain(route(shift=bridge), out=stop("x", 5_000, window=("08:55", "12:00")))

    assert "shift A could serve it if the window of stop x opened 4 min earlier" in all_words(found)
    assert "shift A could serve it if shift A ended 4 min later" in all_words(found)


def test_a_shift_that_is_too_short_would_have_to_end_later() -> None:
    found = explain(route(shift=shift(ends="08:30")), out=stop("x", 10_000))

    assert found.constraint == "shift A would be back 4 min after its end"
    assert found.remedies[0].changes[0].kind is ChangeKind.SHIFT_LONGER
    assert words(found) == "shift A could serve it if shift A ended 4 min later"


def test_a_shift_may_also_start_earlier() -> None:
    found = explain(route(shift=shift(ends="08:30")), out=stop("x", 10_000))

    assert "shift A could serve it if shift A started 4 min earlier" in [
        each.words for each in found.remedies
    ]


def test_a_vehicle_that_has_begun_cannot_start_earlier() -> None:
    begun = Progress("A", place(), at("08:00"), frozen_stop_ids=("a",))

    found = explain(route(stop("a"), shift=shift(ends="08:30")), out=stop("x", 10_000), progress=(begun,))

    kinds = {change.kind for each in found.remedies for change in each.changes}
    assert kinds == {ChangeKind.SHIFT_LONGER}


@pytest.mark.parametrize(
    ("van", "out", "wanted"),
    [
        (vehicle(packages=3), stop("x", packages=2), "the vehicle of shift A took 1 more packages"),
        (vehicle(kg=10.0), stop("x", weight_kg=8.0), "the vehicle of shift A took 6 kg more"),
        (vehicle(m3=1.0), stop("x", volume_m3=0.755), "the vehicle of shift A took 0.255 m3 more"),
        (vehicle(), stop("x", requires=("tail_lift",)), "shift A had tail_lift"),
    ],
)
def test_what_the_vehicle_lacks_is_named(van: object, out: Stop, wanted: str) -> None:
    full = stop("a", packages=2, weight_kg=8.0, volume_m3=0.5)

    found = explain(route(full, shift=replace(shift(), vehicle=van)), out=out)  # type: ignore[arg-type]

    assert words(found) == f"shift A could serve it if {wanted}"


def test_a_break_would_have_to_begin_later() -> None:
    # x is served from 08:30 to 08:50, and so long the break has to wait
    resting = shift(breaks=(rest("08:35", 30, latest="08:40"),))

    found = explain(route(shift=resting), out=stop("x", 200, service_s=1200, window=("08:30", "08:35")))

    assert "shift A could serve it if the breaks of shift A could begin 10 min later" in all_words(found)


def test_the_smallest_change_comes_first() -> None:
    # 1 of 3 packages is a third; 4 of 30 min are less
    small = shift("small", vehicle=vehicle("v1", packages=3))
    short = shift("short", vehicle=vehicle("v2"), ends="08:30")

    found = explain(route(stop("a", packages=3), shift=small), route(shift=short), out=stop("x", 10_000))

    shares = [each.share for each in found.remedies]
    assert shares == sorted(shares)
    assert found.remedies[0].changes[0].kind is ChangeKind.SHIFT_LONGER
    assert found.remedies[0].shift_id == "short"


def test_of_several_windows_the_one_that_would_have_to_be_other_is_named() -> None:
    # 5 km are 500 s: there at 08:08:20, and busy from 09:00 to 11:00
    busy = stop("a", 1000, window=("09:00", "09:00"), service_s=7200)
    choosy = stop("x", 5_000, window=("08:00", "08:05"), other_windows=[("09:30", "10:00")])

    found = explain(route(busy), out=choosy)

    assert (
        words(found)
        == "shift A could serve it if the window from 08:00 to 08:05 of stop x closed 4 min later"
    )


def test_one_of_several_windows_is_enough() -> None:
    choosy = stop("x", 5_000, window=("08:00", "08:05"), other_windows=[("09:30", "10:00")])

    assert explain(route(), out=choosy).constraint == "nothing is in its way"


@pytest.mark.parametrize(
    ("limits", "said", "obstacle"),
    [
        (
            {"most_stops": 1},
            "the vehicle of shift A served 1 more stops",
            "the vehicle of shift A may serve 1 stops too few",
        ),
        (
            {"most_km": 6.75},
            "the vehicle of shift A went 3.3 km farther",
            "the vehicle of shift A would go 3.3 km too far",
        ),
        (
            {"most_h": 0.25},
            "the vehicle of shift A could be out 2 min longer",
            "the vehicle of shift A would be out 2 min too long",
        ),
    ],
)
def test_a_vehicle_would_have_to_be_less_limited(limits: dict[str, float], said: str, obstacle: str) -> None:
    # 5 km and back are 10 km and 1000 s
    limited = shift(vehicle=vehicle(**limits))  # type: ignore[arg-type]

    found = explain(route(stop("a"), shift=limited), out=stop("x", 5_000))

    assert words(found) == f"shift A could serve it if {said}"
    assert found.constraint == obstacle


def test_what_fits_as_things_are_is_said_to() -> None:
    found = explain(route(stop("a")), out=stop("x", 500))

    assert found.constraint == "nothing is in its way"
    assert all_words(found) == ["shift A can serve it as things are"]
    assert found.remedies[0].stop_ids in [("x", "a"), ("a", "x")]


def test_an_optional_stop_would_have_to_be_worth_more() -> None:
    dear = shift(vehicle=vehicle(per_km=1.0))

    found = explain(route(shift=dear), out=stop("x", 5_000, skip_price=4.0))

    assert words(found) == "shift A could serve it if leaving out stop x cost 6.00 more"


def test_another_shift_would_do_where_all_are_full() -> None:
    # an hour of service at each of two places at the same time
    busy = stop("a", 1000, window=("08:00", "08:10"), service_s=3600)

    found = explain(route(busy), out=stop("x", -1000, window=("08:00", "08:10"), service_s=3600))

    assert found.remedies[-1].words == "it could be served if there were another shift like A"


def test_two_obstacles_are_named_together() -> None:
    found = explain(
        route(shift=shift(vehicle=vehicle(packages=1))),
        out=stop("x", 10_000, packages=2, window=("08:00", "08:05")),
    )

    assert len(found.remedies[0].changes) == 2
    assert " and " in found.constraint
    assert " and " in words(found)


def test_a_pair_is_explained_once() -> None:
    pick_up = stop("p", 1000, kind=StopKind.PICK_UP, packages=2)
    delivery = stop("d", 2000, packages=2, picked_up_at="p")
    small = route(shift=shift(vehicle=vehicle(packages=1)))

    current = plan(small, unassigned=[Unassigned(pick_up, "full"), Unassigned(delivery, "full")])
    (found,) = explain_unassigned(current, TRAVEL)

    assert found.stop_ids == ("p", "d")
    assert words(found) == "shift A could serve it if the vehicle of shift A took 1 more packages"
    assert found.remedies[0].stop_ids == ("p", "d")


def test_where_no_change_helps_the_plans_reason_stands() -> None:
    # nothing is loaded any more on a vehicle that has left
    gone = Progress("A", place(500), at("08:10"), has_departed=True)

    found = explain(route(stop("a")), out=stop("x"), progress=(gone,))

    assert (found.constraint, found.remedies) == ("was full", ())


def test_a_plan_that_serves_everybody_needs_no_words() -> None:
    assert explain_unassigned(plan(route(stop("a"))), TRAVEL) == ()


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(plans_under_way(is_in_order=True))
def test_making_the_change_lets_the_stop_in_and_less_of_it_does_not(day: UnderWay) -> None:
    current = replace(day.plan, unassigned=tuple(Unassigned(each, "why") for each in day.out))
    assume(day.out and evaluate(current, day.travel, progress=day.progress).is_feasible)

    for found in explain_unassigned(current, day.travel, day.progress):
        stops = {each.stop_id: each for each in day.out}
        job = [stops[name] for name in found.stop_ids]
        for remedy in found.remedies:
            event(" and ".join(each.kind for each in remedy.changes) or "fits as it is")
            assert judged_with(day, job, remedy).is_feasible, remedy.words
            for lesser in too_little(remedy):
                assert not judged_with(day, job, lesser).is_feasible, remedy.words
                if len(remedy.changes) == 1 and remedy.changes[0].kind in EXACT:
                    elsewhere = everywhere(*changed(day, job, lesser), of_shift=remedy.shift_id)
                    assert not any(each.is_feasible for each in elsewhere)
        if any(each.is_feasible for each in everywhere(day, job)):
            kinds = {change.kind for change in found.remedies[0].changes}
            assert kinds <= {ChangeKind.SKIP_PRICE}, "it fits without any change"
        elif found.remedies:
            assert found.remedies[0].changes, "it does not fit as things are"


EXACT = {ChangeKind.WINDOW_LATER, ChangeKind.SHIFT_LONGER, ChangeKind.MORE_PACKAGES, ChangeKind.REQUIREMENT}
"""Less of these opens no other place on the shift either; on a shorter one it would be a larger share."""


def changed(day: UnderWay, job: list[Stop], remedy: Remedy) -> tuple[UnderWay, list[Stop]]:
    """The day and the job after the changes, before anybody has moved."""
    for change in remedy.changes:
        job = [with_window(each, change) for each in job]
        routes = [
            each
            if each.shift.shift_id != change.subject
            else replace(each, shift=with_shift(each.shift, change))
            for each in day.plan.routes
        ]
        if change.kind not in OF_STOPS:
            day = replace(day, plan=replace(day.plan, routes=tuple(routes)))
    return day, job


def judged_with(day: UnderWay, job: list[Stop], remedy: Remedy) -> Evaluation:
    """The whole plan with the remedy's changes made and its route driven."""
    (old,) = [each for each in day.plan.routes if each.shift.shift_id == remedy.shift_id]
    stops = [*(visit.stop for visit in old.visits), *job]
    shift = old.shift
    for change in remedy.changes:
        if change.kind is ChangeKind.ANOTHER_SHIFT:
            shift = replace(shift, shift_id="another")
        elif change.subject == shift.shift_id and change.kind not in OF_STOPS:
            shift = with_shift(shift, change)
        stops = [with_window(each, change) for each in stops]
    known = {each.stop_id: each for each in stops}
    new = day.route(shift, [known[name] for name in remedy.stop_ids])
    routes = day.plan.routes
    if shift.shift_id == "another":
        return judge((*routes, new), day.progress, day.travel)
    return judge(tuple(new if each is old else each for each in routes), day.progress, day.travel)


OF_STOPS = {
    ChangeKind.WINDOW_LATER,
    ChangeKind.WINDOW_EARLIER,
    ChangeKind.RELEASED_EARLIER,
    ChangeKind.SKIP_PRICE,
}


def with_window(stop: Stop, change: Change) -> Stop:
    by = timedelta(minutes=change.amount)
    if stop.stop_id != change.subject:
        return stop
    if change.kind is ChangeKind.RELEASED_EARLIER and stop.released_at is not None:
        return replace(stop, released_at=stop.released_at - by)
    if stop.window is None:
        return stop
    if change.window is not None and stop.other_windows:
        stop = replace(stop, window=change.window, other_windows=())
    opens_at, closes_at = stop.window.opens_at, stop.window.closes_at
    if change.kind is ChangeKind.WINDOW_LATER:
        return replace(stop, window=TimeWindow(opens_at, closes_at + by))
    if change.kind is ChangeKind.WINDOW_EARLIER:
        return replace(stop, window=TimeWindow(opens_at - by, closes_at))
    return stop


def with_shift(shift: Shift, change: Change) -> Shift:
    van, by = shift.vehicle, timedelta(minutes=change.amount)
    longer_breaks = tuple(
        replace(each, latest_at=None if each.latest_at is None else each.latest_at + by)
        for each in shift.breaks
    )
    return {
        ChangeKind.SHIFT_LONGER: lambda: replace(shift, ends_at=shift.ends_at + by),
        ChangeKind.SHIFT_EARLIER: lambda: replace(shift, starts_at=shift.starts_at - by),
        ChangeKind.MORE_STOPS: lambda: replace(
            shift, vehicle=replace(van, most_stops=(van.most_stops or 0) + int(change.amount))
        ),
        ChangeKind.MORE_KM: lambda: replace(
            shift, vehicle=replace(van, most_km=(van.most_km or 0.0) + change.amount)
        ),
        ChangeKind.MORE_HOURS: lambda: replace(
            shift, vehicle=replace(van, most_h=(van.most_h or 0.0) + change.amount / 60)
        ),
        ChangeKind.BREAK_LATER: lambda: replace(shift, breaks=longer_breaks),
        ChangeKind.REQUIREMENT: lambda: replace(shift, skills=(*shift.skills, str(change.requirement))),
        ChangeKind.MORE_PACKAGES: lambda: replace(
            shift, vehicle=replace(van, capacity_packages=van.capacity_packages + int(change.amount))
        ),
        ChangeKind.MORE_KG: lambda: replace(
            shift, vehicle=replace(van, capacity_kg=van.capacity_kg + change.amount)
        ),
        ChangeKind.MORE_M3: lambda: replace(
            shift, vehicle=replace(van, capacity_m3=van.capacity_m3 + change.amount)
        ),
    }[change.kind]()


UNITS = {ChangeKind.MORE_KM: 0.1, ChangeKind.MORE_KG: 0.1, ChangeKind.MORE_M3: 0.001}


def too_little(remedy: Remedy) -> Iterator[Remedy]:
    """The remedy with a unit less of one of its changes."""
    for change in remedy.changes:
        if change.kind in (ChangeKind.SKIP_PRICE, ChangeKind.ANOTHER_SHIFT, ChangeKind.SHIFT_EARLIER):
            continue
        others = tuple(each for each in remedy.changes if each is not change)
        less = change.amount - UNITS.get(change.kind, 1)
        is_none = change.kind is ChangeKind.REQUIREMENT or less <= 0
        yield replace(remedy, changes=others if is_none else (*others, replace(change, amount=less)))


def everywhere(day: UnderWay, job: list[Stop], of_shift: str | None = None) -> Iterator[Evaluation]:
    """The plan with the job in every place that is open to it, on one shift alone where it is given."""
    progress = {each.shift_id: each for each in day.progress}
    for number, each in enumerate(day.plan.routes):
        far = progress.get(each.shift.shift_id)
        is_another = of_shift is not None and each.shift.shift_id != of_shift
        if is_another or (far is not None and any(is_out_of_reach(stop, far) for stop in job)):
            continue
        n_fixed = 0 if far is None else len({*far.done_stop_ids, *far.frozen_stop_ids})
        served = [visit.stop for visit in each.visits]
        for gaps in combinations_with_replacement(range(n_fixed, len(served) + 1), len(job)):
            longer = list(served)
            for gap, joins in reversed(list(zip(gaps, job, strict=True))):
                longer.insert(gap, joins)
            new = day.route(each.shift, longer)
            routes = (*day.plan.routes[:number], new, *day.plan.routes[number + 1 :])
            yield judge(routes, day.progress, day.travel)
