"""What is kept how long: what is older goes, what is newer stays, and figures that were published stand."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace as replace_event

from assets.history.record import record
from assets.history.tables import history_models
from assets.ledger import mark_built, open_ranges, too_old_rows
from assets.models.project import DateRange
from assets.retention.expire import Expired, expire
from assets.retention.policy import OF_PEOPLE, Rule, read_rules
from routing.errors import ConfigurationError
from streams.events.delivery import ScanKind
from streams.lake.manifest import read_manifest
from streams.lake.schema import LANDED
from tests.models.events import DAY, at, depot, fix, fresh_id, order, rate, scan, tick, vehicle, visit
from tests.models.given import PROJECT, Lake, Mould, Warehouse

OLD, OLD_DAY = date(2026, 3, 2), DateRange(date(2026, 3, 2), date(2026, 3, 2))
EVE, LATER = "2026-03-11", "2026-03-12"
NOW = datetime(2026, 3, 13, 6, tzinfo=UTC)
SHORT = 5
"""Days, in the place of the 180 of what has positions."""


def rules(long: int = 1095) -> tuple[Rule, ...]:
    days = {180: SHORT, 1095: long, None: None}
    return tuple(replace(rule, keep_days=days[rule.keep_days]) for rule in read_rules())


@pytest.fixture(scope="module")
def mould(tmp_path_factory: pytest.TempPathFactory) -> Mould:
    """A day, and nine days later two more, each landed when it was over; all are built."""
    lake = Lake(tmp_path_factory.mktemp("mould") / "lake")
    lake.land(depot(), vehicle(), rate(per_vehicle_day=10))
    for day in (DAY, EVE, LATER):
        over = datetime.fromisoformat(f"{day}T23:00:00+00:00")
        lake.land(
            order(f"o-{day}", ordered=datetime.fromisoformat(f"{day}T06:00:00+00:00")),
            scan(ScanKind.DELIVERED, "09:00", f"o-{day}", day=day, shift_id=f"s-{day}"),
            fix("09:00", day=day),
            fix("09:05", lat_deg=52.51, day=day),
            appended_at=over,
        )
    lake.land(tick("06:00", day="2026-03-13"), appended_at=NOW)
    return Mould(lake, lambda warehouse: build(warehouse, DAY, LATER))


@pytest.fixture
def lake(mould: Mould, tmp_path: Path) -> Lake:
    return mould.lake_in(tmp_path)


@pytest.fixture
def warehouse(mould: Mould, lake: Lake) -> Warehouse:
    return mould.warehouse_over(lake)


def build(warehouse: Warehouse, first: str, last: str) -> None:
    dates = DateRange(date.fromisoformat(first), date.fromisoformat(last))
    warehouse.build(first, last)
    record(warehouse.connection, f"{first}/{last}", NOW, [dates], "UTC")
    mark_built(warehouse.connection, dates)


def hold(warehouse: Warehouse, long: int = 1095) -> dict[str, Expired]:
    done = expire(warehouse.connection, warehouse.lake, rules(long), PROJECT.sources, NOW)
    return {one.rule.name: one for one in done if one.rows or one.files}


def dates_of(warehouse: Warehouse, table: str) -> list[str]:
    rows = warehouse.rows(f"select distinct service_date::varchar from {table} order by 1")
    return [str(row[0]) for row in rows]


def test_old_positions_go_from_lake_and_staging_and_newer_ones_stay(warehouse: Warehouse) -> None:
    files = {file.path for file in read_manifest(warehouse.lake, "gps.fixes")}

    gone = hold(warehouse)

    left = {file.path for file in read_manifest(warehouse.lake, "gps.fixes")}
    assert dates_of(warehouse, "staging.stg_gps_fixes") == [EVE, LATER]
    assert [(one.files, one.rows) for one in (gone["gps.fixes"], gone["stg_gps_fixes"])] == [(1, 2), (0, 2)]
    assert (len(files), len(left)) == (3, 2)
    assert {path for path in files if (warehouse.lake / path).exists()} == left


def test_a_second_time_removes_nothing_more(warehouse: Warehouse) -> None:
    hold(warehouse)

    assert hold(warehouse) == {}


def test_what_was_made_of_old_positions_stays_and_so_do_its_figures(warehouse: Warehouse) -> None:
    figures = "select * exclude (as_of) from marts.kpi_daily order by all"
    before = warehouse.rows(figures)

    hold(warehouse)
    build(warehouse, LATER, LATER)

    assert warehouse.rows(figures) == before
    assert warehouse.broken_tests() == []


def test_a_date_whose_fixes_are_gone_is_not_built_again(warehouse: Warehouse) -> None:
    hold(warehouse)

    with pytest.raises(
        ConfigurationError, match="2026-03-02: what these service dates are built from is gone"
    ):
        open_ranges(warehouse.connection, [OLD_DAY])
    later = open_ranges(warehouse.connection, [DateRange(OLD, date(2026, 3, 12))])
    assert date(2026, 3, 12) == later[-1].last
    assert all(one.first > OLD for one in later)


def test_what_lands_for_such_a_date_is_counted_and_built_nowhere(warehouse: Warehouse, lake: Lake) -> None:
    hold(warehouse)
    lake.land(scan(ScanKind.DELIVERED, "10:00", "late"), appended_at=NOW)

    build(warehouse, LATER, LATER)

    assert too_old_rows(warehouse.connection) == 1
    assert warehouse.rows("from meta.landed_dates where not is_built") == []


def test_a_visit_that_lands_for_such_a_date_changes_nothing(warehouse: Warehouse, lake: Lake) -> None:
    old, new = visit("09:00", f"stop-o-{DAY}"), visit("09:00", "stop-new", visit_id="v2")
    lake.land(old, appended_at=datetime(2026, 3, 2, 23, tzinfo=UTC))
    build(warehouse, DAY, LATER)
    hold(warehouse)
    visits = "select visit_id, arrived_at, departed_at from intermediate.int_visits order by all"
    before = warehouse.rows(visits)
    lake.land(replace_event(old, event_id=fresh_id(), departed_at=at("09:30")), new, appended_at=NOW)

    build(warehouse, LATER, LATER)

    assert before == [("v1", at("09:00"), None)]
    assert (warehouse.rows(visits), too_old_rows(warehouse.connection)) == (before, 2)


def test_figures_of_dates_that_are_gone_stay_published_and_nothing_is_corrected(warehouse: Warehouse) -> None:
    hold(warehouse, long=SHORT)
    build(warehouse, LATER, LATER)

    assert dates_of(warehouse, "marts.kpi_daily where value is not null") == [EVE, LATER]
    assert warehouse.rows("from history.kpi_corrections") == []
    standing = "history.kpi_versions where known_until_at is null and kpi_id = 'cost_per_mile' and segment = "
    assert {DAY, EVE, LATER} <= set(dates_of(warehouse, f"{standing} 'all'"))
    assert dates_of(warehouse, f"{standing} 'vehicle'") == [EVE, LATER]


def test_what_no_build_has_covered_stays(lake: Lake) -> None:
    warehouse = Warehouse(lake.root)
    warehouse.build(LATER)

    hold(warehouse)

    assert len(read_manifest(lake.root, "gps.fixes")) == 3


def closed(warehouse: Warehouse) -> set[object]:
    return {row[0] for row in warehouse.rows("select service_date from meta.closed_dates")}


@pytest.mark.parametrize("is_known", [True, False])
def test_a_date_with_rows_that_no_build_has_covered_is_neither_closed_nor_removed(
    warehouse: Warehouse, lake: Lake, is_known: bool
) -> None:
    lake.land(scan(ScanKind.DELIVERED, "10:00", "late"), appended_at=datetime(2026, 3, 3, tzinfo=UTC))
    if is_known:
        warehouse.register()

    hold(warehouse)
    left, is_closed = dates_of(warehouse, "staging.stg_gps_fixes"), OLD in closed(warehouse)
    build(warehouse, DAY, LATER)
    hold(warehouse)

    assert (left, is_closed, too_old_rows(warehouse.connection)) == ([DAY, EVE, LATER], False, 0)
    assert dates_of(warehouse, "staging.stg_gps_fixes") == [EVE, LATER]
    assert OLD in closed(warehouse)


def test_history_that_was_brought_in_today_is_not_old(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    lake.land(depot(), vehicle(), rate(per_vehicle_day=10))
    lake.land(order("o"), scan(ScanKind.DELIVERED, "09:00", "o"), fix("09:00"), appended_at=NOW)
    lake.land(fix("09:00", day="2026-03-13"), tick("06:00", day="2026-03-13"), appended_at=NOW)
    warehouse = Warehouse(lake.root)
    build(warehouse, DAY, "2026-03-13")

    hold(warehouse, long=SHORT)

    assert closed(warehouse) == set()
    for table in ("staging.stg_gps_fixes", "intermediate.int_service_dates", "history.kpi_versions"):
        assert DAY in dates_of(warehouse, table)


def test_a_clock_that_ran_ahead_makes_nothing_older_than_it_is(warehouse: Warehouse) -> None:
    warehouse.connection.execute("update intermediate.int_as_of set as_of = '2027-03-13'")

    hold(warehouse)

    assert dates_of(warehouse, "staging.stg_gps_fixes") == [EVE, LATER]


def test_the_last_file_of_a_partition_stays_as_landing_goes_on_from_it(warehouse: Warehouse) -> None:
    much_later = datetime(2036, 3, 13, tzinfo=UTC)

    expire(warehouse.connection, warehouse.lake, rules(), PROJECT.sources, much_later)

    assert [file.last_offset for file in read_manifest(warehouse.lake, "gps.fixes")] == [5]


def test_a_removal_that_was_killed_is_ended_by_the_next(warehouse: Warehouse) -> None:
    old = min(file.path for file in read_manifest(warehouse.lake, "gps.fixes"))
    hold(warehouse)
    (warehouse.lake / old).touch()
    warehouse.connection.execute("insert into meta.expired_files values ('gps.fixes', ?)", [old])

    hold(warehouse)

    assert not (warehouse.lake / old).exists()


def test_every_topic_and_every_table_that_keeps_rows_has_its_rule() -> None:
    ruled = {(rule.place, rule.name.removesuffix(OF_PEOPLE)) for rule in read_rules()}

    assert ruled == {
        *(("lake", topic.name) for topic in LANDED),
        *((model.layer, model.name) for model in PROJECT.models if model.is_incremental),
        *(("history", model.name) for model in history_models()),
    }
