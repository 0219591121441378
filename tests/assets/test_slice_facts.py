"""What is unusual about a slice, and how its checks are shown."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from assets.data_docs import KEPT_PAGES, keep_page
from assets.landed_ids import LandedIds
from assets.ledger import Slice
from assets.raw import check_slice
from assets.slice_checks import EXPECTED, Outcome, read_slice
from assets.slice_facts import Fact
from assets.slice_results import check_result
from streams.events.base import Event
from streams.events.delivery import ScanKind
from streams.events.judgements import VerdictKind
from streams.lake.manifest import read_manifest
from tests.models.events import fix, order, scan, telemetry, vehicle, verdict
from tests.models.given import Lake, Warehouse, topic_of

MONDAY = date(2026, 3, 2)
EVENING, MIDNIGHT = datetime(2026, 3, 2, 23, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)
KEY = dg.AssetKey(["raw", "gps_fixes"])


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def landed(lake: Lake, *events: Event, appended_at: datetime = EVENING) -> Slice:
    """The slice of the last file of the first event's topic."""
    lake.land(*events, appended_at=appended_at)
    topic = topic_of(events[0]).name
    file = read_manifest(lake.root, topic)[-1]
    return Slice(topic, (file.path,), (file.topic_id,), file.rows, 0)


def fixes_of(day: date, count: int) -> list[Event]:
    return [fix(f"09:{n // 60:02}:{n % 60:02}", day=f"{day}") for n in range(count)]


def unusual(lake: Lake, found: Slice) -> Outcome:
    """The last of the slice's outcomes, with a ledger that knows all files and has built none."""
    ids = LandedIds(Warehouse(lake.root).register().connection, lake.root)
    return check_slice(lake.root, found, ids.unknown)[-1]


@pytest.mark.parametrize(("rows", "is_usual"), [(10, True), (5, True), (4, False), (21, False)])
def test_a_day_is_held_to_the_same_weekday_of_the_weeks_before(lake: Lake, rows: int, is_usual: bool) -> None:
    # weekday  Mon  Mon  Mon ...      at Tuesday's first moment: Monday is over
    # rows      12   10    8
    for weeks, former in enumerate((8, 10, 12), start=1):
        lake.land(*fixes_of(MONDAY - timedelta(weeks=weeks), former))
        lake.land(*fixes_of(MONDAY - timedelta(weeks=weeks, days=1), 100))
    found = landed(lake, *fixes_of(MONDAY, rows), appended_at=MIDNIGHT)

    outcome = unusual(lake, found)

    told = () if is_usual else (f"{rows} rows of Monday 2026-03-02, usually 10 on that weekday",)
    assert outcome.failures == told


def test_a_day_under_way_and_a_weekday_seen_once_are_not_held_to_any(lake: Lake) -> None:
    for weeks in (1, 2):
        lake.land(*fixes_of(MONDAY - timedelta(weeks=weeks), 50))
    lake.land(*fixes_of(MONDAY - timedelta(days=1), 50))

    ahead = fixes_of(MONDAY + timedelta(days=1), 1)

    assert unusual(lake, landed(lake, *fixes_of(MONDAY, 1), *ahead)).has_passed
    assert unusual(lake, landed(lake, *fixes_of(MONDAY - timedelta(days=1), 1))).has_passed


def test_rows_that_came_hours_late_are_told(lake: Lake) -> None:
    on_time = fixes_of(MONDAY, 2)

    outcome = unusual(lake, landed(lake, *on_time, fix("08:00", received="12:00")))

    assert outcome.failures == ("1 of 3 rows were received over an hour after they happened",)
    assert not outcome.blocks


def test_vehicles_that_never_landed_are_told_once_any_has(lake: Lake) -> None:
    assert unusual(lake, landed(lake, fix("09:00"))).has_passed
    lake.land(vehicle("truck"))

    outcome = unusual(lake, landed(lake, fix("09:01"), fix("09:02", vehicle_id="truck")))

    assert outcome.failures == (
        "1 of 2 rows name a vehicle_id that reference.vehicles never brought, such as van",
    )


def test_scans_of_orders_that_never_landed_are_told(lake: Lake) -> None:
    lake.land(order("o1"))

    outcome = unusual(lake, landed(lake, scan(ScanKind.DELIVERED, "09:00", "o9")))

    assert outcome.failures == ("1 of 1 rows name a order_id that delivery.orders never brought, such as o9",)


def test_flags_are_counted_by_the_verdicts_on_the_slices_own_offsets(lake: Lake) -> None:
    lake.land(*fixes_of(MONDAY, 4))  # offsets 0 to 3
    found = landed(lake, fix("10:00"), fix("10:01"))  # offsets 4 and 5
    of_another = verdict(fix("09:00"), 0, VerdictKind.FLAGGED, "null_island")
    mine = verdict(fix("10:00"), 4, VerdictKind.FLAGGED, "over_speed_limit")
    corrected = verdict(fix("10:01"), 5, VerdictKind.CLOCK_CORRECTED, "clock_ahead")
    lake.land(of_another)
    lake.land(mine, corrected)

    outcome = unusual(lake, found)

    assert outcome.failures == ("1 of 2 rows were flagged; stream.verdicts says by which rule",)


def test_every_unusual_fact_is_told_however_many_there_are() -> None:
    """A backfill of a quarter has one for each date."""
    from assets.great_checks import check_facts

    few = [Fact("volume", f"day {day}", 0.1, 0.5, 2.0, f"few on day {day}") for day in range(90)]

    outcome = check_facts("gps.fixes", 900, (*few, Fact("late_share", "slice", 0.2, 0.0, 0.25, "late")))

    assert outcome.failures == tuple(fact.words for fact in few)
    assert len(outcome.broken) == 90


def test_a_verdict_file_that_cannot_be_read_is_its_own_checks_affair(lake: Lake) -> None:
    verdicts = landed(lake, verdict(fix("10:00"), 0, VerdictKind.FLAGGED, "null_island"))
    (lake.root / verdicts.paths[0]).write_bytes(b"")

    assert unusual(lake, landed(lake, fix("10:00"))).has_passed


def broken_outcome(lake: Lake) -> Outcome:
    """Telemetry of which every odometer is absurd."""
    from assets.great_checks import check_expectations

    events = [telemetry(f"09:{n:02}", odometer_m=1.0) for n in range(10)]
    frame = read_slice(lake.root, landed(lake, *events))
    frame["odometer_m"] = 6e9
    return check_expectations("vehicle.telemetry", EXPECTED["vehicle.telemetry"], frame)


def test_what_breaks_is_shown_as_figures_sample_rows_and_a_link(lake: Lake, tmp_path: Path) -> None:
    result = check_result(KEY, broken_outcome(lake), tmp_path / "docs", "http://docs.example", "run")

    (figures,) = result.metadata["what_breaks"].records  # type: ignore[union-attr]
    assert (figures.data["of"], figures.data["rows"], figures.data["percent"]) == ("odometer_m", 10, 100.0)
    samples = [record.data for record in result.metadata["sample_rows"].records]  # type: ignore[union-attr]
    assert [(one["partition"], one["offset"], one["value"]) for one in samples] == [
        ("0", f"{offset}", "6000000000.0") for offset in range(5)
    ]
    page = tmp_path / "docs" / "run-gps_fixes-meets_expectations.html"
    assert result.metadata["data_docs"].value == f"http://docs.example/{page.name}"
    assert "6000000000" in page.read_text()
    assert "default-src 'self'" in page.read_text()
    assert str(result.description).endswith("docs/operating.md says what to do when a check blocks")


def test_only_the_newest_pages_are_kept(tmp_path: Path) -> None:
    for number in range(KEPT_PAGES + 2):
        page = keep_page(tmp_path, f"{number}", "page")

    assert len(list(tmp_path.iterdir())) == KEPT_PAGES
    assert page.exists()


def test_the_moment_of_each_topic_is_a_column_of_its_contract(lake: Lake) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    events = (fix("09:00"), telemetry("09:00"), scan(ScanKind.LOADED, "09:00"), order(ordered=now))

    frames = {topic_of(one).name: read_slice(lake.root, landed(lake, one)) for one in events}

    assert frames.keys() == EXPECTED.keys()
    assert all(EXPECTED[topic].event_time in frame for topic, frame in frames.items())
