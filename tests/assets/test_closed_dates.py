"""A service date is closed by whatever topic loses rows of it first, and then stays closed to all of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from assets.file_dates import READ_WHOLE
from assets.ledger import closed_dates, dates_to_build, mark_built, open_ledger, too_old_rows
from assets.models.project import DateRange
from assets.retention.expire import expire
from assets.retention.policy import Rule, read_rules
from streams.events.base import Event
from streams.events.delivery import ScanKind
from tests.models.events import DAY, at, eta, fix, order, scan, telemetry, tick, visit
from tests.models.given import PROJECT, Lake, Mould, Warehouse, topic_of

OLD, LATER = date.fromisoformat(DAY), "2026-03-12"
NOW = datetime(2026, 3, 13, 6, tzinfo=UTC)
SHORT, EVER = 5, timedelta(days=3650)

MAKE: dict[str, Callable[[str], Event]] = {
    "stg_gps_fixes": lambda day: fix("09:00", day=day),
    "stg_telemetry": lambda day: telemetry("09:00", day=day),
    "stg_etas": lambda day: eta(at("09:00", day)),
    "stg_scans": lambda day: scan(ScanKind.DELIVERED, "09:00", day=day),
    "stg_orders": lambda day: order(ordered=at("06:00", day)),
}
MODELS = (
    "assumptions",
    "stg_verdicts",
    "stg_depots",
    "stg_vehicles",
    "stg_shifts",
    *MAKE,
    "int_service_dates",
)


def test_every_staged_table_that_is_built_by_service_dates_is_among_these() -> None:
    assert set(MAKE) == {one.name for one in PROJECT.models if one.layer == "staging" and one.is_incremental}


@pytest.fixture(scope="module")
def mould(tmp_path_factory: pytest.TempPathFactory) -> Mould:
    lake = Lake(tmp_path_factory.mktemp("mould") / "lake")
    for day in (DAY, LATER):
        lake.land(*(make(day) for make in MAKE.values()), appended_at=at("23:00", day))
    lake.land(tick("06:00", day="2026-03-13"), appended_at=NOW)
    return Mould(lake, build_both)


def build_both(warehouse: Warehouse) -> None:
    warehouse.build(DAY, LATER, MODELS)
    mark_built(warehouse.connection, DateRange(OLD, date.fromisoformat(LATER)))
    warehouse.connection.execute(
        f"create table intermediate.int_as_of as select '{NOW}'::timestamptz as as_of"
    )


@pytest.fixture
def lake(mould: Mould, tmp_path: Path) -> Lake:
    return mould.lake_in(tmp_path)


@pytest.fixture
def warehouse(mould: Mould, lake: Lake) -> Warehouse:
    return mould.warehouse_over(lake)


def lose(warehouse: Warehouse, place: str, name: str) -> None:
    """Hold one rule alone to a few days; all else is kept for good."""
    rules = tuple(_alone(rule, place, name) for rule in read_rules())
    expire(warehouse.connection, warehouse.lake, rules, PROJECT.sources, NOW)


def _alone(rule: Rule, place: str, name: str) -> Rule:
    return replace(rule, keep_days=SHORT if (rule.place, rule.name) == (place, name) else None)


@pytest.mark.parametrize("table", MAKE)
def test_each_topic_closes_the_date_of_which_it_lost_rows(warehouse: Warehouse, table: str) -> None:
    lose(warehouse, "staging", table)

    assert closed_dates(warehouse.connection) == {OLD}


@pytest.mark.parametrize("table", MAKE)
def test_each_topic_closes_the_dates_of_the_files_that_it_lost(warehouse: Warehouse, table: str) -> None:
    lose(warehouse, "lake", topic_of(MAKE[table](DAY)).name)

    assert OLD in closed_dates(warehouse.connection)
    assert date.fromisoformat(LATER) not in closed_dates(warehouse.connection)


@pytest.mark.parametrize("by", MAKE)
@pytest.mark.parametrize("table", MAKE)
def test_what_lands_for_a_closed_date_is_counted_whichever_topic_closed_it(
    warehouse: Warehouse, lake: Lake, table: str, by: str
) -> None:
    lose(warehouse, "staging", by)
    lake.land(MAKE[table](DAY), appended_at=NOW)

    warehouse.register()

    assert dates_to_build(warehouse.connection)[1] == ()
    assert too_old_rows(warehouse.connection) == 1


VISITS_ALONE = ("assumptions", "stg_depots", "stg_visits")


@pytest.mark.parametrize(
    ("appended_at", "counts"), [(NOW - timedelta(seconds=1), True), (NOW, False), (NOW + EVER, False)]
)
def test_a_visit_counts_if_it_was_appended_before_its_date_was_closed_however_late_it_landed(
    warehouse: Warehouse, lake: Lake, appended_at: datetime, counts: bool
) -> None:
    lose(warehouse, "staging", "stg_scans")
    lake.land(visit("09:00"), appended_at=appended_at)

    warehouse.build(LATER, models=VISITS_ALONE)

    assert warehouse.rows("select count(*) from staging.stg_visits") == [(counts,)]
    assert too_old_rows(warehouse.connection) == (not counts)


def test_dates_that_were_closed_before_it_was_noted_when_are_closed_as_of_the_upgrade(
    warehouse: Warehouse, lake: Lake
) -> None:
    lose(warehouse, "staging", "stg_scans")
    lake.land(visit("09:00", visit_id="early"), appended_at=at("23:00", DAY))
    warehouse.connection.execute("update meta.closed_dates set closed_at = null")

    open_ledger(warehouse.connection)
    lake.land(visit("10:00", visit_id="late"), appended_at=datetime.now(UTC) + EVER)
    warehouse.build(LATER, models=VISITS_ALONE)

    assert warehouse.rows("select visit_id from staging.stg_visits") == [("early",)]
    assert too_old_rows(warehouse.connection) == 1


def test_topics_that_are_dated_and_read_whole_are_those_that_no_table_is_built_of_by_dates() -> None:
    by_dates = {topic_of(make(DAY)).name for make in MAKE.values()}

    assert {one.topic for one in PROJECT.sources if one.event_time} - by_dates == READ_WHOLE
