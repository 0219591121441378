"""The whole job over a tiny lake: real Dagster, real DuckDB, through the product's own commands."""

import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from assets.slice_checks import LEAST_ABSURD_ROWS
from pipelines.cli import cli
from routing.errors import CheckFailed, ConfigurationError
from streams.events.delivery import ScanKind
from tests.models.events import DAY, at, depot, fix, order, rate, scan, shift, tick, vehicle
from tests.models.given import Lake

TOMORROW = "2026-03-03"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOORSTEP_HOME", str(tmp_path))
    return tmp_path


def doorstep(*arguments: str) -> str:
    """What a command prints. Raises the error that it ends with."""
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False, standalone_mode=True)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def kpi(kpi_id: str, *arguments: str) -> dict[str, object]:
    lines = [json.loads(line) for line in doorstep("kpis", "--json", *arguments).splitlines()]
    (found,) = [line for line in lines if line["kpi_id"] == kpi_id]
    return {name: found[name] for name in ("value", "numerator", "denominator", "excluded", "unknown")}


@pytest.mark.filterwarnings("ignore")  # Dagster's beta parameters
def test_a_day_from_the_lake_to_published_kpis(home: Path) -> None:
    lake = Lake(home / "lake")
    lake.land(depot(), vehicle(), shift(), rate(overhead_per_route=10))
    lake.land(order("o1"), order("o2"), fix("09:00", 52.5), fix("09:10", 52.6), tick("18:00"))
    lake.land(scan(ScanKind.DELIVERED, "09:12", "o1"))

    first = doorstep("build")
    again = doorstep("build")
    lake.land(scan(ScanKind.DELIVERED, "11:00", "o2"))
    late = doorstep("build")

    assert f"Building service dates {DAY}" in first
    assert "Nothing to build" in again
    assert "1 files have landed" in late
    assert kpi("on_time_rate") == {
        "value": 1.0,
        "numerator": 2.0,
        "denominator": 2.0,
        "excluded": 0,
        "unknown": 0,
    }
    assert kpi("cost_per_delivery", "--by", "vehicle_class")["value"] == 5.0
    assert len(list((home / "published").glob("kpi-*.duckdb"))) == 2
    ada = doorstep("pseudonym", "driver", "ada").strip()
    assert kpi("on_time_rate", "--by", "driver")["numerator"] == 2
    assert ada in doorstep("kpis", "--by", "driver", "--json")
    explained = doorstep("explain", "on_time_rate", "--date", DAY, "--segment", "vehicle=van")
    assert "1 = 2 / 2; excluded 0, unknown 0; rows 2" in explained
    assert "counted     o2  1 / 1: delivered 2026-03-02 11:00:00, due 2026-03-02 12:00:00" in explained
    rows = json.loads(doorstep("explain", "cost_per_delivery", "--date", DAY, "--json"))["rows"]
    assert [(row["item_id"], row["numerator"]) for row in rows] == [("o1", 5.0), ("o2", 5.0)]
    assert "delivery.scans" in {event["topic"] for row in rows for event in row["events"]}


@pytest.mark.filterwarnings("ignore")
def test_a_slice_that_fails_its_checks_is_named_and_what_was_published_stays(home: Path) -> None:
    lake = Lake(home / "lake")
    lake.land(order("o1"), tick("18:00"))
    doorstep("build")
    lake.land(order("o2"))
    next((home / "lake" / "delivery.orders").rglob("topicid-0-1-1.parquet")).unlink()

    with pytest.raises(CheckFailed, match=r"matches_the_manifest of raw/delivery_orders: .*0-1-1\.parquet"):
        doorstep("build")

    assert kpi("on_time_rate")["denominator"] == 1


@pytest.mark.filterwarnings("ignore")
def test_a_file_that_waited_makes_due_what_was_staged_meanwhile(home: Path) -> None:
    lake, sent = Lake(home / "lake"), fix("09:30")
    lake.land(order("o1"), fix("09:00"), tick("18:00"))
    lake.land(sent)
    path = next((home / "lake" / "gps.fixes").rglob("topicid-0-1-1.parquet"))
    whole = pq.read_table(path)
    nobody = pa.nulls(1, pa.string())
    pq.write_table(whole.set_column(whole.schema.get_field_index("vehicle_id"), "vehicle_id", nobody), path)
    again = replace(fix("00:01", day=TOMORROW), event_id=sent.event_id)
    lake.land(again, appended_at=at("01:00", day=TOMORROW))
    staged = "select service_date::varchar from staging.stg_gps_fixes where event_id = ?"

    def dates() -> list[tuple[str]]:
        with duckdb.connect(str(home / "warehouse" / "warehouse.duckdb"), read_only=True) as warehouse:
            return warehouse.execute(staged, [sent.event_id]).fetchall()

    doorstep("build")
    without = dates()
    pq.write_table(whole, path)
    doorstep("build")

    assert (without, dates()) == ([(TOMORROW,)], [(DAY,)])


@pytest.mark.filterwarnings("ignore")
def test_a_bad_file_stays_out_with_its_count_is_not_compacted_and_comes_in_once_it_is_mended(
    home: Path,
) -> None:
    lake = Lake(home / "lake")
    lake.land(order("o1"), fix("09:00"), tick("18:00"))
    lake.land(fix("09:01"))
    lake.land(fix("09:02"))
    lake.land(fix("09:03"))
    path = next((home / "lake" / "gps.fixes").rglob("topicid-0-1-1.parquet"))
    whole = pq.read_table(path)
    at = whole.schema.get_field_index("h3_cell")
    cells = pa.nulls(1, whole.schema.field(at).type)
    pq.write_table(whole.set_column(at, whole.schema.field(at), cells), path)
    accounting = "select outcome, messages from marts.fix_accounting"

    said = doorstep("build")
    for _ in range(2):
        doorstep("compact", "--keep-minutes", "0")
    doorstep("build", "--from", DAY, "--to", DAY)
    with duckdb.connect(str(home / "published" / "kpi.duckdb"), read_only=True) as published:
        without = published.execute(accounting).fetchall()
    pq.write_table(whole, path)
    mended = doorstep("build")

    assert "of raw/gps_fixes: 1 of 4 files with 1 of 4 rows stay out until they pass" in said
    assert "Published: " in said
    assert "stay out" not in mended
    with duckdb.connect(str(home / "published" / "kpi.duckdb"), read_only=True) as published:
        assert (without, published.execute(accounting).fetchall()) == ([("accepted", 3)], [("accepted", 4)])


@pytest.mark.filterwarnings("ignore")
def test_what_is_older_than_its_retention_goes_by_a_command_of_its_own(home: Path) -> None:
    lake = Lake(home / "lake")
    for day in ("2025-01-01", "2026-03-01", "2026-03-02"):
        lake.land(fix("09:00", day=day), appended_at=at("10:00", day))
    doorstep("build")

    gone, again = doorstep("expire"), doorstep("expire")

    assert "staging stg_gps_fixes" in gone
    assert "2 rows in 2 files" in gone
    assert again == "Nothing is older than docs/operating.md says.\n"
    assert "Nothing to build" in doorstep("build")


def test_kpis_that_nobody_published_are_told_with_the_way_out(home: Path) -> None:
    with pytest.raises(ConfigurationError, match="'doorstep build' does that"):
        doorstep("kpis")


def test_a_segment_to_explain_is_given_once_and_with_its_value(home: Path) -> None:
    with pytest.raises(ConfigurationError, match="no NAME=VALUE, such as vehicle=van-7"):
        doorstep("explain", "on_time_rate", "--date", DAY, "--segment", "vehicle")
    with pytest.raises(ConfigurationError, match="one of --zone and --segment"):
        doorstep("explain", "on_time_rate", "--date", DAY, "--segment", "hour=09", "--zone", "x")


def test_a_segment_that_does_not_exist_is_told_with_those_that_do(home: Path) -> None:
    with pytest.raises(ConfigurationError, match="'moon' is no segment; there are depot, zone"):
        doorstep("kpis", "--by", "zone,moon")


@pytest.mark.filterwarnings("ignore")
def test_a_clock_that_was_reset_costs_no_build_of_the_years_between(home: Path) -> None:
    lake = Lake(home / "lake")
    lake.land(fix("00:00", day="1970-01-01"), fix("09:00"), fix("09:00", day="2019-04-07"))

    said = doorstep("build")

    assert "1 landed rows are dated before 2015-01-01" in said
    assert f"Building service dates 2019-04-07, {DAY} …" in said
    with duckdb.connect(str(home / "published" / "kpi.duckdb"), read_only=True) as published:
        [(days,)] = published.execute("select count(distinct service_date) from marts.kpi_daily").fetchall()
        uncounted = published.execute("select topic, rows from marts.uncounted_rows").fetchall()
    assert days == 2
    assert uncounted == [("gps.fixes", 1)]


@pytest.mark.filterwarnings("ignore")
def test_a_late_event_corrects_its_date_alone_and_what_was_known_before_stays_readable(home: Path) -> None:
    lake, other_day = Lake(home / "lake"), "2026-03-04"
    lake.land(depot(), vehicle(), order("o1"), order("o2"), scan(ScanKind.DELIVERED, "09:12", "o1"))
    all_are_over = at("12:00", day="2026-03-05")
    lake.land(scan(ScanKind.DELIVERED, "09:00", "o3", day="2026-03-03"))
    lake.land(scan(ScanKind.DELIVERED, "09:00", "o4", day=other_day), appended_at=all_are_over)
    lake.land(tick("12:00", day="2026-03-05"), appended_at=all_are_over)
    doorstep("build")
    with duckdb.connect(str(home / "published" / "kpi.duckdb"), read_only=True) as published:
        ((before,),) = published.execute(
            "select max(published_at)::varchar from marts.kpi_publications"
        ).fetchall()
    late = scan(ScanKind.DELIVERED, "11:00", "o2"), scan(ScanKind.FAILED, "11:00", "o5", day=other_day)
    lake.land(*late, appended_at=all_are_over)

    said = doorstep("build")

    assert f"Building service dates {DAY}, {other_day} …" in said
    assert f"Corrected: figures of {DAY}, {other_day}; 'doorstep corrections' has the reasons." in said
    assert kpi("on_time_rate", "--date", DAY)["value"] == 1.0
    assert kpi("on_time_rate", "--date", DAY, "--as-known-at", before)["value"] == 0.5
    (told,) = doorstep("corrections", "--kpi", "on_time_rate", "--date", DAY).splitlines()
    assert told.endswith(
        "0.5 (1/2) became 1 (2/2), unknown 1 became 0; landed for this date: 1 event of delivery.scans"
    )
    lines = doorstep("corrections", "--kpi", "on_time_rate", "--by", "vehicle", "--date", DAY, "--json")
    by_vehicle = [json.loads(line) for line in lines.splitlines()]
    assert [(one["segment_value"], one["old_numerator"], one["new_numerator"]) for one in by_vehicle] == [
        ("unknown", 0, None),
        ("van", 1, 2),
    ]
    page = Path(doorstep("report").strip()).read_text()
    assert "Corrected since they were published" in page
    with pytest.raises(ConfigurationError, match="nothing had been published by 2026-03-02"):
        doorstep("kpis", "--as-known-at", "2026-03-02")


@pytest.mark.filterwarnings("ignore")
def test_what_is_unusual_is_told_and_published_all_the_same(home: Path) -> None:
    lake = Lake(home / "lake")
    lake.land(vehicle("truck"), fix("09:00", received="12:00"))

    said = doorstep("build")

    assert "Unusual: check is_as_usual of raw/gps_fixes: 1 of 1 rows were received over an hour" in said
    assert "1 of 1 rows name a vehicle_id that reference.vehicles never brought, such as van" in said
    assert (home / "published" / "kpi.duckdb").exists()
    assert [page.name.split("-", 1)[1] for page in (home / "data_docs").iterdir()] == [
        "gps_fixes-is_as_usual.html"
    ]


@pytest.mark.filterwarnings("ignore")
def test_what_is_hardly_true_stops_the_build_until_somebody_accepts_it(home: Path) -> None:
    lake = Lake(home / "lake")
    lake.land(vehicle("truck"))
    lake.land(*(fix(f"09:{n // 60:02}:{n % 60:02}") for n in range(LEAST_ABSURD_ROWS)))

    with pytest.raises(CheckFailed, match="1000 of 1000 rows name a vehicle_id that"):
        doorstep("build")
    said = doorstep("build", "--accept", "gps.fixes")

    assert "Unusual: check is_as_usual of raw/gps_fixes: 1000 of 1000 rows name a vehicle_id" in said
    assert (home / "published" / "kpi.duckdb").exists()


def test_a_topic_that_is_held_to_no_usual_figure_can_not_be_accepted(home: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"--accept clock.ticks: is_as_usual checks gps.fixes, "):
        doorstep("build", "--accept", "clock.ticks")
