"""Outside carriers: priced alternatives to the own fleet, each limit held by the evaluator."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import permutations, product
from random import Random

import pytest

from routing.carrier_remedies import carrier_remedies, changed_carrier
from routing.carriers import Carrier
from routing.evaluate import evaluate
from routing.evaluation import Evaluation, ViolationKind
from routing.explain import Explanation, explain_unassigned
from routing.plan import HandedOver, RoutePlan, Stop, StopKind, Unassigned
from routing.problem import Problem, Solution, StopCriterion
from routing.remedies import Change, ChangeKind
from routing.schedule import schedule_route
from routing.solve import solve
from tests.factories import DAY, DEPOT, TRAVEL, carrier, plan, route, shift, stop, vehicle
from tests.routing.made_up import made_up_day, score
from tests.routing.under_way import replan

SEARCH = StopCriterion(iterations=200)
VAN = shift(vehicle=vehicle(per_km=1.0, co2e_kg_per_km=0.2, features=("cool",)))


def day(*stops: Stop, carriers: tuple[Carrier, ...] = (carrier(),), van: object = VAN) -> Problem:
    return Problem("D1", DAY, (van,), stops, TRAVEL, carriers)  # type: ignore[arg-type]


def taken(solution: Solution) -> dict[str, str]:
    return {each.stop.stop_id: each.carrier_id for each in solution.plan.handed_over}


def test_a_stop_far_off_is_handed_over_where_that_costs_less() -> None:
    # 10 km there and back cost 20, the carrier 5
    solution = solve(day(stop("near", 1000), stop("far", 10_000)), SEARCH, seed=1)

    assert taken(solution) == {"far": "C"}
    assert [each.stop_ids for each in solution.plan.routes] == [("near",)]
    assert solution.evaluation.is_feasible
    assert solution.evaluation.cost == pytest.approx(2.0 + 5.0, rel=1e-3)


def test_a_hand_over_has_its_price_and_emissions_in_the_plans() -> None:
    dhl = carrier(
        "DHL", 3.0, price_per_package=0.5, price_per_km=0.1, co2e_kg_per_stop=0.3, co2e_kg_per_km=0.01
    )

    solution = solve(day(stop("far", 20_000, packages=4), carriers=(dhl,)), SEARCH, seed=1)

    (each,) = solution.evaluation.handed_over
    assert (each.stop_id, each.carrier_id) == ("far", "DHL")
    assert each.cost == solution.evaluation.cost == pytest.approx(3.0 + 2.0 + 2.0, rel=1e-3)
    assert each.co2e_kg == solution.evaluation.co2e_kg == pytest.approx(0.3 + 0.2, rel=1e-3)


def test_of_two_carriers_each_gets_what_it_is_cheaper_for() -> None:
    by_stop, by_km = carrier("stop", 6.0), carrier("km", 1.0, price_per_km=0.5)
    stops = [stop("near", 5_000), stop("far", -30_000)]

    solution = solve(day(*stops, carriers=(by_stop, by_km)), SEARCH, seed=1)

    assert taken(solution) == {"near": "km", "far": "stop"}


def test_what_no_vehicle_takes_a_carrier_may() -> None:
    heavy = stop("piano", weight_kg=300.0)

    solution = solve(
        day(heavy, stop("a"), van=replace(VAN, vehicle=vehicle(kg=50.0, per_km=1.0))), SEARCH, seed=1
    )

    assert taken(solution) == {"piano": "C"}
    assert solution.plan.unassigned == ()


FAR = [stop(f"s{n}", 10_000.0 * n, weight_kg=5.0 * n, volume_m3=0.1 * n, zone=f"z{n}") for n in (1, 2)]
LIMITS: dict[str, tuple[list[Stop], dict[str, object], dict[str, object]]] = {
    "number": (FAR, {"most_stops": 1}, {"most_stops": None}),
    "weight": (FAR, {"most_kg_per_stop": 7.0}, {"most_kg_per_stop": None}),
    "volume": (FAR, {"most_m3_per_stop": 0.15}, {"most_m3_per_stop": None}),
    "zone": (FAR, {"zones": ("z1",)}, {"zones": ()}),
    "what it has": ([replace(FAR[0], requires=("cool",)), FAR[1]], {}, {"features": ("cool",)}),
    "windows": (
        [replace(FAR[0], window=stop(window=("08:00", "12:00")).window), FAR[1]],
        {"keeps_windows": False},
        {"keeps_windows": True},
    ),
}


@pytest.mark.parametrize(("stops", "limit", "without"), LIMITS.values(), ids=LIMITS.keys())
def test_without_the_limit_a_plan_is_cheaper_and_breaks_it(
    stops: list[Stop], limit: dict[str, object], without: dict[str, object]
) -> None:
    limited, free = (carrier(**each) for each in (limit, without))

    kept = solve(day(*stops, carriers=(limited,)), SEARCH, seed=1)
    ignored = solve(day(*stops, carriers=(free,)), SEARCH, seed=1)

    judged = evaluate(ignored.plan, TRAVEL, stops, carriers=(limited,))
    assert {each.kind for each in judged.violations} == {ViolationKind.NOT_TAKEN}
    assert kept.evaluation.is_feasible
    assert kept.plan.unassigned == ignored.plan.unassigned == ()
    assert ignored.evaluation.cost < kept.evaluation.cost


def handed(*stops: Stop, to: str = "C") -> RoutePlan:
    return replace(plan(), handed_over=tuple(HandedOver(each, to) for each in stops))


@pytest.mark.parametrize(
    ("stops", "limits", "words"),
    [
        ([stop("a"), stop("b")], {"most_stops": 1}, "carrier C is handed 2 stops and takes 1"),
        (
            [stop("a", weight_kg=9.5)],
            {"most_kg_per_stop": 7.0},
            "carrier C takes 7 kg a stop, and stop a has 9.5 kg",
        ),
        (
            [stop("a", volume_m3=2.0)],
            {"most_m3_per_stop": 1.5},
            "carrier C takes 1.5 m3 a stop, and stop a has 2 m3",
        ),
        ([stop("a", zone="n")], {"zones": ("s",)}, "carrier C does not go where stop a is: n"),
        ([stop("a", requires=("cool",))], {}, "carrier C lacks cool for stop a"),
        ([stop("a", window=("09:00", "10:00"))], {}, "carrier C keeps no windows, and stop a has one"),
        (
            [stop("a", kind=StopKind.PICK_UP)],
            {},
            "carrier C takes deliveries from the depot alone, and stop a is none",
        ),
    ],
)
def test_what_a_carrier_does_not_take_is_named(
    stops: list[Stop], limits: dict[str, object], words: str
) -> None:
    judged = evaluate(handed(*stops), TRAVEL, stops, carriers=(carrier(**limits),))

    assert [each.words for each in judged.violations] == [words]


def test_a_carrier_that_nobody_knows_and_a_stop_served_twice_are_named() -> None:
    both = replace(handed(stop("a"), to="X"), routes=(route(stop("a")),))

    judged = evaluate(both, TRAVEL, [stop("a")])

    assert [each.words for each in judged.violations] == [
        "stop a is planned 2 times",
        "stop a is handed over to carrier X, whom nobody knows",
    ]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: carrier(""), "Carrier has an empty carrier_id"),
        (lambda: carrier("C", -1.0), r"Carrier C has a price_per_stop that is negative or none: -1\.0"),
        (
            lambda: carrier("C", price_per_km=float("nan")),
            "Carrier C has a price_per_km that is negative or none: nan",
        ),
        (
            lambda: carrier("C", most_kg_per_stop=-2.0),
            "Carrier C has a most_kg_per_stop that is negative or none: -2",
        ),
        (lambda: carrier("C", most_stops=-1), "Carrier C takes at most -1 stops"),
        (lambda: carrier("C", zones=("",)), "Carrier C has an empty name"),
        (lambda: day(carriers=(carrier(), carrier())), "Problem D1 has carrier C more than once"),
        (lambda: day(carriers=(carrier(currency="USD"),)), "Problem D1 has costs in EUR and USD"),
        (lambda: day(van=shift()), "Problem D1 has carrier C, but no vehicle costs anything"),
    ],
)
def test_a_carrier_that_makes_no_sense_is_refused_with_its_figure(
    build: Callable[[], object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        build()


def made_up_carrier(random: Random, carrier_id: str) -> Carrier:
    return Carrier(
        carrier_id,
        DEPOT,
        price_per_stop=random.choice([2.0, 5.0]),
        price_per_package=random.choice([0.0, 1.5]),
        price_per_km=random.choice([0.0, 0.4]),
        most_stops=random.choice([None, 1, 2]),
        most_kg_per_stop=random.choice([None, 10.0]),
        zones=random.choice([(), ("n",)]),
        keeps_windows=random.random() < 0.5,
    )


@pytest.mark.parametrize("seed", range(25))
def test_small_days_are_planned_as_well_as_by_brute_force(seed: int) -> None:
    random = Random(seed)
    takers = tuple(made_up_carrier(random, f"C{n}") for n in range(random.randint(1, 2)))
    found = replace(made_up_day(random), carriers=takers)

    solution = solve(found, StopCriterion(iterations=300), seed=1)

    assert solution.evaluation.violations == ()
    best = min(score(found, each, judged) for each, judged in all_feasible(found))
    assert score(found, solution.plan, solution.evaluation) == pytest.approx(best, rel=1e-3, abs=0.01)


def all_feasible(found: Problem) -> Iterator[tuple[RoutePlan, Evaluation]]:
    n_shifts, n_homes = len(found.shifts), len(found.shifts) + len(found.carriers)
    for homes in product(range(-1, n_homes), repeat=len(found.stops)):
        groups = [
            [each for each, home in zip(found.stops, homes, strict=True) if home == at]
            for at in range(-1, n_homes)
        ]
        left_out = tuple(Unassigned(each, "-") for each in groups[0])
        given_away = tuple(
            HandedOver(each, taker.carrier_id)
            for taker, group in zip(found.carriers, groups[1 + n_shifts :], strict=True)
            for each in group
        )
        for orders in product(*(permutations(group) for group in groups[1 : 1 + n_shifts])):
            routes = tuple(
                schedule_route(each, order, TRAVEL) for each, order in zip(found.shifts, orders, strict=True)
            )
            tried = RoutePlan("D1", DAY, 1, routes, left_out, given_away)
            judged = evaluate(tried, TRAVEL, found.stops, carriers=found.carriers)
            if judged.is_feasible:
                yield tried, judged


def explained(out: Stop, *given_away: Stop, **limits: object) -> tuple[Explanation, Carrier, RoutePlan]:
    """A stop that no vehicle can take, and a carrier that does not as things are."""
    full = route(shift=shift(vehicle=vehicle(packages=0, per_km=1.0), ends="08:01"))
    current = replace(
        plan(full, unassigned=[Unassigned(out, "no room")]),
        handed_over=tuple(HandedOver(each, "C") for each in given_away),
    )
    limited = carrier(**limits)
    (found,) = explain_unassigned(current, TRAVEL, carriers=(limited,))
    return found, limited, current


WAYS: list[tuple[Stop, list[Stop], dict[str, object], str]] = [
    (stop("x"), [stop("a")], {"most_stops": 1}, "carrier C took 1 more stops in all"),
    (stop("x", weight_kg=30.3), [], {"most_kg_per_stop": 30.0}, "carrier C took 0.3 kg more a stop"),
    (stop("x", volume_m3=1.5), [], {"most_m3_per_stop": 1.25}, "carrier C took 0.25 m3 more a stop"),
    (stop("x", zone="n"), [], {"zones": ("s",)}, "carrier C went to zone n"),
    (stop("x", requires=("cool",)), [], {}, "carrier C had cool"),
    (stop("x", window=("08:00", "16:00")), [], {}, "carrier C kept windows"),
    (stop("x", skip_price=2.0), [], {}, "leaving out stop x cost 3.00 more"),
]


@pytest.mark.parametrize(("out", "given_away", "limits", "words"), WAYS)
def test_a_carrier_would_take_it_if_one_limit_were_other(
    out: Stop, given_away: list[Stop], limits: dict[str, object], words: str
) -> None:
    found, limited, current = explained(out, *given_away, **limits)

    (by_carrier,) = [each for each in found.remedies if each.carrier_id == "C"]
    assert by_carrier.words == f"carrier C could serve it if {words}"
    (change,) = by_carrier.changes
    with_it = replace(current, unassigned=(), handed_over=(*current.handed_over, HandedOver(out, "C")))
    assert evaluate(with_it, TRAVEL, carriers=(changed_carrier(limited, [change]),)).is_feasible
    if change.kind is not ChangeKind.SKIP_PRICE:
        assert not evaluate(with_it, TRAVEL, carriers=(changed_carrier(limited, less(change)),)).is_feasible


def less(change: Change) -> list[Change]:
    """The change with a unit less; nothing where it is all or nothing."""
    unit = {ChangeKind.CARRIER_KG: 0.1, ChangeKind.CARRIER_M3: 0.001}.get(change.kind, 1)
    return [replace(change, amount=change.amount - unit)] if change.amount > unit else []


def test_who_is_left_out_beside_a_carrier_is_told_why_it_does_not_help() -> None:
    short = replace(VAN, ends_at=VAN.starts_at.replace(minute=10))

    solution = solve(
        day(stop("x", 9_000, weight_kg=9), van=short, carriers=(carrier(most_kg_per_stop=2),)), SEARCH, 1
    )

    (left_out,) = solution.plan.unassigned
    assert left_out.reason.endswith("at best; carrier C takes 2 kg a stop, and not 9 kg")


def test_a_parcel_on_board_and_half_of_a_pair_are_no_carriers() -> None:
    pick_up = stop("p", 10_000, kind=StopKind.PICK_UP)
    delivery = stop("d", 11_000, picked_up_at="p")

    solution = solve(day(pick_up, delivery), SEARCH, seed=1)

    assert taken(solution) == {}
    assert solution.plan.routes[0].stop_ids == ("p", "d")


def test_replanning_leaves_with_the_carrier_what_it_has() -> None:
    current = replace(plan(route(stop("a"))), handed_over=(HandedOver(stop("x"), "C"),))

    answer = replan(current, new=(stop("b", 1200),))

    assert {name for each in answer.routes for name in each.stop_ids} == {"a", "b"}
    for change in ({"new": (stop("x"),)}, {"cancelled": ("x",)}):
        with pytest.raises(ValueError, match="stop x is handed over to carrier C already"):
            replan(current, **change)


def test_a_remedy_of_a_tenth_of_a_kilogram_lets_the_parcel_in() -> None:
    out, limited = stop("x", weight_kg=0.8), carrier(most_kg_per_stop=0.7)

    ((remedy, _),) = carrier_remedies(plan(), out, [limited], TRAVEL)

    assert remedy.words == "carrier C could serve it if carrier C took 0.1 kg more a stop"
    # 0.7 + 0.1 is a little less than 0.8
    assert list(changed_carrier(limited, remedy.changes).refusals(out)) == []
    assert list(limited.refusals(out)) == ["carrier C takes 0.7 kg a stop, and not 0.8 kg"]


def test_a_carrier_without_a_limit_is_not_said_to_be_full() -> None:
    # too heavy for the van, and worth less than the carrier asks
    heavy = stop("x", weight_kg=300.0, skip_price=2.0)
    small = replace(VAN, vehicle=vehicle(kg=50.0, per_km=1.0))

    solution = solve(day(heavy, stop("a"), van=small), SEARCH, seed=1)

    (left_out,) = solution.plan.unassigned
    assert left_out.reason.endswith("; carrier C has no way there, or costs more than leaving it out does")
