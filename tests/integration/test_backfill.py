"""Dagster's own command line builds a range of partitions in one run, as days one by one come out."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from assets.models.project import DateRange
from pipelines.building import build
from pipelines.dagster_home import open_instance
from pipelines.settings import Settings
from streams.events.delivery import ScanKind
from tests.models.events import at, depot, fix, order, rate, scan, telemetry, tick, vehicle
from tests.models.given import PROJECT, Lake

pytestmark = pytest.mark.filterwarnings("ignore")  # Dagster's beta parameters

DAYS = ("2026-03-02", "2026-03-03")
OWN = ("kpi_versions", "kpi_corrections", "kpi_correction_causes", "kpi_publications", "kpi_dropped_versions")
"""Tables that say when what was published, and so differ."""


def settings_of(home: Path) -> Settings:
    lake = Lake(home / "lake")
    lake.land(depot(), vehicle(), rate(per_km=1, overhead_per_route=10))
    for day in DAYS:
        lake.land(
            order(f"o-{day}", ordered=at("06:00", day), promised_day=day),
            scan(ScanKind.DELIVERED, "09:00", f"o-{day}", day=day, shift_id=f"s-{day}"),
            *(
                fix(f"{hour}:55", 52.5 + number / 100, day=day)
                for number, hour in enumerate(("08", "09", "23"))
            ),
            telemetry("10:00", day=day, odometer_m=1000.0 * int(day[-2:])),
        )
    lake.land(tick("06:00", day="2026-03-04"))
    return Settings.from_env({"DOORSTEP_HOME": str(home)})


def published(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    with duckdb.connect(str(settings.published), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        names = [row[0] for row in connection.execute("select table_name from duckdb_tables()").fetchall()]
        return {
            name: sorted(connection.execute(f"from marts.{name}").fetchall(), key=repr)
            for name in names
            if name not in OWN
        }


def test_dagsters_backfill_of_a_range_is_one_run_and_what_day_by_day_builds_make(tmp_path: Path) -> None:
    by_day, at_once = settings_of(tmp_path / "by day"), settings_of(tmp_path / "at once")
    at_once.pseudonym_key.parent.mkdir(parents=True)

    for day in DAYS:
        found = date.fromisoformat(day)
        assert build(by_day, PROJECT, (DateRange(found, found),)).problems == ()
    at_once.pseudonym_key.write_bytes(by_day.pseudonym_key.read_bytes())
    at_once.pseudonym_key.chmod(0o600)
    open_instance(at_once).dispose()
    command = [sys.executable, "-m", "dagster", "asset", "materialize", "-m", "pipelines.definitions"]
    command += ["--select", '+key:"published/kpis"', "--partition-range", f"{DAYS[0]}...{DAYS[-1]}"]
    home = {"DOORSTEP_HOME": str(at_once.home), "DAGSTER_HOME": str(at_once.dagster_home)}
    ran = subprocess.run(command, env={**os.environ, **home}, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr[-2000:]
    assert published(at_once) == published(by_day)
    with open_instance(at_once) as instance:
        assert len(instance.get_runs()) == 1
