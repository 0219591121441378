"""Lockers as an alternative to the door: one of both is served, within the locker's room."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import permutations, product
from random import Random

import pytest

from routing.day import DayPrices, rates_of
from routing.dropping import MOST_PRICES, Choosing, within_rooms
from routing.evaluate import evaluate
from routing.evaluation import Evaluation, ViolationKind
from routing.explain import Explanation, explain_unassigned
from routing.lockers import Locker, drops_of
from routing.plan import RoutePlan, Shift, Stop, StopKind, Unassigned
from routing.problem import Problem, Solution, StopCriterion
from routing.promising import beyond_room
from routing.remedies import ChangeKind
from routing.schedule import schedule_route
from routing.solve import solve
from routing.task import Task, task_of, vantage_of
from tests.factories import DAY, DEPOT, TRAVEL, at, place, plan, route, shift, stop, vehicle, window
from tests.routing.made_up import made_up_day, made_up_place, score
from tests.routing.under_way import replan, sequences

SEARCH = StopCriterion(iterations=200)
VAN = shift(vehicle=vehicle(per_km=1.0))
LOCKER = Locker("L", place(1000), 10, drop_s=30.0)


def may_drop(stop_id: str, east_m: float = 5000.0, north_m: float = 0.0, **asked: object) -> Stop:
    """A stop whose parcels may be dropped at locker L."""
    return replace(stop(stop_id, east_m, north_m, **asked), locker_ids=("L",))  # type: ignore[arg-type]


def day(*stops: Stop, locker: Locker = LOCKER, van: Shift = VAN) -> Problem:
    return Problem("D1", DAY, (van,), stops, TRAVEL, lockers=(locker,))


def dropped(solution: Solution) -> set[str]:
    visits = [visit for each in solution.plan.routes for visit in each.visits]
    return {visit.stop.stop_id for visit in visits if visit.stop.at_locker == "L"}


def test_several_orders_are_dropped_where_that_costs_less_than_their_doors() -> None:
    # the locker is on the way to c
    stops = [may_drop("a", 5000), may_drop("b", -5000), stop("c", 2000)]

    solution = solve(day(*stops), SEARCH, seed=1)

    assert dropped(solution) == {"a", "b"}
    assert solution.evaluation.is_feasible
    assert solution.evaluation.distance_m == pytest.approx(4000, rel=1e-3)
    (served,) = solution.plan.routes
    assert {visit.stop.service_s for visit in served.visits if visit.stop.at_locker} == {30.0}


def test_a_door_that_is_nearer_is_served() -> None:
    solution = solve(day(may_drop("a", 500), may_drop("b", 700)), SEARCH, seed=1)

    assert dropped(solution) == set()
    assert solution.evaluation.distance_m == pytest.approx(1400, rel=1e-3)


def test_one_stop_alone_is_dropped_too() -> None:
    solution = solve(day(may_drop("a", 9000)), SEARCH, seed=1)

    assert dropped(solution) == {"a"}


def test_a_door_that_nobody_reaches_in_time_has_its_parcels_dropped() -> None:
    late = may_drop("a", 9000, window=("08:00", "08:01"))

    solution = solve(day(late, stop("b", 2000)), SEARCH, seed=1)

    assert dropped(solution) == {"a"}
    assert solution.plan.unassigned == ()


FAR = [may_drop("a", 9000), may_drop("b", -9000), may_drop("c", 0, 9000)]
NEAR = stop("d", 1000, window=("08:00", "08:30"))
LIMITS: dict[str, tuple[Problem, Problem, ViolationKind]] = {
    "room": (day(*FAR, locker=replace(LOCKER, most_packages=2)), day(*FAR), ViolationKind.LOCKER_FULL),
    "who may be dropped": (
        day(*FAR[:2], replace(FAR[2], locker_ids=())),
        day(*FAR),
        ViolationKind.WRONG_LOCKER,
    ),
    "where it is": (
        day(*FAR, locker=replace(LOCKER, location=place(4000))),
        day(*FAR),
        ViolationKind.WRONG_LOCKER,
    ),
    "when it is open": (
        day(*FAR, NEAR, locker=replace(LOCKER, window=window("07:00", "08:01"))),
        day(*FAR, NEAR),
        ViolationKind.WRONG_LOCKER,
    ),
}


@pytest.mark.parametrize(("limited", "free", "kind"), LIMITS.values(), ids=LIMITS.keys())
def test_without_the_limit_a_plan_is_cheaper_and_breaks_it(
    limited: Problem, free: Problem, kind: ViolationKind
) -> None:
    kept, ignored = solve(limited, SEARCH, seed=1), solve(free, SEARCH, seed=1)

    judged = evaluate(ignored.plan, TRAVEL, limited.stops, lockers=limited.lockers)
    assert {each.kind for each in judged.violations} == {kind}
    assert kept.evaluation.violations == ()
    assert kept.plan.unassigned == ignored.plan.unassigned == ()
    assert ignored.evaluation.cost < kept.evaluation.cost


def test_the_room_of_lockers_is_left_to_ortools() -> None:
    solution = solve(LIMITS["room"][0], SEARCH, seed=1)

    assert [each.task for each in solution.work] == [
        "planned the day with drops for the dearest doors",
        "went on from that plan, with its drops first",
        "went on from that plan, with the room in lockers",
    ]


def test_room_that_does_not_suffice_is_kept_for_those_chosen_and_then_for_the_dearest_doors() -> None:
    # c is far from everybody, a and b stand side by side; d has a door that nobody can reach.
    stops = [may_drop("a", 4000), may_drop("b", 4100), may_drop("c", 9000), LOCKER.drop(stop("d"))]
    small = replace(LOCKER, most_packages=2)
    made = [*stops[:3], *drops_of(stops[:3], [small]), stops[3]]
    task = task_of(made, [vantage_of(VAN)], TRAVEL, lockers=[small])

    assert beyond_room(task) == {3, 4}, "one place is d's, the other c's"
    assert beyond_room(task, {3}) == {4, 5}, "a was chosen"


def test_where_all_are_dropped_in_any_case_no_door_is_asked_for() -> None:
    made = [LOCKER.drop(stop("a"))]

    assert beyond_room(task_of(made, [vantage_of(VAN)], TRAVEL, lockers=[LOCKER])) == frozenset()


def test_a_large_day_with_small_lockers_costs_less_than_without_any() -> None:
    random = Random(3)
    lockers = [Locker(f"L{n}", place(*made_up_place(random)), 4, drop_s=30.0) for n in range(4)]
    ids = [each.locker_id for each in lockers]
    doors = [stop(f"s{n}", *made_up_place(random), service_s=120.0) for n in range(80)]
    stops = tuple(replace(each, locker_ids=tuple(random.sample(ids, 2))) for each in doors)
    vans = tuple(shift(f"S{n}", vehicle=vehicle(f"v{n}", per_km=1.0, per_h=20.0)) for n in range(4))
    bounded = StopCriterion(iterations=400)

    without = solve(Problem("D1", DAY, vans, tuple(doors), TRAVEL), bounded, seed=1).evaluation
    found = solve(Problem("D1", DAY, vans, stops, TRAVEL, lockers=tuple(lockers)), bounded, seed=1).evaluation

    assert found.violations == ()
    assert found.cost < 0.95 * without.cost


def test_what_is_wrong_with_a_drop_is_named() -> None:
    full, elsewhere = replace(LOCKER, most_packages=1), replace(LOCKER, locker_id="M")
    a, b = (LOCKER.drop(may_drop(name)) for name in "ab")
    lost = replace(LOCKER, locker_id="X").drop(may_drop("c"))

    judged = evaluate(
        plan(route(a, b, lost)), TRAVEL, [stop("a"), may_drop("b"), may_drop("c")], lockers=(full, elsewhere)
    )

    assert [each.words for each in judged.violations] == [
        "stop a is dropped at locker L, where it may not be",
        "stop c is dropped at locker X, which nobody knows",
        "locker L gets 2 packages and has room for 1",
    ]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Locker("", DEPOT, 1), "Locker has an empty locker_id"),
        (lambda: Locker("L", DEPOT, -1), "Locker L has room for -1 packages"),
        (lambda: Locker("L", DEPOT, 1, drop_s=-2.0), r"Locker L has a drop_s below 0 or over a day: -2\.0 s"),
        (lambda: may_drop("a", kind=StopKind.PICK_UP), r"Stop a is for a locker \(L\), but only a delivery"),
        (
            lambda: Problem("D1", DAY, (VAN,), (may_drop("a"),), TRAVEL),
            "Stop a may be dropped at locker L, which problem D1 does not have",
        ),
        (lambda: day(LOCKER.drop(may_drop("a"))), "Stop a is at locker L: that is for a plan to say"),
        (
            lambda: Problem("D1", DAY, (VAN,), (), TRAVEL, lockers=(LOCKER, LOCKER)),
            "Problem D1 has locker L more than once",
        ),
    ],
)
def test_a_locker_that_makes_no_sense_is_refused(build: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.parametrize("seed", range(25))
def test_small_days_are_planned_nearly_as_well_as_by_brute_force(seed: int) -> None:
    random = Random(seed)
    lockers = tuple(
        Locker(name, place(*made_up_place(random)), random.randint(1, 4), random.choice([0.0, 300.0]))
        for name in random.choice(["L", "LM"])
    )
    made = made_up_day(random)
    stops = [
        replace(each, locker_ids=tuple(each.locker_id for each in lockers if random.random() < 0.8))
        if each.is_loaded_at_start
        else each
        for each in made.stops
    ]
    found = replace(made, stops=tuple(stops), lockers=lockers)

    solution = solve(found, StopCriterion(iterations=300), seed=1)

    assert solution.evaluation.violations == ()
    weight, least = min(score(found, each, judged) for each, judged in all_feasible(found))
    found_weight, cost = score(found, solution.plan, solution.evaluation)
    assert found_weight == weight
    assert least - 0.01 <= cost <= 1.01 * least + 0.01


def all_feasible(found: Problem) -> Iterator[tuple[RoutePlan, Evaluation]]:
    ways = [[each, *drops_of([each], found.lockers)] for each in found.stops]
    for homes in product(range(-1, len(found.shifts)), repeat=len(found.stops)):
        left_out = tuple(
            Unassigned(each, "-") for each, home in zip(found.stops, homes, strict=True) if home < 0
        )
        open_ways = [way if home >= 0 else way[:1] for way, home in zip(ways, homes, strict=True)]
        for chosen in product(*open_ways):
            groups = [
                [each for each, home in zip(chosen, homes, strict=True) if home == number]
                for number in range(len(found.shifts))
            ]
            for orders in product(*(permutations(group) for group in groups)):
                driven = zip(found.shifts, orders, strict=True)
                routes = tuple(schedule_route(each, order, TRAVEL) for each, order in driven)
                tried = RoutePlan("D1", DAY, 1, routes, left_out)
                judged = evaluate(tried, TRAVEL, found.stops, lockers=found.lockers)
                if judged.is_feasible:
                    yield tried, judged


def explained(out: Stop, *served: Stop, locker: Locker, ends: str = "08:10") -> tuple[Explanation, RoutePlan]:
    current = plan(route(*served, shift=shift(ends=ends)), unassigned=[Unassigned(out, "too far")])
    (found,) = explain_unassigned(current, TRAVEL, lockers=(locker,))
    return found, current


def test_what_would_fit_into_a_locker_is_told_so() -> None:
    found, _ = explained(may_drop("x", 90_000), locker=LOCKER)

    assert found.constraint == "nothing is in its way"
    assert found.remedies[0].words == "shift A can drop it at locker L as things are"
    assert found.remedies[0].locker_id == "L"


def test_a_full_locker_would_need_more_room() -> None:
    small = replace(LOCKER, most_packages=3)
    there, out = may_drop("a", packages=2), may_drop("x", 90_000, packages=3)

    found, current = explained(out, small.drop(there), locker=small)

    (remedy, *_) = found.remedies
    assert remedy.words == "shift A could drop it at locker L if locker L had room for 2 more packages"
    (change,) = remedy.changes
    assert change.kind is ChangeKind.LOCKER_PACKAGES
    with_it = schedule_route(current.routes[0].shift, [small.drop(there), small.drop(out)], TRAVEL)
    enough, too_little = replace(small, most_packages=5), replace(small, most_packages=4)
    assert evaluate([with_it], TRAVEL, lockers=[enough]).is_feasible
    assert not evaluate([with_it], TRAVEL, lockers=[too_little]).is_feasible


def test_hours_of_a_locker_are_not_among_the_changes() -> None:
    closed = replace(LOCKER, window=window("07:00", "07:30"))

    found, _ = explained(may_drop("x", 90_000), locker=closed)

    assert all(each.locker_id is None for each in found.remedies)


def test_replanning_leaves_at_the_locker_what_is_planned_there() -> None:
    current = plan(route(LOCKER.drop(may_drop("a")), stop("b", 2000)))

    answer = replan(current, new=(may_drop("x", 1500),))

    assert set(sequences(answer)["A"]) == {"a", "b", "x"}
    (visits,) = [each.visits for each in answer.routes]
    assert {each.stop.stop_id: each.stop.at_locker for each in visits} == {"a": "L", "b": None, "x": None}
    assert visits[0].begin_at > at("08:00")


def test_who_may_be_dropped_and_is_left_out_is_told_that_no_locker_helps() -> None:
    full = replace(LOCKER, most_packages=0)

    solution = solve(day(may_drop("x", 900_000), stop("b"), locker=full), SEARCH, seed=1)

    (left_out,) = solution.plan.unassigned
    assert left_out.reason.endswith(
        "; no locker that it may be dropped at has room and can be reached in time"
    )


def many_choices(n_stops: int, locker: Locker, *more: Stop) -> tuple[Task, DayPrices]:
    stops = [may_drop(f"s{n}", 10.0 * n) for n in range(n_stops)]
    task = task_of([*stops, *drops_of([*stops, *more], [locker])], [vantage_of(VAN)], TRAVEL, (), [locker])
    return task, DayPrices(task, rates_of([VAN.vehicle]))


def test_of_many_choices_those_left_out_are_made_first() -> None:
    # The door of z is not among what can be served: only its drop is, and it comes last of all.
    task, prices = many_choices(150, replace(LOCKER, most_packages=300), may_drop("z"))

    tours = Choosing(task, prices, task.kinds).improve((tuple(range(150)),))

    assert "z" in {task.stops[index].stop_id for tour in tours for index in tour}


def test_the_prices_of_all_choices_are_about_as_many_as_there_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    task, prices = many_choices(60, replace(LOCKER, location=place(3000), most_packages=30))
    asked, price = list[int](), prices.price

    def counted(tour: int, sequence: tuple[int, ...]) -> float:
        asked.append(tour)
        return price(tour, sequence)

    monkeypatch.setattr(prices, "price", counted)

    Choosing(task, prices, task.kinds).improve((tuple(range(30)) + tuple(range(90, 120)),))

    assert MOST_PRICES < len(asked) < 1.1 * MOST_PRICES


def test_of_what_a_locker_has_no_room_for_the_least_priority_goes_first() -> None:
    room = replace(LOCKER, most_packages=5)
    stops = [may_drop("a", packages=4, priority=1), may_drop("b", packages=2), may_drop("c", packages=1)]
    task = task_of(drops_of(stops, [room]), [vantage_of(VAN)], TRAVEL, (), [room])

    assert within_rooms(task, ((0, 1, 2),)) == ((0, 2),)
