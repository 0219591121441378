"""What lands makes the dates due that it changes, though they were built, and no others."""

from datetime import date
from pathlib import Path

import pytest

import assets.warehouse
from assets.due import find_due
from assets.ledger import mark_built
from assets.models.project import DateRange
from streams.events.judgements import VerdictKind
from tests.models.events import DAY, at, depot, fix, order, vehicle, verdict
from tests.models.given import PROJECT, Lake, Warehouse, made_of

FIXES = made_of("fix_accounting", "int_service_dates")
ORDERS = made_of("stg_orders", "int_service_dates")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def test_a_late_verdict_makes_the_date_of_what_it_judges_due_again(lake: Lake) -> None:
    repeated = fix("09:00", received="09:02")
    lake.land(fix("09:00"), repeated)
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due(FIXES)
    lake.land(verdict(repeated, 1, VerdictKind.REPEAT, "same_fix_time"))

    late = warehouse.build_what_is_due(FIXES)

    assert late == DAY
    rows = warehouse.rows("select outcome, messages from marts.fix_accounting order by 1")
    assert rows == [("accepted", 1), ("repeat", 1)]


def test_a_verdict_taken_in_by_a_build_of_another_date_is_not_lost(lake: Lake) -> None:
    repeated, other = fix("09:00", received="09:02"), "2026-03-05"
    lake.land(fix("09:00"), repeated)
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due(FIXES)
    lake.land(verdict(repeated, 1, VerdictKind.REPEAT, "same_fix_time"))
    warehouse.build(other, models=FIXES)
    mark_built(warehouse.connection, DateRange(date.fromisoformat(other), date.fromisoformat(other)))

    late = warehouse.build_what_is_due(FIXES)

    assert late == DAY


def test_a_vehicle_that_lands_late_makes_its_dates_due_again(lake: Lake) -> None:
    lake.land(depot("west", "America/Los_Angeles"), vehicle("other", depot_id="west"), fix("03:00"))
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due(FIXES)
    lake.land(vehicle(depot_id="west"))

    late = warehouse.build_what_is_due(FIXES)

    assert late == f"2026-03-01 to {DAY}"
    rows = warehouse.rows(
        "select depot_id, service_date::varchar from staging.stg_gps_fixes where vehicle_id = 'van'"
    )
    assert rows == [("west", "2026-03-01")]


def test_a_file_that_needs_no_date_is_taken_in_by_building_the_latest_once_more(
    warehouse: assets.warehouse.Warehouse,
) -> None:
    with warehouse.connect() as connection:
        connection.execute(
            "create schema intermediate; create table intermediate.int_service_dates as "
            f"select unnest([date '2026-03-01', date '{DAY}']) as service_date"
        )
    Lake(Path(warehouse.lake)).land(vehicle())

    due = find_due(warehouse, PROJECT)

    assert (due.files, due.ranges) == (1, (DateRange(date.fromisoformat(DAY), date.fromisoformat(DAY)),))


def test_a_depot_that_lands_late_moves_its_orders_to_its_own_dates(lake: Lake) -> None:
    lake.land(order("o1", ordered=at("03:00")))
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due(ORDERS)
    lake.land(depot("north", "America/Los_Angeles"))

    warehouse.build_what_is_due(ORDERS)

    rows = warehouse.rows("select order_id, service_date::varchar from staging.stg_orders")
    assert rows == [("o1", "2026-03-01")]
