import json
from dataclasses import replace
from pathlib import Path

import duckdb
import msgspec
import pytest
from click.testing import CliRunner, Result

from pipelines.commands.plan import command
from pipelines.planning.problem_file import ProblemFile, read_problem
from routing.errors import ConfigurationError
from routing.lockers import Locker
from routing.plan import RoutePlan
from tests.factories import DAY, DEPOT, TRAVEL, at, carrier, place, shift, stop, vehicle

SOLOMON = """TOY

VEHICLE
NUMBER CAPACITY
2 10

CUSTOMER
CUST NO. XCOORD. YCOORD. DEMAND READY TIME DUE DATE SERVICE TIME
0 0 0 0 0 1000 0
1 3 4 6 0 100 10
2 6 8 5 20 100.5 10
"""

PROBLEM = ProblemFile(
    "D1", DAY, (shift(),), (stop("a"), stop("b", 2000), stop("c", packages=2_000_000)), TRAVEL
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "problem.json"
    path.write_bytes(msgspec.json.encode(PROBLEM))
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [*map(str, arguments), "--iterations", "20"], catch_exceptions=False)


def test_a_plan_is_printed_with_the_evaluators_figures(file: Path) -> None:
    result = run(file)

    assert result.exit_code == 0
    assert "Plan of D1 on 2026-03-02" in result.output
    assert "2 stops on 1 of 1 shifts, 1 without a place: 4.000 km" in result.output
    assert "c is left out: its 2000000 packages are more than any vehicle takes" in result.output
    assert "the evaluator finds nothing wrong with it" in result.output


def test_who_is_left_out_is_told_the_smallest_change_that_lets_it_in(file: Path) -> None:
    shown, report = run(file).output, json.loads(run(file, "--json").output)

    assert "    shift A could serve it if the vehicle of shift A took 1000002 more packages" in shown
    (left_out,) = report["left_out"]
    assert left_out["stop_ids"] == ["c"]
    assert left_out["words"][0].endswith("more packages")
    assert left_out["remedies"][0]["changes"][0]["kind"] == "more_packages"


def test_what_is_handed_over_is_shown_with_its_carrier_and_price(tmp_path: Path) -> None:
    van = shift(vehicle=vehicle(per_km=1.0))
    file = tmp_path / "carriers.json"
    problem = ProblemFile(
        "D1",
        DAY,
        (van,),
        (stop("near"), stop("far", 20_000), stop("farther", 30_000)),
        TRAVEL,
        carriers=(carrier(price_per_km=0.1, co2e_kg_per_stop=0.2, most_stops=2),),
    )
    file.write_bytes(msgspec.json.encode(problem))

    shown, report = run(file).output, json.loads(run(file, "--json").output)
    drawn = run(file, "--out", tmp_path / "plan.geojson")

    assert "1 stops on 1 of 1 shifts, 2 handed over to carriers, 0 without a place: 2.000 km" in shown
    assert "→ far is handed over to carrier C: 7.00 cost, 0.20 kg CO2e" in shown
    assert [each["carrier_id"] for each in report["plan"]["handed_over"]] == ["C", "C"]
    assert [each["cost"] for each in report["handed_over"]] == pytest.approx([7.0, 8.0], rel=1e-3)
    assert report["cost"] == pytest.approx(2.0 + 7.0 + 8.0, rel=1e-3)
    assert drawn.exit_code == 0
    points = json.loads((tmp_path / "plan.geojson").read_text())["features"]
    assert {"stop_id": "far", "carrier_id": "C"} in [each["properties"] for each in points]


def test_what_is_dropped_at_a_locker_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "lockers.json"
    there = Locker("L", place(1000), 4, drop_s=30.0)
    far = replace(stop("far", 20_000), locker_ids=("L",))
    problem = ProblemFile("D1", DAY, (shift(),), (stop("near"), far), TRAVEL, lockers=(there,))
    file.write_bytes(msgspec.json.encode(problem))

    shown, report = run(file).output, json.loads(run(file, "--json").output)

    assert "→ far is dropped at locker L by shift A" in shown
    visits = report["plan"]["routes"][0]["visits"]
    assert {each["stop"]["stop_id"]: each["stop"]["at_locker"] for each in visits} == {
        "near": None,
        "far": "L",
    }
    file.write_bytes(file.read_bytes().replace(b'"drop_s"', b'"drops"'))
    with pytest.raises(ConfigurationError, match=r"lockers\[0\] has an unknown field 'drops'"):
        read_problem(file)


def test_a_misspelt_field_of_a_carrier_is_named(tmp_path: Path) -> None:
    file = tmp_path / "carriers.json"
    problem = ProblemFile("D1", DAY, (shift(vehicle=vehicle(per_km=1.0)),), (), carriers=(carrier(),))
    file.write_bytes(msgspec.json.encode(problem).replace(b'"price_per_km"', b'"price_by_km"'))

    with pytest.raises(ConfigurationError, match=r"carriers\[0\] has an unknown field 'price_by_km'"):
        read_problem(file)


def test_a_stop_that_is_released_later_is_read_planned_and_written_with_that(tmp_path: Path) -> None:
    file, out = tmp_path / "released.json", tmp_path / "plan.json"
    problem = msgspec.structs.replace(PROBLEM, stops=(stop("a"), stop("b", 2000, released="10:00")))
    file.write_bytes(msgspec.json.encode(problem))

    result = run(file, "--out", out)

    (route,) = msgspec.json.decode(out.read_bytes(), type=RoutePlan).routes
    assert "the evaluator finds nothing wrong with it" in result.output
    assert [visit.stop.released_at for visit in route.visits if visit.stop.stop_id == "b"] == [at("10:00")]
    assert min(visit.arrive_at for visit in route.visits) > at("10:01")


def test_the_plan_can_be_had_as_json_and_in_a_file(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"

    result = run(file, "--json", "--out", out)

    report = json.loads(result.output)
    assert report["is_feasible"] is True
    assert report["distance_m"] == pytest.approx(4000, rel=1e-3)
    plan = msgspec.json.decode(out.read_bytes(), type=RoutePlan)
    assert msgspec.json.encode(plan) == msgspec.json.encode(msgspec.convert(report["plan"], RoutePlan))


def test_the_same_seed_and_iterations_write_the_same_file(file: Path, tmp_path: Path) -> None:
    run(file, "--out", tmp_path / "1.json", "--seed", 3)
    run(file, "--out", tmp_path / "2.json", "--seed", 3)

    assert (tmp_path / "1.json").read_bytes() == (tmp_path / "2.json").read_bytes()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"depot_id":"D1"', '"depot_id":7', "Expected `str`, got `int` - at `$.depot_id`"),
        ('"depot_id":"D1",', "", "missing required field `depot_id`"),
        ('"stops":[', '"stops":[{},', "missing required field `stop_id` - at `$.stops[0]`"),
        ('"stops":[', '"stops":[[', "Expected `object`, got `array` - at `$.stops[0]`"),
        ('"service_s":0.0', '"service_s":-4', "Stop a has a negative service time: -4.0 s - at `$.stops[0]`"),
        ('"window":null', '"widow":null', "$.stops[0] has an unknown field 'widow'; a Stop has stop_id,"),
        ('"stop_id":"b"', '"stop_id":"a"', "Problem D1 has stop a more than once"),
        ('"lat_deg":52.0', '"lat_deg":152.0', "latitude outside -90..90: 152.0"),
        ("T08:00:00Z", "T08:00:00", "Shift A has a time without a time zone"),
        ('"detour":1.0', '"detour":0.2', "detour factor below 1: 0.2"),
    ],
)
def test_a_bad_file_is_refused_with_what_is_wrong_and_where(
    file: Path, old: str, new: str, message: str
) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))

    with pytest.raises(ConfigurationError) as refused:
        read_problem(file)

    assert message in str(refused.value)
    assert str(file) in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.json can't be read: No such file"):
        run(tmp_path / "none.json")


def test_a_researchers_file_is_planned_in_its_own_unit_and_written_as_sol(tmp_path: Path) -> None:
    file, out = tmp_path / "toy.txt", tmp_path / "toy.sol"
    file.write_text(SOLOMON)

    result = run(file, "--out", out)

    assert "distance in the unit of TOY: 30.00" in result.output
    assert out.read_text().splitlines()[-1] == "Cost 30"


def test_a_sol_wants_numbered_customers(file: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"a \.sol names customers by number, and .* has none"):
        run(file, "--out", tmp_path / "plan.sol")


def test_a_map_wants_places_on_the_earth_and_a_researchers_file_has_none(tmp_path: Path) -> None:
    file, out = tmp_path / "toy.txt", tmp_path / "toy.geojson"
    file.write_text(SOLOMON)

    with pytest.raises(
        ConfigurationError, match=r"\.geojson wants places on the Earth, and .* has none; \.sol or"
    ):
        run(file, "--out", out)

    assert not out.exists()


def test_the_page_says_who_did_what_in_which_time(file: Path) -> None:
    result = run(file)

    assert "PyVRP planned the day: 20 iterations in" in result.output
    assert ", and this is its plan" in result.output


def with_fields(file: Path, **fields: object) -> Path:
    problem = json.loads(file.read_text())
    problem |= fields
    file.write_text(json.dumps({name: value for name, value in problem.items() if value is not None}))
    return file


def test_a_matrix_stands_instead_of_straight_lines(file: Path) -> None:
    places = [json.loads(msgspec.json.encode(each)) for each in (DEPOT, place(1000), place(2000))]
    # From a, and to b, no way leads but from the depot.
    metres = [[0, 500, 700], [500, 0, None], [700, None, 0]]
    seconds = [[0, 50, 70], [50, 0, None], [70, None, 0]]
    stops = [json.loads(msgspec.json.encode(each)) for each in (stop("a"), stop("b", 2000))]
    tables = {"places": places, "distances_m": metres, "durations_s": seconds}

    result = run(with_fields(file, travel=None, matrix=tables, stops=stops), "--json")

    report = json.loads(result.output)
    assert report["distance_m"] == 1000, "only one of the two can be served"
    assert len(report["plan"]["unassigned"]) == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"stops": [stop("a"), stop("far", 5000)]}, r"the matrix lacks the place of stop far, 52\.0, 5\.073"),
        ({"shifts": [shift(start=place(7)), shift("B", end=place(8))]}, "start of shift A, .* and 1 more$"),
        ({"carriers": [replace(carrier(), start=place(7))]}, "the start of carrier C"),
        ({"lockers": [Locker("L", place(7), 5)]}, "place of locker L, "),
    ],
)
def test_a_place_that_the_matrix_lacks_is_named(file: Path, fields: dict[str, object], message: str) -> None:
    places = [DEPOT, place(1000)]
    tables = {"places": places, "distances_m": [[0, 500], [500, 0]], "durations_s": [[0, 50], [50, 0]]}
    paid = [shift(vehicle=vehicle(per_km=1.0))]
    whole = {"travel": None, "matrix": tables, "shifts": paid, "stops": [stop("a")], **fields}

    with pytest.raises(ConfigurationError, match=message):
        read_problem(with_fields(file, **json.loads(msgspec.json.encode(whole))))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"matrix": {"places": [], "distances_m": [], "durations_s": []}}, "has both travel and matrix"),
        (
            {"travel": None, "matrix": {"places": [], "distances_m": [[1, 2], [1]], "durations_s": []}},
            r"the matrix has 1 entries in row 1 of distances_m, which has 2 rows",
        ),
        ({"service": {"deliver": 3}}, "unknown field 'deliver'; a ServiceTimes has deliver_s,"),
        ({"service": {"deliver_s": -3}}, "deliver_s that is negative"),
    ],
)
def test_travel_and_service_that_make_no_sense_are_refused(
    file: Path, fields: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read_problem(with_fields(file, **fields))


def test_service_that_nobody_named_is_what_kind_and_packages_suggest(file: Path) -> None:
    service = {"deliver_s": 100, "per_package_s": 10}

    read = read_problem(with_fields(file, service=service))

    assert [each.service_s for each in read.problem.stops[:2]] == [100, 100]


def test_an_output_that_cannot_be_written_is_named(file: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"--out .* can't be written: No such file"):
        run(file, "--out", tmp_path / "no folder" / "plan.json")


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A published file that has learned of depot D1: half of what the problem's file takes for granted."""
    path = tmp_path / "kpi.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.learned_speeds as select 'D1' as depot_id, 'all' as zone, "
            "null::bigint as local_hour, 5::double as median_crow_mps, 40 as drives, "
            "'UTC' as time_zone, true as is_enough"
        )
        connection.execute(
            "create table marts.learned_service_times as select 'D1' as depot_id, 'deliver' as stop_kind, "
            "'1' as parcels, 90::double as median_s, 30 as visits, true as is_enough"
        )
    return path


def test_a_plan_reckons_with_what_was_learned_of_its_depot(file: Path, published: Path) -> None:
    plain, told = json.loads(run(file, "--json").stdout), run(file, "--json", "--learned", published)

    learned = json.loads(told.stdout)
    assert told.stderr.startswith("reckons with speeds learned from 40 drives and service times of 30 visits")
    assert learned["distance_m"] == plain["distance_m"]
    assert read_problem(file, learned=published).problem.stops[0].service_s == 90
    travel = read_problem(file, learned=published).problem.travel
    assert travel.leg(DEPOT, place(1000), shift().starts_at)[1] == pytest.approx(200, rel=1e-3)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"travel": None, "roads": {"file": "roads.bin"}},
            "--learned can't stand beside matrix, roads or server",
        ),
        ({"depot_id": "D2"}, "too few drives of depot D2; it has enough of D1"),
    ],
)
def test_what_was_learned_is_refused_where_it_does_not_fit(
    file: Path, published: Path, fields: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read_problem(with_fields(file, **fields), learned=published)


def test_what_was_learned_is_of_places_on_the_earth(tmp_path: Path, published: Path) -> None:
    file = tmp_path / "toy.txt"
    file.write_text(SOLOMON)

    with pytest.raises(ConfigurationError, match="--learned wants places on the Earth"):
        run(file, "--learned", published)


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--seconds", "nan"), "nan is no number that can be counted with"),
        (("--seconds", "inf"), "inf is no number that can be counted with"),
        (("--seed", "4294967296"), "4294967296 is not in the range 0<=x<=4294967295"),
    ],
)
def test_an_option_that_is_no_number_to_count_with_is_refused(
    file: Path, option: tuple[str, str], words: str
) -> None:
    result = CliRunner().invoke(command, [str(file), *option])

    assert result.exit_code == 2
    assert words in result.output


def test_names_with_brackets_and_colons_are_printed_as_they_are(tmp_path: Path) -> None:
    odd = stop("[/a]:van:"), stop("[red]b", 2000, packages=2_000_000)
    problem = ProblemFile("D[1]", DAY, (shift("[/]"),), odd, TRAVEL)
    (tmp_path / "odd.json").write_bytes(msgspec.json.encode(problem))

    shown = run(tmp_path / "odd.json").output

    assert "Plan of D[1] on" in shown
    assert "[/]: [/a]:van:" in shown
    assert "[red]b is left out" in shown


@pytest.mark.parametrize("columns", ["80", "200"])
def test_on_any_terminal_each_heading_is_whole_and_each_shift_has_its_stops_in_order(
    file: Path, columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", columns)

    lines = run(file).output.splitlines()

    (headings,) = [line for line in lines if "leaves" in line]
    assert ("packages" in headings) == (columns == "200")
    assert "…" not in "".join(lines)
    assert "A: a, b" in lines


def test_in_a_pipe_the_table_is_whole(file: Path) -> None:
    shown = run(file).output

    assert "kg CO2e" in shown
    assert "…" not in shown


def test_a_byte_order_mark_is_passed_over(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())

    assert read_problem(file).problem.depot_id == "D1"


@pytest.mark.parametrize(
    ("figure", "words"), [("NaN", "nan"), ("Infinity", "inf"), ("-Infinity", "-inf"), ("1e999", "inf")]
)
def test_a_figure_that_is_no_number_is_named_with_table_row_and_column(
    file: Path, figure: str, words: str
) -> None:
    table = [[0, 50], [50, 0]]
    tables = {"places": [DEPOT, place(1000)], "distances_m": table, "durations_s": [[0, 5], [7777, 0]]}
    with_fields(file, travel=None, matrix=json.loads(msgspec.json.encode(tables)))
    file.write_text(file.read_text().replace("7777", figure))

    with pytest.raises(ConfigurationError) as refused:
        read_problem(file)

    assert f"$.matrix.durations_s[1][0] is {words}, which is no number" in str(refused.value)


def test_a_day_without_stops_says_that_there_was_none_to_place(file: Path) -> None:
    shown = run(with_fields(file, stops=[])).output

    assert "insertion had no stop to place" in shown
