"""The benchmark of the warehouse: what is made up, what is compared, what is held against the goals."""

import json
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest
from msgspec.structs import replace

from assets.models.project import DateRange
from pipelines.bench.page import BEGIN, END, Performance, keep_figures, read_performance, render_performance
from pipelines.bench.peers.frames import by_duckdb, by_pandas
from pipelines.bench.warehouse.built import SUBSET, build
from pipelines.bench.warehouse.by_hand import statements
from pipelines.bench.warehouse.compared import differing_vehicles, same_marts
from pipelines.bench.warehouse.figures import (
    DAY,
    HISTORY,
    HOUR,
    MODELS,
    SLICES,
    TESTS,
    BuildRun,
    FramesRun,
    Part,
    ScriptRun,
    WarehouseFigures,
)
from pipelines.bench.warehouse.fleet import SHIFT_H, TIME_ZONE, Scale, Span
from pipelines.bench.warehouse.goals import left_out, warehouse_goals
from pipelines.bench.warehouse.lake import Lake
from pipelines.bench.warehouse.measured import measure
from pipelines.bench.warehouse.run import dates_of
from pipelines.settings import Settings
from streams.lake.manifest import read_manifest
from tests.models.given import Warehouse
from tests.pipelines.bench.figures import MACHINE

TINY = Scale(vehicles=4, orders=12, fixes=4 * (SHIFT_H - 1) * 30, days=2)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thinned day and all of the last one but its last hour."""
    found = Lake(tmp_path_factory.mktemp("bench") / "lake", TINY)
    found.begin()
    found.live(Span(TINY.first, TINY.first))
    found.live(Span(TINY.last, TINY.last, 0, SHIFT_H - 1, is_thinned=False))
    return found.root


@pytest.fixture(scope="module")
def built(lake: Path) -> Warehouse:
    return Warehouse(lake).build(str(TINY.first), str(TINY.last))


def build_run(what: str, wall_s: float, checks_s: float = 0.0, peak_bytes: int = 1_000_000_000) -> BuildRun:
    parts = (
        Part(what=SLICES, seconds=checks_s / 2),
        Part(what=MODELS, seconds=1.0),
        Part(what=TESTS, seconds=checks_s / 2),
    )
    return BuildRun(
        what=what,
        fixes=10,
        wall_s=wall_s,
        cpu_s=wall_s,
        peak_bytes=peak_bytes,
        dates="2026-03-02",
        parts=parts,
    )


def figures(*builds: BuildRun, script_s: float = 10.0, import_s: float = 0.2) -> WarehouseFigures:
    return WarehouseFigures(
        machine=MACHINE,
        vehicles=4,
        orders=12,
        fixes=1_000,
        days=2,
        seed=1,
        generated_s=1.0,
        builds=builds,
        warehouse_bytes=1,
        published_bytes=1,
        script=ScriptRun(statements=9, wall_s=script_s, cpu_s=1.0, peak_bytes=1, marts=2, same=2),
        subset_s=2.0,
        frames=(
            FramesRun(
                name="polars", engine_s=2.5, wall_s=9.0, cpu_s=1.0, peak_bytes=1, vehicles=4, differing=0
            ),
            FramesRun(
                name="pandas", engine_s=7.0, wall_s=8.0, cpu_s=1.0, peak_bytes=1, vehicles=4, differing=0
            ),
        ),
        import_s=import_s,
    )


def test_the_fleet_lands_whole_and_every_promise_of_the_models_holds(built: Warehouse) -> None:
    assert built.broken_tests() == []


def test_the_last_day_has_its_fixes_and_a_thinned_one_few(lake: Path) -> None:
    rows = {
        day: sum(
            found for file in read_manifest(lake, "gps.fixes") for on, found in file.event_dates if on == day
        )
        for day in (TINY.first, TINY.last)
    }

    assert rows[TINY.last] >= TINY.fixes
    assert rows[TINY.first] < TINY.fixes / 2


def test_the_same_seed_is_the_same_fleet(lake: Path, tmp_path: Path) -> None:
    again = Lake(tmp_path / "lake", TINY)
    again.begin()
    again.live(Span(TINY.first, TINY.first))

    for topic in ("gps.fixes", "delivery.scans", "stream.verdicts"):
        first, second = read_manifest(lake, topic)[0], read_manifest(again.root, topic)[0]
        same = (
            f"select count(*) from ((from '{lake / first.path}') except (from '{again.root / second.path}'))"
        )
        assert duckdb.sql(same).fetchall() == [(0,)]


def test_too_few_fixes_for_all_vehicles_are_refused() -> None:
    with pytest.raises(ValueError, match="4 vehicles send 56 fixes at least, not 3"):
        Scale(vehicles=4, fixes=3)


def test_pandas_and_duckdb_come_to_the_legs_of_the_models(lake: Path, built: Warehouse) -> None:
    files = [
        str(lake / file.path)
        for file in read_manifest(lake, "gps.fixes")
        if any(day == TINY.last for day, _ in file.event_dates)
    ]
    asked = (files, TINY.last.isoformat(), TIME_ZONE, 3)

    by_query, by_frame = by_duckdb(*asked), by_pandas(*asked)

    legs = dict(
        built.connection.execute(
            "select vehicle_id, count(*) from intermediate.int_legs "
            "where service_date = ? and started_at >= "
            "(select min(fix_at) from staging.stg_gps_fixes where service_date = ?) group by all",
            [TINY.last, TINY.last],
        ).fetchall()
    )
    assert differing_vehicles(by_query, by_frame) == 0
    assert {name: found[0] for name, found in by_query.items()} == legs


def test_the_script_by_hand_comes_to_the_same_marts(built: Warehouse, tmp_path: Path) -> None:
    dates, output = DateRange(TINY.first, TINY.last), tmp_path / "by_hand.duckdb"
    before = built.rows("select count(*), bit_xor(hash(kpi_id, service_date, excluded)) from marts.kpi_daily")

    for statement in statements(built.runner, dates):
        built.connection.execute(statement.replace("OUTPUT", str(output)))

    with duckdb.connect(str(output), read_only=True) as written:
        again = written.execute(
            "select count(*), bit_xor(hash(kpi_id, service_date, excluded)) from marts.kpi_daily"
        )
        assert again.fetchall() == before


@pytest.mark.e2e
def test_a_build_tells_what_its_parts_took(lake: Path, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.lake.symlink_to(lake)

    run = build(settings, DAY, 5)

    parts = {part.what: part.seconds for part in run.parts}
    assert 0 < parts[MODELS] < sum(parts.values()) < run.wall_s
    assert run.peak_bytes > 50_000_000
    assert set(SUBSET) <= {part.what for part in run.slowest}
    assert dates_of(run.dates).last == TINY.last


def test_vehicles_that_differ_or_lack_are_counted() -> None:
    ours = {"one": [1, 2.0], "two": [1, 2.0], "three": [1, 2.0]}

    assert differing_vehicles(ours, {"one": [1, 2.0000000001], "two": [1, 2.1]}) == 2


def test_equal_marts_are_told_from_others(tmp_path: Path) -> None:
    for name, last in (("ours", 3), ("theirs", 4)):
        with duckdb.connect(str(tmp_path / name)) as connection:
            connection.execute("create schema marts")
            connection.execute("create table marts.same as select 'a' as name, 0.5 as share")
            connection.execute(f"create table marts.other as select {last} as value")

    assert same_marts(tmp_path / "ours", tmp_path / "theirs", ["same", "other"]) == 1


def test_other_repeats_and_other_pairs_of_the_same_values_are_not_equal(tmp_path: Path) -> None:
    tables = {
        "ours": {
            "twice": "('a', 1), ('a', 1)",
            "paired": "('a', 1), ('b', 2)",
            "turned": "('a', 1), ('b', 2)",
        },
        "theirs": {
            "twice": "('b', 2), ('b', 2)",
            "paired": "('a', 2), ('b', 1)",
            "turned": "('b', 2), ('a', 1)",
        },
    }
    for name, rows_of in tables.items():
        with duckdb.connect(str(tmp_path / name)) as connection:
            connection.execute("create schema marts")
            for mart, rows in rows_of.items():
                connection.execute(f"create table marts.{mart} as from (values {rows}) as rows(name, number)")

    def same(mart: str) -> int:
        return same_marts(tmp_path / "ours", tmp_path / "theirs", [mart])

    assert {mart: same(mart) for mart in tables["ours"]} == {"twice": 0, "paired": 0, "turned": 1}


def test_a_script_that_came_to_other_marts_is_no_measure_and_that_is_said() -> None:
    found = figures(build_run(DAY, 19.0, 8.0))
    assert found.script is not None
    other = replace(found, script=replace(found.script, same=1), left_out=("polars: absent",))

    goals = [goal.what for goal in warehouse_goals(other)]

    assert "the day without its checks, beside one script" not in goals
    assert list(left_out(found)) == []
    absent, unequal = left_out(other)
    assert absent == "polars: absent"
    assert unequal.startswith("the day beside one script: 1 of its 2 marts are equal to ours")


def test_a_frame_tells_the_seconds_of_its_work_apart_from_its_start(lake: Path, tmp_path: Path) -> None:
    wish = tmp_path / "wish.json"
    files = [str(lake / file.path) for file in read_manifest(lake, "gps.fixes")]
    asked = {"files": files, "day": TINY.last.isoformat(), "zone": TIME_ZONE, "cutover_hour": 3}
    wish.write_text(json.dumps(asked))
    command = [sys.executable, "-m", "pipelines.bench.peers.frames", "pandas", str(wish)]

    measured = measure(command, {}, 60.0)

    said = json.loads(measured.said)
    assert len(said["vehicles"]) == TINY.vehicles
    assert 0 < said["seconds"] < measured.wall_s


def test_dates_are_read_from_what_a_build_says() -> None:
    assert dates_of("2026-03-01") == DateRange(date(2026, 3, 1), date(2026, 3, 1))
    assert dates_of("2026-02-01 to 2026-02-03, 2026-03-02") == DateRange(date(2026, 2, 1), date(2026, 3, 2))


def test_goals_are_held_against_what_was_measured() -> None:
    found = figures(build_run(HISTORY, 9), build_run(DAY, 19.0, 8.0), build_run(HOUR, 6.0, 2.0))

    told = {goal.what: goal.is_met for goal in warehouse_goals(found)}

    assert told == {
        "an hour more, without its checks": False,
        "a day of 1,000 fixes, whole": True,
        "its memory": True,
        "the day without its checks, beside one script": True,
        "legs of the day, beside the best: polars": True,
        "the command line's start": True,
    }


def test_the_page_keeps_the_warehouse_beside_the_others(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    found = figures(build_run(HISTORY, 9), build_run(DAY, 25.0), build_run(HOUR, 2.0))

    keep_figures(path, found)

    assert read_performance(path) == Performance(warehouse=found)
    page = render_performance(f"{BEGIN}\n{END}", read_performance(path))
    assert "Warehouse, measured on 2026-11-21" in page
    assert "| a day of 1,000 fixes, whole | under 20 s | 25.0 s | **no** |" in page
    assert json.loads(path.read_text())["streams"] is None
