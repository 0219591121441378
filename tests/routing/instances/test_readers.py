"""Small files by hand, wrong ones, and the real ones."""

from pathlib import Path

import pytest

from routing.evaluate import evaluate
from routing.instances.instance import Instance
from routing.instances.reading import read_instance
from routing.instances.sol import as_sol, read_sol
from routing.plan import StopKind
from routing.problem import StopCriterion
from routing.schedule import schedule_route
from routing.solve import solve

SOLOMON = """\
TOY

VEHICLE
NUMBER     CAPACITY
  2         10

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0         0          0          0       1000          0
    1      3         4          6          0       100          10
    2      6         8          5         20       100.5        10
"""

LI_LIM = """\
2 10 1
0 0 0 0 0 1000 0 0 0
1 3 4 6 0 100 10 0 2
2 6 8 -6 0 100 10 1 0
"""

VRPLIB = """\
NAME : toy
COMMENT : by hand
TYPE : CVRP
DIMENSION : 3
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 1 1
3 2 2
DEMAND_SECTION
1 0
2 6
3 4
DEPOT_SECTION
1
-1
EOF
"""

ASYMMETRIC = """\
NAME : asym
TYPE : VRPTW
DIMENSION : 2
VEHICLES : 1
EDGE_WEIGHT_TYPE : EXPLICIT
EDGE_WEIGHT_FORMAT : FULL_MATRIX
CAPACITY : 10
EDGE_WEIGHT_SECTION
0 5
7 0
DEMAND_SECTION
1 0
2 6
SERVICE_TIME_SECTION
1 0
2 30
TIME_WINDOW_SECTION
1 0 100
2 10 20
DEPOT_SECTION
1
-1
EOF
"""


def distance(instance: Instance, *routes: list[str]) -> float:
    """By the evaluator, in the file's unit; it finds nothing wrong."""
    problem = instance.problem
    stops = {each.stop_id: each for each in problem.stops}
    driven = [
        schedule_route(shift, [stops[number] for number in numbers], problem.travel)
        for shift, numbers in zip(problem.shifts, routes, strict=False)
    ]
    judged = evaluate(driven, problem.travel, problem.stops)
    assert judged.violations == ()
    return instance.distance(judged.distance_m)


def test_solomon_counts_straight_lines_without_rounding() -> None:
    instance = read_instance(SOLOMON, "file")

    assert instance.name == "TOY"
    assert len(instance.problem.shifts) == 2
    assert [stop.packages for stop in instance.problem.stops] == [6, 5]
    assert distance(instance, ["1"], ["2"]) == pytest.approx(30.0)


def test_solomons_windows_are_when_service_begins() -> None:
    # 1 is left at 15 and 2 reached at 20: that it takes until 1000 to be home is no matter
    first, second = read_instance(SOLOMON, "file").problem.stops

    assert first.window is not None
    assert second.window is not None
    assert (second.window.opens_at - first.window.opens_at).total_seconds() == 20 * 60
    assert (second.window.closes_at - first.window.opens_at).total_seconds() == 100.5 * 60


def test_li_and_lim_pair_pick_ups_with_deliveries() -> None:
    instance = read_instance(LI_LIM, "toy")
    pick_up, delivery = instance.problem.stops

    assert (pick_up.kind, pick_up.picked_up_at) == (StopKind.PICK_UP, None)
    assert (delivery.kind, delivery.picked_up_at, delivery.packages) == (StopKind.DELIVER, "1", 6)
    assert distance(instance, ["1", "2"]) == pytest.approx(20.0)


def test_vrplibs_euc_2d_rounds_to_the_nearest() -> None:
    instance = read_instance(VRPLIB, "file")

    assert instance.name == "toy"
    assert distance(instance, ["1", "2"]) == 1 + 1 + 3


def test_an_explicit_matrix_may_be_asymmetric() -> None:
    instance = read_instance(ASYMMETRIC, "file")

    assert distance(instance, ["1"]) == 12.0
    assert instance.problem.stops[0].service_s == 30.0


def test_a_lower_row_is_symmetric() -> None:
    lower = VRPLIB.replace("EUC_2D", "EXPLICIT\nEDGE_WEIGHT_FORMAT : LOWER_ROW").replace(
        "DEMAND_SECTION", "EDGE_WEIGHT_SECTION\n4\n5 6\nDEMAND_SECTION"
    )

    assert distance(read_instance(lower, "file"), ["1", "2"]) == 4 + 6 + 5


@pytest.mark.parametrize(
    ("text", "old", "new", "message"),
    [
        (
            SOLOMON,
            "6         8          5 ",
            "6         x          5 ",
            "line 12 has a YCOORD. that is no number",
        ),
        (SOLOMON, "         10\n    2", "\n    2", "line 11 has 6 fields; CUST NO., XCOORD.,"),
        (SOLOMON, "    2      6", "    3      6", "line 12 customer 3 stands where 2 is expected"),
        (SOLOMON, "20       100.5", "200       100.5", "customer 2 closes before it opens: 200 > 100.5"),
        (SOLOMON, "5         20", "5.5         20", "line 12 has a DEMAND that is not whole: 5.5"),
        (
            SOLOMON,
            "          5         20",
            "          -5         20",
            "customer 2 has a negative demand: -5",
        ),
        (SOLOMON, "1      3  ", "1      1e12", "customer 1 lies at 1e+12, 4: coordinates are read up to"),
        (SOLOMON, "  2         10\n", "  0         10\n", "Problem TOY has 2 stops and no shift"),
        (SOLOMON, SOLOMON, "VEHICLE\nCUST NO.\n", "has no line of numbers"),
        (LI_LIM, "100 10 1 0", "100 10 5 0", "customer 1 is paired with 2, but 2 is not with it"),
        (LI_LIM, "-6", "-5", "customer 1 has a demand of 6, its other half -5"),
        (LI_LIM, "10 0 2", "10 0 1", "customer 1 has no other half"),
        (VRPLIB, "DEMAND_SECTION", "BACKHAUL_SECTION", "begins a section that is not read"),
        (VRPLIB, "COMMENT", "DISTANCE", "line 2 is no header that is read"),
        (VRPLIB, "TYPE : CVRP", "TYPE : MDVRP", "line 3 has a TYPE that is not read; CVRP, ACVRP, VRP,"),
        (VRPLIB, "NODE_COORD_SECTION\n1 0 0\n2 1 1\n3 2 2\n", "", "the file has no NODE_COORD_SECTION"),
        (VRPLIB, "DEMAND_SECTION\n1 0\n2 6\n3 4\n", "", "the file has no DEMAND_SECTION"),
        (VRPLIB, VRPLIB[VRPLIB.index("1 0\n2 6") :], "", "DEMAND_SECTION has 0 of 3 nodes: node 1 is"),
        (VRPLIB, "EUC_2D", "GEO", "EDGE_WEIGHT_TYPE GEO as None is not read; EUC_2D,"),
        (VRPLIB, "3 4\nDEPOT", "DEPOT", "DEMAND_SECTION has 2 of 3 nodes: node 3 is missing"),
        (VRPLIB, "3 4\nDEPOT", "2 4\nDEPOT", "names node 2, again or outside 1..3"),
        (VRPLIB, "DEPOT_SECTION\n1", "DEPOT_SECTION\n2", "names a depot other than node 1"),
        (VRPLIB, "CAPACITY : 10", "CAPACITY : ten", "has a CAPACITY that is not whole"),
        (ASYMMETRIC, "7 0", "7", "EDGE_WEIGHT_SECTION has 3 figures; 4 are FULL_MATRIX of 2 nodes"),
        (ASYMMETRIC, "7 0", "-7 0", "wrong entry among its distances, from place 1 to 0: -7"),
        ("hello", "", "", "file is none of the formats that are read"),
        ("", "", "", "file is none of the formats that are read"),
    ],
)
def test_a_wrong_file_is_refused_with_what_is_wrong(text: str, old: str, new: str, message: str) -> None:
    assert old in text

    with pytest.raises(ValueError) as refused:  # noqa: PT011
        read_instance(text.replace(old, new, 1), "file")

    assert message in str(refused.value)


def test_a_solution_file_names_its_routes_and_its_cost() -> None:
    instance = read_instance(SOLOMON, "file")
    solution = solve(instance.problem, StopCriterion(iterations=50), seed=1)

    text = as_sol(instance, solution)

    assert text.splitlines()[-1] == "Cost 30"
    routes, cost = read_sol(text)
    assert sorted(routes) == [["1"], ["2"]]
    assert cost == 30.0


def test_a_wrong_solution_file_is_refused() -> None:
    with pytest.raises(ValueError, match="line 2 is neither a Route nor the Cost: 'nonsense'"):
        read_sol("Route #1: 1 2\nnonsense")


@pytest.mark.parametrize(
    ("folder", "pattern", "n_files"),
    [
        ("vrptw/solomon", "*.txt", 27),
        ("vrptw/homberger_200", "*.txt", 18),
        ("vrptw/ortec_asymmetric", "*.txt", 10),
        ("pdptw/li_lim_100", "*.txt", 19),
    ],
)
def test_every_real_file_is_read(shared_data: Path, folder: str, pattern: str, n_files: int) -> None:
    files = sorted((shared_data / folder).glob(pattern))

    instances = [read_instance(file.read_text(), file.stem) for file in files]

    assert len(instances) >= n_files
    assert all(instance.problem.stops and instance.problem.shifts for instance in instances)


@pytest.mark.parametrize("never", ["1e12", "2147483647"])
def test_a_due_date_past_all_plans_is_never(never: str) -> None:
    text = SOLOMON.replace("1000", never, 1).replace("100.5", never, 1)

    solution = solve(read_instance(text, "file").problem, StopCriterion(iterations=50), seed=1)

    assert solution.plan.unassigned == ()
    assert solution.evaluation.is_feasible
