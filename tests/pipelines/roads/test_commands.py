import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from pipelines.commands.plan import command as plan
from pipelines.commands.roads import command as roads
from pipelines.planning.problem_file import ProblemFile, read_problem
from routing.errors import ConfigurationError
from tests.factories import DAY, DEPOT, TRAVEL, place, shift, stop
from tests.pipelines.roads.town import SPOTS, write_town

PROBLEM = ProblemFile("D1", DAY, (shift(),), (stop("a", 100), stop("b", 200, 100)))
"""The depot is at the town's node 1, and the stops at the two ends of its one-way street or before it."""


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    run_build(write_town(tmp_path / "town.osm"), tmp_path / "town.roads")
    return tmp_path / "town.roads"


@pytest.fixture
def problem(tmp_path: Path) -> Path:
    return written(tmp_path)


def written(folder: Path, **fields: object) -> Path:
    file = folder / "problem.json"
    content = json.loads(msgspec.json.encode(PROBLEM)) | fields
    file.write_text(json.dumps({name: value for name, value in content.items() if value is not None}))
    return file


def run_build(file: Path, out: Path) -> Result:
    return CliRunner().invoke(roads, ["build", str(file), "--out", str(out)], catch_exceptions=False)


def distance_m(*arguments: object) -> float:
    arguments = (*arguments, "--iterations", 5, "--json")
    result = CliRunner().invoke(plan, [str(each) for each in arguments], catch_exceptions=False)
    report = json.loads(result.output)
    assert report["is_feasible"] is True
    return float(report["distance_m"])


def test_build_says_what_became_of_the_map(tmp_path: Path) -> None:
    result = run_build(write_town(tmp_path / "town.osm"), tmp_path / "town.roads")

    assert result.output.splitlines() == [
        "read: 6 nodes, 11 one-way pieces of road",
        "kept: 11 pieces in the largest part where all can be reached, "
        "as 4 junctions and 7 roads between them",
        "0.6 km of road, 0.1 km of them one-way",
        "turns not allowed: 0; rules passed over: 1",
        f"{tmp_path / 'town.roads'}: {(tmp_path / 'town.roads').stat().st_size / 1000:,.0f} kB",
    ]


def test_a_day_is_planned_on_the_roads_that_the_option_names(problem: Path, graph: Path) -> None:
    # 200 m over a to the one-way street, 100 m up to b, and back on the slant of the third street.
    assert distance_m(problem, "--roads", graph) == pytest.approx(300 + 223.6, abs=0.5)


def test_a_day_is_planned_on_the_roads_that_its_file_names_beside_itself(tmp_path: Path, graph: Path) -> None:
    assert graph.parent == tmp_path

    assert distance_m(written(tmp_path, roads={"file": "town.roads"})) == pytest.approx(523.6, abs=0.5)


def test_the_option_stands_for_straight_lines_and_for_the_graph_that_the_file_names(
    tmp_path: Path, graph: Path
) -> None:
    straight = json.loads(msgspec.json.encode(TRAVEL))

    assert distance_m(written(tmp_path, travel=straight), "--roads", graph) == pytest.approx(523.6, abs=0.5)
    assert distance_m(written(tmp_path, roads={"file": "no.roads"}), "--roads", graph) == pytest.approx(
        523.6, abs=0.5
    )


def test_speeds_by_hour_are_kept_when_the_option_names_another_graph(tmp_path: Path, graph: Path) -> None:
    slow = {"residential": [1.0] * 8 + [0.5] * 16}
    file = written(tmp_path, roads={"file": "no.roads", "speeds": slow})

    assert not read_problem(file, graph).problem.travel.is_steady


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"stops": [json.loads(msgspec.json.encode(stop("far", 9000)))]},
            r"stop far at 52\.0, 5\.13.* 8\.8 km from .*, over 500 m$",
        ),
        (
            {"stops": [json.loads(msgspec.json.encode(stop(each, 9000))) for each in ("far", "near it")]},
            r", over 500 m; 1 other place is as well$",
        ),
        (
            {"stops": [json.loads(msgspec.json.encode(stop(each, 9000))) for each in ("x", "y", "z")]},
            r", over 500 m; 2 other places are as well$",
        ),
        ({"roads": {"file": "none.roads"}}, r"none\.roads can't be read: No such file"),
        ({"roads": {"file": "town.osm"}}, r"town\.osm is no road graph"),
        ({"roads": {"file": "town.roads", "spreads": {}}}, "unknown field `spreads`"),
        ({"roads": {"file": "town.roads", "speeds": {"alley": [1.0] * 24}}}, "Invalid enum value 'alley'"),
        ({"roads": {"file": "town.roads", "speeds": {"trunk": [1.0]}}}, "wants 24 shares for trunk"),
        ({"roads": {"file": "town.roads", "furthest_m": 0}}, "furthest_m that is not positive: 0"),
        (
            {"roads": {"file": "town.roads"}, "travel": json.loads(msgspec.json.encode(TRAVEL))},
            "the file has both travel and roads",
        ),
    ],
)
def test_what_can_not_be_planned_on_roads_is_refused(
    tmp_path: Path, graph: Path, fields: dict[str, object], message: str
) -> None:
    assert graph.exists()
    file = written(tmp_path, **({"roads": {"file": "town.roads"}} | fields))

    with pytest.raises(ConfigurationError, match=message):
        read_problem(file)


def test_a_depot_off_the_map_is_named(tmp_path: Path, graph: Path) -> None:
    away = json.loads(msgspec.json.encode(shift()))
    away["start"] = {"lat_deg": 0.0, "lon_deg": 0.0}

    with pytest.raises(ConfigurationError, match=r"the start of shift .* is 5.* km from the nearest road of"):
        read_problem(written(tmp_path, shifts=[away]), graph)


def test_roads_go_with_no_matrix_and_no_researchers_file(tmp_path: Path, graph: Path) -> None:
    matrix = {"places": [], "distances_m": [], "durations_s": []}
    toy = tmp_path / "toy.txt"
    toy.write_text("TOY\n")

    with pytest.raises(ConfigurationError, match="--roads can't stand beside the file's matrix or server"):
        read_problem(written(tmp_path, matrix=matrix), graph)
    with pytest.raises(ConfigurationError, match="beside the file's matrix or server"):
        read_problem(written(tmp_path, server={"kind": "osrm", "url": "http://localhost"}), graph)
    with pytest.raises(ConfigurationError, match="--roads wants places on the Earth"):
        read_problem(toy, graph)


def test_a_plan_is_drawn_along_the_roads(problem: Path, graph: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.geojson"

    distance_m(problem, "--roads", graph, "--out", out)

    drawn = json.loads(out.read_text())
    assert drawn["type"] == "FeatureCollection"
    line, *points = drawn["features"]
    assert line["geometry"]["type"] == "LineString"
    assert line["properties"] == {"shift_id": "A", "vehicle_id": "v-A", "stops": 2}
    corners = [SPOTS[node] for node in (1, 2, 3, 4, 1)]
    drawn_m = [metres_of(*position) for position in line["geometry"]["coordinates"]]
    assert drawn_m == corners
    assert [point["properties"]["stop_id"] for point in points] == ["a", "b"]
    assert points[1]["geometry"]["type"] == "Point"


def test_a_plan_without_roads_is_drawn_straight_and_says_what_is_left_out(tmp_path: Path) -> None:
    out = tmp_path / "plan.geojson"
    stops = [
        json.loads(msgspec.json.encode(each)) for each in (stop("a", 100), stop("c", packages=2_000_000))
    ]

    distance_m(written(tmp_path, stops=stops), "--out", out)

    line, _, left_out = json.loads(out.read_text())["features"]
    assert [metres_of(*position) for position in line["geometry"]["coordinates"]] == [
        (0, 0),
        (100, 0),
        (0, 0),
    ]
    assert "2000000 packages are more" in left_out["properties"]["left_out"]


def metres_of(lon_deg: float, lat_deg: float) -> tuple[int, int]:
    """Metres east and north of the depot, whole."""
    corner = place(100, 100)
    east = (lon_deg - DEPOT.lon_deg) / (corner.lon_deg - DEPOT.lon_deg)
    return round(100 * east), round(100 * (lat_deg - DEPOT.lat_deg) / (corner.lat_deg - DEPOT.lat_deg))


def test_the_command_line_is_there_before_any_map_reader() -> None:
    program = (
        "import sys, pipelines.cli, pipelines.commands.roads, pipelines.commands.plan;"
        "print(*sorted({'osmium', 'scipy', 'numba', 'numpy'} & sys.modules.keys()))"
    )

    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == ""
