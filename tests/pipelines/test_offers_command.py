import json
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from pipelines.commands.offers import command
from pipelines.commands.plan import command as plan_command
from pipelines.planning.problem_file import MatrixFile, ProblemFile
from routing.changes import Progress
from routing.errors import ConfigurationError
from routing.lockers import Locker
from routing.plan import RoutePlan
from routing.service import ServiceTimes
from tests.factories import DAY, DEPOT, TRAVEL, at, place, plan, route, shift, stop, vehicle, window

VAN = vehicle(per_km=0.5, per_h=36.0, co2e_kg_per_km=0.2)
SHIFT = shift(vehicle=VAN, ends="12:00")
A = stop("a", 10_000, window=("08:00", "08:20"))
PROBLEM = ProblemFile("D1", DAY, (SHIFT,), (A,), TRAVEL)
PLAN = plan(route(A, shift=SHIFT))
NEW = stop("new", 9_010)
"""15 minutes from the depot, on the way to ``a``, who is 17 minutes away and has to be reached by 08:20."""


class Desk:
    """The files of an order desk in a folder, and the command over them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("day", PROBLEM)
        self.write("plan", PLAN)
        self.write("order", {"stop": NEW})

    def write(self, name: str, value: object) -> None:
        (self.folder / f"{name}.json").write_bytes(msgspec.json.encode(value))

    def ask(self, *more: str) -> Result:
        day, current, order = (str(self.folder / f"{name}.json") for name in ("day", "plan", "order"))
        arguments = [day, "--plan", current, "--order", order, *more]
        return CliRunner().invoke(command, arguments, catch_exceptions=False)

    def ask_json(self, *more: str) -> dict[str, list[dict[str, object]]]:
        answer: dict[str, list[dict[str, object]]] = json.loads(self.ask("--json", *more).output)
        return answer


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_windows_of_two_hours_are_offered_with_what_each_adds(desk: Desk) -> None:
    result = desk.ask()

    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert any("new" in line and "D1" in line for line in lines)
    (morning,) = [line for line in lines if "08:00–10:00" in line]
    for words in ("A", "08:15", "cheapest", "greenest"):
        assert words in morning
    (noon,) = [line for line in lines if "10:00–12:00" in line]
    assert noon.split()[5] == "10:00"


def test_programs_get_the_same_figures(desk: Desk) -> None:
    first, second = desk.ask_json()["offers"]

    assert first["window"] == {"opens_at": "2026-03-02T08:00:00Z", "closes_at": "2026-03-02T10:00:00Z"}
    assert (first["shift_id"], first["position"]) == ("A", 0)
    assert str(first["arrive_at"]).startswith("2026-03-02T08:15:0")
    assert first["extra_distance_m"] == pytest.approx(0.0, abs=1.0)
    assert (first["is_cheapest"], first["is_greenest"]) == (True, True)
    # It waits at the new one's door until 10:00 and is home 901 s later; without it, 2,000 s after 08:00.
    assert second["extra_duration_s"] == pytest.approx(6_101, abs=1.0)
    assert second["extra_cost"] == pytest.approx(61.01, abs=0.01)
    assert (second["is_cheapest"], second["is_greenest"]) == (False, False)


def test_the_length_of_windows_can_be_chosen(desk: Desk) -> None:
    windows = [each["window"] for each in desk.ask_json("--hours", "1")["offers"]]

    assert len(windows) == 4


def test_windows_begin_at_full_hours_of_the_plans_own_clock(desk: Desk) -> None:
    half_an_hour_east = timezone(timedelta(minutes=30))
    early = replace(
        SHIFT,
        starts_at=at("08:10").astimezone(half_an_hour_east),
        ends_at=at("10:00").astimezone(half_an_hour_east),
    )
    desk.write("plan", plan(route(shift=early)))

    found = desk.ask_json("--hours", "1.5")

    opens = [str(each["opens_at"]) for each in [*windows_in(found), *found["not_offered"]]]
    assert opens == ["2026-03-02T08:00:00+00:30", "2026-03-02T09:30:00+00:30"]


def windows_in(found: dict[str, list[dict[str, object]]]) -> list[dict[str, object]]:
    return [window for each in found["offers"] if isinstance(window := each["window"], dict)]


def test_a_service_time_that_the_order_does_not_say_is_the_days(desk: Desk) -> None:
    without = desk.ask_json()["offers"][0]["extra_duration_s"]
    desk.write("day", msgspec.structs.replace(PROBLEM, service=ServiceTimes(deliver_s=90.0)))

    with_service = desk.ask_json()["offers"][0]["extra_duration_s"]

    assert isinstance(without, float)
    assert with_service == pytest.approx(without + 90.0, abs=0.1)


def test_the_order_may_name_its_windows_and_those_that_nobody_can_keep_are_said(desk: Desk) -> None:
    asked = window("08:00", "08:05"), window("09:00", "11:00")
    desk.write("order", {"stop": NEW, "windows": asked})

    found, shown = desk.ask_json(), desk.ask().output

    assert [each["window"] for each in found["offers"]] == [
        {"opens_at": "2026-03-02T09:00:00Z", "closes_at": "2026-03-02T11:00:00Z"}
    ]
    assert len(found["not_offered"]) == 1
    assert "not to be promised: 08:00–08:05" in shown


def test_where_nothing_can_be_promised_it_is_said(desk: Desk) -> None:
    desk.write("order", {"stop": stop("new", 9_000, packages=2_000_000)})

    result = desk.ask()

    assert result.exit_code == 0
    assert "no window can be promised to new" in result.output


def test_what_is_driven_stays_driven(desk: Desk) -> None:
    current = Progress("A", place(10_000), at("08:17"), done_stop_ids=("a",), has_departed=True)
    desk.write("progress", [current])

    result = desk.ask("--progress", str(desk.folder / "progress.json"))

    # the van has left, and a delivery's parcels lie at the depot
    assert "no window can be promised to new" in result.output


def test_a_plan_with_a_drop_is_offered_to_an_order_that_takes_lockers(desk: Desk) -> None:
    far = replace(A, location=place(30_000), locker_ids=("L",))
    locker = Locker("L", place(9_500), 10)
    desk.write("day", msgspec.structs.replace(PROBLEM, stops=(far,), lockers=(locker,)))
    desk.write("order", {"stop": replace(NEW, locker_ids=("L",))})
    arguments = [str(desk.folder / "day.json"), "--out", str(desk.folder / "plan.json"), "--iterations", "20"]
    planned = CliRunner().invoke(plan_command, arguments, catch_exceptions=False)
    (dropped,) = msgspec.json.decode((desk.folder / "plan.json").read_bytes(), type=RoutePlan).routes

    first, *_ = desk.ask_json()["offers"]

    assert planned.exit_code == 0
    assert [visit.stop.at_locker for visit in dropped.visits] == ["L"]
    assert str(first["arrive_at"]).startswith("2026-03-02T08:15:0"), "the new one's door is on the way"


def test_the_tables_of_the_day_are_used_and_have_to_know_the_new_place(desk: Desk) -> None:
    places = (DEPOT, A.location)
    table = ((0.0, 10_000.0), (10_000.0, 0.0))
    desk.write("day", ProblemFile("D1", DAY, (SHIFT,), (A,), matrix=MatrixFile(places, table, table)))

    with pytest.raises(ConfigurationError, match=r"the matrix lacks the place of stop new, 52\.0, 5\.13"):
        desk.ask()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("order", b'{"stop":{"stop_id":"n"}}', r"order\.json: .*missing required field `location`"),
        (
            "order",
            b'{"stop":{"stop_id":"n","location":{"lat_deg":52.0,"lon_deg":5.0},"widow":1}}',
            r"order\.json: \$\.stop has an unknown field 'widow'; a Stop has stop_id,",
        ),
        ("order", b'{"halt":1}', r"order\.json: .*unknown field `halt`"),
        ("plan", b'{"depot_id":"D1"}', r"plan\.json: .*missing required field `service_date`"),
        (
            "plan",
            msgspec.json.encode(plan(depot_id="D2")),
            r"plan\.json is of D2 on 2026-03-02, but .*day\.json of D1 on 2026-03-02",
        ),
        ("plan", msgspec.json.encode(plan(route(NEW))), r"new stop new is in plan D1 already"),
        ("day", b"SOLOMON", r"day\.json: .*"),
    ],
)
def test_a_bad_file_is_refused_with_what_is_wrong_and_where(
    desk: Desk, name: str, content: bytes, message: str
) -> None:
    (desk.folder / f"{name}.json").write_bytes(content)

    with pytest.raises(ConfigurationError, match=message):
        desk.ask()


def test_a_file_that_is_not_there_is_named(desk: Desk) -> None:
    (desk.folder / "order.json").unlink()

    with pytest.raises(ConfigurationError, match=r"order\.json can't be read: No such file"):
        desk.ask()


def test_windows_of_no_length_that_can_be_counted_are_refused(desk: Desk) -> None:
    result = desk.ask("--hours", "nan")

    assert result.exit_code == 2
    assert "nan is no number that can be counted with" in result.output


def test_an_order_with_brackets_in_its_name_is_printed_as_it_is(desk: Desk) -> None:
    desk.write("order", {"stop": replace(NEW, stop_id="[/new]")})

    assert "Windows for [/new], D1" in desk.ask().output
