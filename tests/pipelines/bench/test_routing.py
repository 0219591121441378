from pathlib import Path

import pytest

from pipelines.bench.routing.figures import PlanFigure, RoutingFigures
from pipelines.bench.routing.references import FEWEST_VEHICLES, LEAST_DISTANCE, cases_of
from pipelines.bench.routing.tables import routing_tables
from pipelines.bench.streams.figures import Machine
from routing.errors import ConfigurationError
from routing.solvers.crew import Alone, Search

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


def rows(*plans: PlanFigure) -> dict[str, tuple[str, ...]]:
    (table,) = routing_tables(RoutingFigures(machine=machine(), seed=1, plans=plans))
    return {row[0]: row[1:] for row in table.rows}


def machine() -> Machine:
    return Machine(
        measured_on="2026-03-02",
        cpu="some",
        cores=2,
        memory_gib=1.0,
        system="Linux",
        python="3.11",
        packages={},
        is_pinned=False,
        load_before=0.0,
    )


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
    assert shown["PyVRP"][4] == "1 of 2"
    assert shown["PyVRP"][-1] == "2 of 2"


def test_without_a_reference_the_best_of_the_plans_is_one() -> None:
    shown = rows(plan("Doorstep", 110.0, best=None), plan("PyVRP", 100.0, best=None))

    assert shown["Doorstep"][1] == "10.00%"
    assert shown["PyVRP"][-1] == "0 of 1"


def test_a_search_alone_finds_what_its_solver_does() -> None:
    assert Alone.size == 1
    assert Alone().run(list[Search]()) == []
