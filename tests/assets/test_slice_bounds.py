"""What of a slice's figures warns, what blocks, and that somebody may take in what is true all the same."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from assets.great_checks import check_facts
from assets.ledger import Slice
from assets.raw import check_and_part
from assets.slice_checks import EXPECTED, LEAST_ABSURD_ROWS, Link
from assets.slice_facts import (
    Fact,
    Looked,
    depot_zones,
    kept_for,
    late_share,
    stale_share,
    unknown_share,
    volumes,
)
from streams.lake.manifest import LandedFile, read_manifest
from streams.topics import GPS_FIXES, VEHICLES
from tests.models.events import depot, fix, vehicle
from tests.models.given import Lake

MONDAY = date(2026, 3, 2)
ENOUGH, FEW = LEAST_ABSURD_ROWS, LEAST_ABSURD_ROWS - 1
LINK = Link("vehicle_id", VEHICLES.name)


TUESDAY = MONDAY + timedelta(days=1)


def of_day(number: int, day: date, rows: int, appended: str = "") -> LandedFile:
    """A file of one date, appended at that date's noon or in the hour ``appended`` (``2026-03-02 12``)."""
    landed_date, landed_hour = (appended or f"{day} 12").split()
    return LandedFile(
        topic="any",
        path=f"any/landed_date={landed_date}/landed_hour={landed_hour}/{number}.parquet",
        topic_id="A",
        partition=0,
        first_offset=number,
        last_offset=number,
        rows=rows,
        rejected=0,
        event_dates=((day, rows),),
        size_bytes=1,
    )


def monday(topic: str, rows: tuple[int, ...], usually: int) -> tuple[bool, bool]:
    """Whether the last file of a Monday after two usual ones warns, and whether it blocks."""
    (fact,) = told_of_monday(topic, rows, usually, of_day(99, TUESDAY, 1))
    return verdict_on(fact)


def told_of_monday(
    topic: str, rows: tuple[int, ...], usually: int, later: LandedFile, zones: tuple[str, ...] = ()
) -> list[Fact]:
    """What is told of the last file of a Monday once ``later`` has landed too."""
    files = [of_day(weeks, MONDAY - timedelta(weeks=weeks), usually) for weeks in (1, 2)]
    files += [of_day(number, MONDAY, count) for number, count in enumerate(rows, 3)]
    newest = Slice("any", (files[-1].path,), ("A",), rows[-1], 0)
    usual = EXPECTED[topic].as_usual.volume
    return volumes([*files, later], newest, usual, [ZoneInfo(zone) for zone in zones])


def verdict_on(fact: Fact) -> tuple[bool, bool]:
    return not fact.least <= fact.value <= fact.most, fact.is_absurd


@pytest.mark.parametrize(
    ("rows", "usually", "warns", "blocks"),
    [
        ((10 * ENOUGH + 1,), ENOUGH, True, True),
        ((10 * ENOUGH,), ENOUGH, True, False),
        ((10 * FEW + 1,), FEW, True, False),  # of a small fleet
        ((9 * ENOUGH, 2 * ENOUGH), ENOUGH, True, False),  # the last of many files can't help it
        ((ENOUGH,), ENOUGH, False, False),
    ],
)
@pytest.mark.parametrize("topic", EXPECTED)
def test_a_slice_of_over_ten_usual_days_blocks(
    topic: str, rows: tuple[int, ...], usually: int, warns: bool, blocks: bool
) -> None:
    assert monday(topic, rows, usually) == (warns, blocks)


@pytest.mark.parametrize(
    ("topic", "blocks"),
    [
        ("delivery.orders", True),
        ("delivery.scans", True),
        ("gps.fixes", False),
        ("vehicle.telemetry", False),
    ],
)
def test_a_day_of_under_a_tenth_blocks_where_its_figures_would_be_wrong(topic: str, blocks: bool) -> None:
    usually, tenth = 20 * ENOUGH, 2 * ENOUGH

    assert monday(topic, (tenth - 1,), usually) == (True, blocks)
    assert monday(topic, (tenth,), usually) == (True, False)
    assert monday(topic, (tenth - 2, 1), usually) == (True, False)  # a straggler brings no day's rows


@pytest.mark.parametrize(("rows", "blocks"), [(3, False), (FEW, False), (ENOUGH, True)])
def test_a_handful_of_devices_on_a_holiday_only_warns(rows: int, blocks: bool) -> None:
    assert monday("delivery.scans", (rows,), 20 * ENOUGH) == (True, blocks)


#  appended (UTC)   Mon 12 h          Tue 00 h             Tue 08 h
#  Berlin           Mon 13:00         Tue 01:00: over
#  Los Angeles      Mon 04:00         Mon 16:00            Tue 00:00: over
@pytest.mark.parametrize(
    ("dated", "appended", "zones", "is_over"),
    [
        (TUESDAY, "2026-03-02 12", (), False),  # a device whose clock is a day ahead
        (MONDAY, "2026-03-02 23", ("Pacific/Auckland",), False),
        (MONDAY, "2026-03-03 00", ("Europe/Berlin",), True),  # what comes late ends the day as well
        (TUESDAY, "2026-03-03 07", ("Europe/Berlin", "America/Los_Angeles"), False),
        (TUESDAY, "2026-03-03 08", ("Europe/Berlin", "America/Los_Angeles"), True),
    ],
)
def test_a_date_is_over_by_what_kafka_appended_and_not_by_what_events_are_dated(
    dated: date, appended: str, zones: tuple[str, ...], is_over: bool
) -> None:
    later = of_day(99, dated, 1, appended)

    told = told_of_monday("delivery.scans", (1500,), 20 * ENOUGH, later, zones)

    assert [fact.is_absurd for fact in told] == ([True] if is_over else [])


def test_the_zones_are_those_of_the_depots_that_landed(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    assert depot_zones(lake.root) == set()

    lake.land(depot(time_zone="America/Los_Angeles"), depot(time_zone="Europe/Berlin"))
    lake.land(depot(time_zone="Europe/Berlin"))

    assert depot_zones(lake.root) == {ZoneInfo("America/Los_Angeles"), ZoneInfo("Europe/Berlin")}


@pytest.mark.parametrize(
    ("unknown", "rows", "warns", "blocks"),
    [
        (ENOUGH // 2 + 1, ENOUGH, True, True),
        (ENOUGH // 2, ENOUGH, True, False),
        (FEW, FEW, True, False),
        (ENOUGH // 20, ENOUGH, False, False),
    ],
)
def test_a_slice_of_which_most_names_what_never_landed_blocks(
    unknown: int, rows: int, warns: bool, blocks: bool
) -> None:
    named = Counter({"nobody": unknown, "van": rows - unknown})
    usual = EXPECTED["gps.fixes"].as_usual.unknown

    (fact,) = unknown_share(LINK, Looked(rows, named={LINK.column: named}), lambda *_: ["nobody"], usual)

    assert verdict_on(fact) == (warns, blocks)


@pytest.mark.parametrize(
    ("stale", "rows", "warns", "blocks"),
    [
        (ENOUGH // 2 + 1, ENOUGH, True, True),
        (ENOUGH // 2, ENOUGH, True, False),
        (FEW, FEW, True, False),
        (ENOUGH // 20, ENOUGH, False, False),
    ],
)
def test_a_slice_that_came_later_than_it_is_kept_blocks(
    stale: int, rows: int, warns: bool, blocks: bool
) -> None:
    kept = kept_for("gps.fixes")
    assert kept is not None

    fact = stale_share(Looked(rows, stale=stale), kept, EXPECTED["gps.fixes"].as_usual.stale)

    assert verdict_on(fact) == (warns, blocks)


@pytest.mark.parametrize(("late", "warns"), [(26, True), (25, False)])
def test_however_many_rows_are_an_hour_late_they_only_warn(late: int, warns: bool) -> None:
    usual = EXPECTED["gps.fixes"].as_usual.late

    assert verdict_on(late_share(Looked(100, late=late), usual)) == (warns, False)
    assert verdict_on(late_share(Looked(ENOUGH, late=ENOUGH), usual)) == (True, False)


def test_one_absurd_figure_among_others_blocks() -> None:
    usual = Fact("late_share", "slice", 0.3, 0.0, 0.2, "late")
    absurd = Fact("stale_share", "slice", 0.6, 0.0, 0.2, "stale", is_absurd=True)

    assert not check_facts("any", ENOUGH, (usual,)).blocks
    assert check_facts("any", ENOUGH, (usual, absurd)).blocks


def strangers(tmp_path: Path) -> tuple[Path, Slice]:
    lake = Lake(tmp_path)
    lake.land(vehicle("another"))
    lake.land(*(fix(f"09:{n // 60:02}:{n % 60:02}") for n in range(ENOUGH)))
    (file,) = read_manifest(lake.root, GPS_FIXES.name)
    return lake.root, Slice(GPS_FIXES.name, (file.path,), (file.topic_id,), file.rows, 0)


def test_what_blocks_is_taken_in_once_somebody_accepts_it_and_is_told_all_the_same(tmp_path: Path) -> None:
    lake, found = strangers(tmp_path)

    waiting = check_and_part(lake, found, lambda _link, ids: ids)
    accepted = check_and_part(lake, found, lambda _link, ids: ids, is_accepted=True)

    assert (waiting.good.paths, any(one.blocks for one in waiting.outcomes)) == ((), True)
    assert (accepted.good, any(one.blocks for one in accepted.outcomes)) == (found, False)
    assert accepted.outcomes[-1].failures == waiting.outcomes[-1].failures


def test_what_is_broken_is_not_taken_in_whoever_accepts_it(tmp_path: Path) -> None:
    lake, found = strangers(tmp_path)
    (lake / found.paths[0]).unlink()

    accepted = check_and_part(lake, found, lambda _link, ids: ids, is_accepted=True)

    assert accepted.good.paths == ()
