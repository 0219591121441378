"""What was published when, and what was corrected why."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from assets.history.reading import require_known
from assets.history.record import Recorded, record
from assets.history.tables import history_models
from assets.ledger import mark_built, open_ledger
from assets.models.project import DateRange
from assets.publishing import publish
from routing.errors import ConfigurationError
from streams.events.delivery import ScanKind
from tests.models.events import DAY, depot, fix, order, rate, scan, shift, tick, vehicle
from tests.models.given import PROJECT, Lake, Mould, Warehouse

NEXT_DAY = "2026-03-03"
TUESDAY, WEDNESDAY, THURSDAY = (datetime(2026, 3, day, 6, tzinfo=UTC) for day in (10, 11, 12))


@pytest.fixture(scope="module")
def mould(tmp_path_factory: pytest.TempPathFactory) -> Mould:
    """An order of each day, the first undelivered; both days are over, built, and published on Tuesday."""
    lake = Lake(tmp_path_factory.mktemp("mould") / "lake")
    lake.land(depot(), vehicle(), shift())
    lake.land(order("o1"), order("o2"), scan(ScanKind.DELIVERED, "09:00", "o2"), fix("09:00"), fix("09:10"))
    both_are_over = datetime(2026, 3, 4, 6, tzinfo=UTC)
    lake.land(scan(ScanKind.DELIVERED, "09:00", "o3", day=NEXT_DAY))
    lake.land(tick("06:00", day="2026-03-04"), appended_at=both_are_over)
    return Mould(lake, lambda warehouse: build_and_record(warehouse, "first", TUESDAY, DAY, NEXT_DAY))


@pytest.fixture
def lake(mould: Mould, tmp_path: Path) -> Lake:
    return mould.lake_in(tmp_path)


@pytest.fixture
def warehouse(mould: Mould, lake: Lake) -> Warehouse:
    return mould.warehouse_over(lake)


def build_and_record(
    warehouse: Warehouse, publication_id: str, published_at: datetime, first: str, last: str | None = None
) -> Recorded:
    """Builds the days, takes the publication down and says that they are built, as the assets do."""
    dates = DateRange(date.fromisoformat(first), date.fromisoformat(last or first))
    warehouse.build(first, last)
    found = record(warehouse.connection, publication_id, published_at, [dates], "UTC")
    mark_built(warehouse.connection, dates)
    return found


def corrections(warehouse: Warehouse, kpi_id: str, segment: str = "all") -> list[tuple[object, ...]]:
    return warehouse.rows(
        "select service_date::varchar, segment_value, old_numerator, new_numerator, old_denominator, "
        "new_denominator, reason from history.kpi_corrections "
        f"where kpi_id = '{kpi_id}' and segment = '{segment}' order by corrected_at, service_date"
    )


def test_a_late_scan_corrects_its_own_date_with_old_new_and_reason(lake: Lake, warehouse: Warehouse) -> None:
    late = scan(ScanKind.DELIVERED, "11:00", "o1")
    lake.land(late)

    found = build_and_record(warehouse, "second", WEDNESDAY, DAY)

    assert found.corrected_dates == (date.fromisoformat(DAY),)
    assert corrections(warehouse, "on_time_rate") == [
        (DAY, "all", 1, 2, 2, 2, "landed for this date: 1 event of delivery.scans")
    ]
    assert corrections(warehouse, "failed_delivery_rate", "vehicle")[0][:6] == (DAY, "van", 0, 0, 1, 2)
    assert warehouse.rows(
        "select publication_id, service_date::varchar, topic, partition, events, first_offset, last_offset, "
        "event_ids from history.kpi_correction_causes"
    ) == [("second", DAY, "delivery.scans", 0, 1, 2, 2, [str(late.event_id)])]
    assert warehouse.rows(
        "select distinct publication_id from history.kpi_versions "
        f"where service_date = '{NEXT_DAY}' and known_until_at is null"
    ) == [("first",)]


def test_any_moment_can_be_read_as_it_was_known(lake: Lake, warehouse: Warehouse, tmp_path: Path) -> None:
    lake.land(scan(ScanKind.DELIVERED, "11:00", "o1"))
    build_and_record(warehouse, "second", WEDNESDAY, DAY)
    models = (*(model for model in PROJECT.models if model.layer in ("marts", "seeds")), *history_models())

    target = publish(warehouse.connection, models, tmp_path / "kpi.duckdb", "second")

    numerator = (
        "select numerator from marts.kpi_as_known_at(?) "
        f"where kpi_id = 'on_time_rate' and segment = 'all' and service_date = '{DAY}'"
    )
    moments = (TUESDAY.replace(hour=5), TUESDAY, WEDNESDAY.replace(hour=5), WEDNESDAY, THURSDAY)
    with duckdb.connect(str(target), read_only=True) as reader:
        found = [reader.execute(numerator, [moment]).fetchall() for moment in moments]
        now = reader.execute("select count(*) from marts.kpi_as_known_at(?)", [THURSDAY]).fetchall()
        assert now == reader.execute("select count(*) from marts.kpi_daily").fetchall()
        uncommented = reader.execute(
            "select table_name, column_name from duckdb_columns() "
            "where schema_name = 'marts' and comment is null"
        ).fetchall()
    assert found == [[], [(1,)], [(1,)], [(2,)], [(2,)]]
    assert uncommented == []


def test_an_event_of_another_date_is_named_as_such(lake: Lake, warehouse: Warehouse) -> None:
    lake.land(scan(ScanKind.DELIVERED, "11:00", "o1", day=NEXT_DAY))

    build_and_record(warehouse, "second", WEDNESDAY, NEXT_DAY)

    ((day, *_, reason),) = corrections(warehouse, "on_time_rate_delivered_only")
    assert day == DAY
    assert reason == f"landed for other dates: 1 event of delivery.scans of {NEXT_DAY}"


def test_a_new_rate_is_a_reason_without_a_date(lake: Lake, warehouse: Warehouse) -> None:
    lake.land(rate(overhead_per_route=10))

    build_and_record(warehouse, "second", WEDNESDAY, NEXT_DAY)

    reasons = warehouse.rows(
        f"select distinct reason from history.kpi_corrections where service_date = '{DAY}'"
    )
    assert reasons == [("landed with no date: 1 event of reference.rates",)]


@dataclass
class Figures:
    """The published figures by hand: ``on_time_rate`` of one day by vehicle, and the history of them."""

    connection: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)

    def __post_init__(self) -> None:
        self.connection.execute("set TimeZone = 'UTC'; create schema staging; create schema marts;")
        self.connection.execute(
            "create table staging.stg_depots as select 'UTC' as time_zone, 0 as cutover_hour limit 0"
        )
        open_ledger(self.connection)

    def publish(
        self,
        publication_id: str,
        published_at: datetime,
        figures: dict[str, float],
        as_of: str = "2026-03-04 06:00:00+00",
        version: int = 1,
    ) -> Recorded:
        """Publish the numerators of these vehicles, ``all`` among them."""
        rows = ", ".join(f"('{vehicle}', {numerator})" for vehicle, numerator in figures.items())
        self.connection.execute(
            f"""
            create or replace table marts.kpi_daily as
            select
                'on_time_rate' as kpi_id, {version} as definition_version, date '{DAY}' as service_date,
                if(vehicle = 'all', 'all', 'vehicle') as segment, vehicle as segment_value,
                numerator::double as numerator, 2.0::double as denominator, 0::bigint as excluded,
                0::bigint as unknown, numerator / 2 as value, null::double as median, null::double as p90,
                'share' as unit, null::varchar as currency, timestamptz '{as_of}' as as_of
            from (values {rows}) as figures (vehicle, numerator)
            """
        )
        return record(self.connection, publication_id, published_at, [], "UTC")

    def log(self) -> list[tuple[object, ...]]:
        return self.connection.execute(
            "select segment_value, old_numerator, new_numerator, was_day_over, reason "
            "from history.kpi_corrections order by corrected_at, segment_value"
        ).fetchall()

    def versions(self) -> list[tuple[object, ...]]:
        return self.connection.execute(
            "select segment_value, numerator, publication_id, known_until_at is null "
            "from history.kpi_versions order by known_from_at, segment_value"
        ).fetchall()


NOTHING_LANDED = "nothing has landed: models, seeds or settings changed"


def test_the_same_figures_again_are_no_correction() -> None:
    figures = Figures()
    figures.publish("first", TUESDAY, {"all": 1, "van": 1})

    found = figures.publish("second", WEDNESDAY, {"all": 1, "van": 1 + 1e-6})

    assert found == Recorded(0, 0, 0, ())
    assert figures.versions() == [("all", 1, "first", True), ("van", 1, "first", True)]


def test_a_figure_that_is_withdrawn_or_added_is_logged_with_none_on_its_other_side() -> None:
    figures = Figures()
    figures.publish("first", TUESDAY, {"all": 1, "van": 1})

    figures.publish("second", WEDNESDAY, {"all": 1, "bus": 1})

    assert figures.log() == [("bus", None, 1, True, NOTHING_LANDED), ("van", 1, None, True, NOTHING_LANDED)]
    assert figures.versions() == [
        ("all", 1, "first", True),
        ("van", 1, "first", False),
        ("bus", 1, "second", True),
    ]


def test_a_day_under_way_keeps_replaced_figures_of_all_alone() -> None:
    figures = Figures()
    figures.publish("first", TUESDAY, {"all": 1, "van": 1}, as_of="2026-03-02 18:00:00+00")

    figures.publish("second", WEDNESDAY, {"all": 2, "van": 2, "bus": 1}, as_of="2026-03-02 19:00:00+00")

    became = "as of 2026-03-02 18:00:00 became 2026-03-02 19:00:00 UTC"
    assert figures.log() == [("all", 1, 2, False, became)]
    assert figures.versions() == [
        ("all", 1, "first", False),
        ("all", 2, "second", True),
        ("bus", 1, "second", True),
        ("van", 2, "second", True),
    ]


def test_a_segment_of_which_a_running_days_figures_were_dropped_is_not_told_as_known(tmp_path: Path) -> None:
    figures = Figures()
    figures.publish("noon", TUESDAY, {"all": 2, "van": 2, "bus": 0}, as_of="2026-03-02 12:00:00+00")
    figures.publish("evening", WEDNESDAY, {"all": 2, "van": 1, "bus": 1}, as_of="2026-03-02 18:00:00+00")
    target = publish(figures.connection, history_models(), tmp_path / "kpi.duckdb", "evening")
    dates = date.fromisoformat(DAY), None

    with duckdb.connect(str(target), read_only=True) as reader:
        with pytest.raises(ConfigurationError, match=f"{DAY} was still under way at 2026-03-10"):
            require_known(reader, target, TUESDAY, ("vehicle",), dates)
        require_known(reader, target, TUESDAY, ("all",), dates)
        require_known(reader, target, TUESDAY, ("depot",), dates)
        require_known(reader, target, WEDNESDAY, ("vehicle",), dates)


def test_a_day_is_over_where_the_last_depots_day_is() -> None:
    figures = Figures()
    figures.connection.execute("insert into staging.stg_depots values ('UTC', 0), ('America/Los_Angeles', 4)")

    figures.publish("first", TUESDAY, {"all": 1}, as_of="2026-03-03 11:59:59+00")
    figures.publish("second", WEDNESDAY, {"all": 2}, as_of="2026-03-03 12:00:00+00")

    found = figures.connection.execute(
        "select publication_id, is_day_over from history.kpi_versions order by known_from_at"
    ).fetchall()
    assert found == [("first", False), ("second", True)]


def test_a_figure_that_stood_still_when_its_day_ended_is_corrected_by_what_is_late() -> None:
    figures = Figures()
    figures.publish("evening", TUESDAY, {"all": 1, "van": 1}, as_of="2026-03-02 18:00:00+00")
    figures.publish("morning", WEDNESDAY, {"all": 1, "van": 1}, as_of="2026-03-03 06:00:00+00")

    found = figures.publish("late", THURSDAY, {"all": 2, "van": 2}, as_of="2026-03-09 06:00:00+00")

    assert found == Recorded(0, 2, 2, (date.fromisoformat(DAY),))
    became = "as of 2026-03-02 18:00:00 became 2026-03-09 06:00:00 UTC"
    assert figures.log() == [("all", 1, 2, True, became), ("van", 1, 2, True, became)]
    assert figures.versions() == [
        ("all", 1, "evening", False),
        ("van", 1, "evening", False),
        ("all", 2, "late", True),
        ("van", 2, "late", True),
    ]


def test_another_definition_is_a_correction_although_the_figure_is_the_same() -> None:
    figures = Figures()
    figures.publish("first", TUESDAY, {"all": 1})

    figures.publish("second", WEDNESDAY, {"all": 1}, version=2)

    assert figures.log() == [("all", 1, 1, True, "definition version 1 became 2")]


def test_a_clock_that_was_set_back_makes_no_two_versions_known_at_once() -> None:
    figures = Figures()
    figures.publish("first", WEDNESDAY, {"all": 1})

    figures.publish("second", TUESDAY, {"all": 2})

    spans = "select known_from_at, known_until_at from history.kpi_versions order by known_from_at"
    (first, second) = figures.connection.execute(spans).fetchall()
    assert first[0] < first[1] == second[0]


def test_a_publication_that_fails_leaves_no_trace() -> None:
    figures = Figures()
    figures.publish("first", TUESDAY, {"all": 1})
    figures.connection.execute("update marts.kpi_daily set numerator = 2")
    figures.connection.execute("drop table staging.stg_depots")

    with pytest.raises(duckdb.Error):
        record(figures.connection, "second", WEDNESDAY, [], "UTC")

    assert figures.versions() == [("all", 1, "first", True)]
