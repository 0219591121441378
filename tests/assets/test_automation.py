"""What the sensor and the schedule ask Dagster for."""

from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg

from assets.automation import new_files_sensor, nightly_schedule, run_requests
from assets.due import Due
from assets.models.project import DateRange
from assets.service_dates import ranges_of_run
from assets.warehouse import Warehouse
from tests.models.events import fix
from tests.models.given import PROJECT, Lake

NOW = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)


def asked(warehouse: Warehouse) -> list[str]:
    """The dates of the runs that one evaluation of the sensor asks for."""
    sensor = new_files_sensor("build", PROJECT, warehouse, lambda: NOW)
    with dg.DagsterInstance.ephemeral() as instance:
        found = sensor.evaluate_tick(dg.build_sensor_context(instance))
    return [dates_in(request) for request in found.run_requests or []]


def dates_in(request: dg.RunRequest) -> str:
    """The dates of a run in words."""
    return ", ".join(map(str, ranges_of_run(request.tags)))


def test_a_long_range_is_asked_for_in_runs_of_fourteen_days_at_most() -> None:
    due = Due(1, (DateRange(date(2026, 1, 1), date(2026, 1, 30)),))

    requests = run_requests(due, NOW)

    assert [dates_in(request) for request in requests] == [
        "2026-01-01 to 2026-01-14",
        "2026-01-15 to 2026-01-28",
        "2026-01-29 to 2026-01-30",
    ]
    assert all("dagster/asset_partition_range_start" in request.tags for request in requests)


def test_dates_that_dagster_does_not_know_yet_are_not_asked_for() -> None:
    assert run_requests(Due(1, (DateRange(date(2999, 1, 1), date(2999, 1, 2)),)), NOW) == []


def test_the_sensor_asks_again_until_the_ledger_says_built(warehouse: Warehouse) -> None:
    Lake(Path(warehouse.lake)).land(fix("09:00"), fix("09:00", day="2026-03-03"))

    assert asked(warehouse) == ["2026-03-02 to 2026-03-03"]
    assert asked(warehouse) == ["2026-03-02 to 2026-03-03"]


def test_what_failed_gets_another_key_in_the_next_hour() -> None:
    due = Due(1, (DateRange(date(2026, 3, 2), date(2026, 3, 2)),), fingerprint="x")

    keys = {run_requests(due, NOW.replace(hour=hour))[0].run_key for hour in (12, 12, 13)}

    assert len(keys) == 2


def test_the_sensor_skips_where_nothing_has_landed(warehouse: Warehouse) -> None:
    assert asked(warehouse) == []


def test_the_night_builds_the_day_that_ended() -> None:
    context = dg.build_schedule_context(scheduled_execution_time=datetime(2026, 3, 4, 4, 30, tzinfo=UTC))

    found = nightly_schedule("build", "UTC").evaluate_tick(context)

    assert [dates_in(request) for request in found.run_requests or []] == ["2026-03-03"]
