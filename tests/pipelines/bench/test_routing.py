from pathlib import Path

import msgspec
import pytest

from pipelines.bench.routing.figures import PlanFigure, PlanRun, not_worse
from pipelines.bench.routing.goals import plan_goals
from pipelines.bench.routing.kept import RoutingFigures, machines_of, merged, routing_tables
from pipelines.bench.routing.references import FEWEST_VEHICLES, LEAST_DISTANCE, cases_of, n_in_set
from pipelines.bench.routing.tables import plan_tables
from routing.errors import ConfigurationError
from routing.solvers.crew import Alone, Search
from tests.pipelines.bench.figures import MACHINE

SOLOMON = """{name}

VEHICLE
NUMBER CAPACITY
3 10

CUSTOMER
CUST NO. XCOORD. YCOORD. DEMAND READY TIME DUE DATE SERVICE TIME
0 0 0 0 0 1000 0
1 3 4 6 0 100 10
"""
KNOWN = """set,instance,customers,vehicles,distance,vehicles_distance_only,distance_only,convention
solomon,T1,1,2,12.5,3,10.0,some
"""


def plan(name: str, distance: float, instance: str = "T1", **different: object) -> PlanFigure:
    fields: dict[str, object] = {
        "set_name": "solomon",
        "convention": LEAST_DISTANCE,
        "seconds": 1.0,
        "wall_s": 1.0,
        "vehicles": 3,
        "left_out": 0,
        "violations": 0,
        "best": 100.0,
        "best_vehicles": 3,
    }
    return PlanFigure(instance=instance, name=name, distance=distance, **(fields | different))  # type: ignore[arg-type]


def run(*plans: PlanFigure, **different: object) -> PlanRun:
    fields: dict[str, object] = {"set_name": "solomon", "seconds": 1.0, "seed": 1, "machine": MACHINE}
    return PlanRun(n_in_set=56, plans=plans, **(fields | different))  # type: ignore[arg-type]


def rows(*plans: PlanFigure) -> dict[str, tuple[str, ...]]:
    (table,) = plan_tables([run(*plans)])
    return {row[0]: row[1:] for row in table.rows}


def verdicts(*plans: PlanFigure) -> dict[str, tuple[str, bool]]:
    return {each.what: (each.measured, each.is_met) for each in plan_goals([run(*plans)])}


def test_each_convention_has_its_reference_and_its_fleet(tmp_path: Path) -> None:
    folder = tmp_path / "vrptw" / "solomon"
    folder.mkdir(parents=True)
    for name in ("T1", "T2"):
        (folder / f"{name}.txt").write_text(SOLOMON.format(name=name))
    (tmp_path / "vrptw" / "best_known.csv").write_text(KNOWN)

    least, fewest, unknown = cases_of(tmp_path, "solomon", None)

    assert (least.convention, least.best, len(least.instance.problem.shifts)) == (LEAST_DISTANCE, 10.0, 3)
    assert (fewest.convention, fewest.best, len(fewest.instance.problem.shifts)) == (FEWEST_VEHICLES, 12.5, 2)
    assert (unknown.instance.name, unknown.convention, unknown.best) == ("T2", LEAST_DISTANCE, None)
    assert len(cases_of(tmp_path, "solomon", 1)) == 2, "one instance under two conventions"
    assert n_in_set(tmp_path, "solomon") == 2


def test_a_folder_without_instances_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"there are no instances in .*li_lim_100"):
        cases_of(tmp_path, "li-lim", None)


def test_gaps_are_over_whole_plans_and_wins_are_counted() -> None:
    shown = rows(
        plan("Doorstep", 101.0),
        plan("Doorstep", 104.0, instance="T2"),
        plan("PyVRP", 102.0),
        plan("PyVRP", 90.0, instance="T2", left_out=1),
    )

    assert shown["Doorstep"][1:3] == ("2.50%", "4.00%")
    assert shown["PyVRP"][1:3] == ("2.00%", "2.00%")
    assert shown["PyVRP"][5] == "1 of 2"
    assert shown["Doorstep"][3] == "2 of 2"
    assert shown["PyVRP"][3] == "0 of 2"


def test_without_a_reference_the_best_of_the_plans_is_one() -> None:
    shown = rows(plan("Doorstep", 110.0, best=None), plan("PyVRP", 100.0, best=None))

    assert shown["Doorstep"][1] == "10.00%"
    assert shown["PyVRP"][3] == "1 of 1"


def test_a_plan_is_held_against_the_best_of_all_others() -> None:
    three = [plan("Doorstep", 101.0), plan("PyVRP", 102.0), plan("OR-Tools", 100.0)]

    assert not_worse("Doorstep", three) == (0, 1)
    assert not_worse("OR-Tools", three) == (1, 1)
    assert not_worse("Doorstep", three[:2]) == (1, 1)
    assert not_worse("Doorstep", three[:1]) == (0, 0), "nobody to be compared with"


def test_the_page_says_how_many_of_a_set_were_planned_against_what() -> None:
    plans = [plan("Doorstep", 101.0, name) for name in ("T1", "T2")]

    (table,) = plan_tables([run(*plans)])

    assert table.note.startswith("2 of the set's 56 instances at 1 s; the fleet is the file's.")
    assert "against the best known, which has 3.0 vehicles on average" in table.note


def test_gaps_and_wins_are_held_against_what_was_asked() -> None:
    found = verdicts(plan("Doorstep", 100.5), plan("PyVRP", 100.4))

    assert found == {
        "solomon, least distance, 1 s: mean gap to best known": ("0.50%", True),
        "solomon, least distance, 1 s: not worse than the best of the others": ("on 0%, 0 of 1", False),
    }


def test_a_goal_is_not_met_by_whole_plans_alone() -> None:
    (found,) = verdicts(plan("Doorstep", 100.0), plan("Doorstep", 100.0, "T2", left_out=1)).values()

    assert found == ("0.00% over 1 whole plans of 2", False)


def test_ortec_is_held_against_ten_minutes_of_pyvrp() -> None:
    own = plan("Doorstep", 100.9, set_name="ortec", seconds=60.0, best=None)
    rival = plan("PyVRP", 100.0, set_name="ortec", seconds=600.0, best=None)

    assert verdicts(own) == {}
    assert list(verdicts(own, rival).values()) == [("0.90%", True)]


def test_ortec_is_not_held_by_whole_plans_alone() -> None:
    own = [plan("Doorstep", 100.0, name, set_name="ortec", seconds=60.0, best=None) for name in ("T1", "T2")]
    rival = [plan("PyVRP", 100.0, name, set_name="ortec", seconds=600.0, best=None) for name in ("T1", "T2")]
    own[1] = msgspec.structs.replace(own[1], left_out=1)

    assert list(verdicts(*own, *rival).values()) == [("0.00% over 3 whole plans of 4", False)]


def test_runs_of_other_sets_and_seconds_are_kept_beside_a_new_one() -> None:
    old, long = run(plan("Doorstep", 105.0)), run(seconds=10.0)
    new = run(plan("Doorstep", 101.0))

    kept = merged(RoutingFigures(plans=(old, long)), RoutingFigures(plans=(new, run(set_name="ortec"))))

    assert [(each.set_name, each.seconds) for each in kept.plans] == [
        ("ortec", 1.0),
        ("solomon", 1.0),
        ("solomon", 10.0),
    ]
    assert kept.plans[1] == new


def test_a_machine_is_named_once_with_all_that_was_measured_on_it() -> None:
    figures = RoutingFigures(plans=(run(), run(seconds=10.0)))

    assert list(machines_of(figures)) == [("solomon in 1 s, solomon in 10 s", MACHINE)]
    assert list(routing_tables(figures)) == []


def test_a_search_alone_finds_what_its_solver_does() -> None:
    assert Alone.size == 1
    assert Alone().run(list[Search]()) == []
