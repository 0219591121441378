"""What stands behind a figure: rows that sum up to it, each with its reason and its events."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from assets.catalogue import CATALOGUE, read_catalogue
from assets.explain.explain import explain_figure, open_warehouse
from assets.explain.reasons import REASONS
from assets.explain.subjects import SUBJECTS
from assets.explain.values import Explanation, Question, Row
from routing.errors import CheckFailed, ConfigurationError
from streams.events.delivery import OrderKind, ScanKind
from tests.models.events import DAY, at, fix, order, rate, scan, shift, tick, vehicle, visit
from tests.models.given import PROJECT, Lake, Warehouse
from tests.models.test_a_planned_route import land_the_day

KPIS = [entry["kpi_id"] for entry in read_catalogue(CATALOGUE)]
SERVICE_DATE = date.fromisoformat(DAY)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The planned route, and beside it all that a definition leaves out or doesn't know."""
    lake = Lake(tmp_path_factory.mktemp("explain") / "lake")
    land_the_day(lake)
    lake.land(
        order("late", until="10:00", opens="09:00"),
        order("unheard", until="10:00"),
        order("no-promise", until=None),
        order("not-yet", until="23:30"),
        order("cancelled", until="20:00"),
        order("cancelled", until="20:00", kind=OrderKind.CANCELLED, ordered=at("07:00")),
        vehicle("bus"),
        vehicle("foreign", vehicle_class="van_class_iii_battery"),
        shift("empty", "bus", "eve", starts="09:00"),
        rate("van_class_iii_battery", currency="CHF", overhead_per_route=3),
        fix("09:00", 52.5, vehicle_id="bus"),
        fix("09:10", 52.6, vehicle_id="bus"),
        scan(ScanKind.FAILED, "10:30", "late", shift_id=None, vehicle_id="foreign"),
        scan(ScanKind.DELIVERED, "12:30", "late", attempt=2, shift_id=None, vehicle_id="foreign"),
        scan(ScanKind.DELIVERED, "13:00", "again", attempt=3, shift_id=None, vehicle_id="foreign"),
        scan(ScanKind.DELIVERED, "13:00", "by-nobody", shift_id=None, vehicle_id=None, carrier_id="post"),
        visit("14:00", "stop-c", visit_id="unended"),
        tick("19:00"),
    )
    return Warehouse(lake.root).build(DAY)


def explained(warehouse: Warehouse, kpi_id: str, segment: str = "all", value: str = "all") -> Explanation:
    return explain_figure(warehouse.connection, PROJECT, Question(kpi_id, SERVICE_DATE, segment, value))


def row(warehouse: Warehouse, kpi_id: str, item_id: str) -> Row:
    (found,) = [one for one in explained(warehouse, kpi_id).rows if one.item_id == item_id]
    return found


def test_every_kpi_of_the_catalogue_can_be_explained_and_no_other() -> None:
    assert sorted(SUBJECTS) == sorted(REASONS) == sorted(KPIS)


@pytest.mark.parametrize("kpi_id", KPIS)
def test_the_rows_of_every_segment_sum_up_to_its_figure(warehouse: Warehouse, kpi_id: str) -> None:
    figures = warehouse.rows(
        "select segment, segment_value, sum(numerator), sum(denominator), sum(excluded), sum(unknown) "
        f"from marts.kpi_daily where kpi_id = '{kpi_id}' group by all"
    )

    for segment, value, *sums in figures:
        rows = explained(warehouse, kpi_id, str(segment), str(value)).rows
        found = [
            sum(getattr(one, name) for one in rows)
            for name in ("numerator", "denominator", "excluded", "unknown")
        ]
        assert found == pytest.approx(sums, abs=1e-5), (segment, value)


@pytest.mark.parametrize("kpi_id", KPIS)
def test_every_row_has_a_reason_and_events_with_their_places(warehouse: Warehouse, kpi_id: str) -> None:
    rows = explained(warehouse, kpi_id).rows

    assert rows
    assert [one.item_id for one in rows if not one.reason or not one.events] == []
    assert [event for one in rows for event in one.events if event.offset is None] == []


def test_what_is_left_out_and_what_is_unknown_say_why(warehouse: Warehouse) -> None:
    def told(item_id: str) -> tuple[str, str]:
        found = row(warehouse, "on_time_rate", item_id)
        return found.role, found.reason

    assert told("a") == ("counted", "delivered 2026-03-02 09:15:00, due 2026-03-02 09:30:00")
    assert told("late") == ("denominator", "delivered 2026-03-02 12:30:00, due 2026-03-02 10:00:00")
    assert told("b") == ("denominator", "not delivered (failed), due 2026-03-02 09:00:00")
    assert told("unheard") == (
        "unknown",
        "due 2026-03-02 10:00:00; no attempt was ever scanned, so it stands as missed",
    )
    assert told("no-promise") == ("excluded", "it had no promise")
    assert told("not-yet") == (
        "excluded",
        "its promise is due 2026-03-02 23:30:00, after 2026-03-02 19:00:00",
    )
    assert told("cancelled") == (
        "excluded",
        "cancelled 2026-03-02 07:00:00, before its promise was due",
    )


def test_an_attempt_leads_to_its_own_scan_alone(warehouse: Warehouse) -> None:
    (event,) = row(warehouse, "failed_delivery_rate", "late/1").events

    assert (event.topic, event.partition, event.at, event.words) == (
        "delivery.scans",
        0,
        at("10:30"),
        "failed attempt 1: not_at_home",
    )
    staged = """select event_id::varchar, "offset" from staging.stg_scans where order_id = 'late'"""
    assert (event.event_id, event.offset) in warehouse.rows(staged)


def test_a_route_that_delivered_nothing_stands_in_the_numerator_alone(warehouse: Warehouse) -> None:
    found = row(warehouse, "cost_per_delivery", "empty")

    assert (found.role, found.denominator) == ("numerator", 0)
    assert found.reason.endswith("and delivered nothing: unallocated")


def test_each_currency_has_its_own_figure_and_rows(warehouse: Warehouse) -> None:
    explanation = explained(warehouse, "cost_per_attempt")

    assert {figure.currency for figure in explanation.figures} >= {"EUR"}
    assert {one.currency for one in explanation.rows} == {figure.currency for figure in explanation.figures}


def test_figures_in_the_middle_of_a_build_are_refused(warehouse: Warehouse) -> None:
    warehouse.connection.execute("begin")
    warehouse.connection.execute("delete from intermediate.int_kpi_orders where item_id = 'a'")

    with pytest.raises(CheckFailed, match=r"rows of on_time_rate sum up to \[0\.0, 4\.0"):
        explained(warehouse, "on_time_rate")

    warehouse.connection.execute("rollback")


def test_what_does_not_exist_is_told_with_what_does(warehouse: Warehouse) -> None:
    with pytest.raises(ConfigurationError, match="no KPI 'moon'; there are attempts_per_delivered_order, "):
        explained(warehouse, "moon")
    with pytest.raises(ConfigurationError, match="load_fill has no segment 'zone'; it has depot, "):
        explained(warehouse, "load_fill", "zone", "x")
    with pytest.raises(
        ConfigurationError, match="on_time_rate for vehicle moon; there are foreign, unknown, van"
    ):
        explained(warehouse, "on_time_rate", "vehicle", "moon")
    with pytest.raises(ConfigurationError, match=f"; service dates: 1 built, from {DAY} to {DAY}"):
        explain_figure(warehouse.connection, PROJECT, Question("on_time_rate", date(2031, 5, 1)))


def test_a_warehouse_is_opened_read_only_and_told_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="'doorstep build' makes it"):
        open_warehouse(tmp_path / "w.duckdb")
    duckdb.connect(str(tmp_path / "w.duckdb")).close()

    with open_warehouse(tmp_path / "w.duckdb") as warehouse, pytest.raises(duckdb.InvalidInputException):
        warehouse.execute("create table t (x int)")
