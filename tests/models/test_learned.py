"""Learned speeds and service times: what drives and stops took, by zone, hour and kind of stop.

depot 52.5 ── a 52.6 ── b 52.7 ── depot        a tenth of a degree is 11,119.5 m as the crow flies
09:00      09:20–09:30  10:10–10:15  11:00
"""

from datetime import date, timedelta
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from assets.published import published_models
from assets.publishing import publish
from pipelines.planning.learned import Learned, read_learned
from routing.errors import ConfigurationError
from routing.plan import Location, Shift, StopKind, Vehicle
from routing.problem import Problem
from routing.service import ServiceTimes
from routing.travel import StraightLine
from streams.events.base import Event
from streams.events.delivery import ScanKind
from streams.events.judgements import KnownBy, StopVisit
from tests.models.conftest import Build
from tests.models.events import DAY, at, depot, order, scan, shift, vehicle, visit
from tests.models.given import LEAST_SAMPLE, PROJECT, Warehouse

TENTH_M = 11119.508
BERLIN = ZoneInfo("Europe/Berlin")
BERLIN_H = 1
"""Berlin is an hour ahead of UTC in March."""


def home(time_zone: str = "UTC") -> Event:
    return replace(depot(time_zone=time_zone), lat_deg=52.5, lon_deg=13.4)


def stood(
    name: str, arrived: str, departed: str, known_by: KnownBy = KnownBy.GPS, day: str = DAY
) -> StopVisit:
    """A visit that has ended."""
    came = visit(arrived, f"stop-{name}", visit_id=f"visit-{name}")
    left_at = at(departed, day)
    return replace(
        came,
        arrived_at=at(arrived, day),
        departed_at=left_at,
        dwell_s=(left_at - at(arrived, day)).total_seconds(),
        known_by=known_by,
    )


def back(arrived: str) -> StopVisit:
    return visit(arrived, "north", visit_id="home", is_depot=True)


def tour(time_zone: str = "UTC") -> list[Event]:
    return [
        home(time_zone),
        vehicle(),
        shift(),
        scan(ScanKind.DEPARTED, "09:00", order_id=None),
        order("a", where=(52.6, 13.4)),
        order("b", where=(52.7, 13.4)),
        stood("a", "09:20", "09:30"),
        stood("b", "10:10", "10:15"),
        back("11:00"),
    ]


def speeds(warehouse: Warehouse, counted_by: str, columns: str) -> list[tuple[object, ...]]:
    return warehouse.rows(
        f"select {columns} from marts.learned_speeds where counted_by = '{counted_by}' order by all"
    )


def test_drives_run_from_where_a_stop_was_left_to_where_the_next_was_reached(given: Build) -> None:
    warehouse = given(*tour("Europe/Berlin"))

    drives = warehouse.rows(
        "select drive_id, duration_s, round(crow_m, 1), local_hour, zone is null, excluded_because "
        "from intermediate.int_drives order by arrived_at"
    )

    assert drives == [
        ("visit-a", 1200, round(TENTH_M, 1), 9 + BERLIN_H, False, None),
        ("visit-b", 2400, round(TENTH_M, 1), 9 + BERLIN_H, False, None),
        ("home", 2700, round(2 * TENTH_M, 1), 10 + BERLIN_H, False, None),
    ]
    paces = [TENTH_M / 1200, TENTH_M / 2400, 2 * TENTH_M / 2700]
    ((drove, middle, total_m, total_s, zone, is_enough),) = speeds(
        warehouse, "depot", "drives, median_crow_mps, crow_m, duration_s, time_zone, is_enough"
    )
    assert (drove, zone, is_enough) == (3, "Europe/Berlin", False)
    assert middle == pytest.approx(median(paces), rel=1e-6)
    assert (total_m, total_s) == (pytest.approx(4 * TENTH_M, abs=0.1), 6300)
    assert speeds(warehouse, "hour", "local_hour, drives") == [(10, 2), (11, 1)]
    # The way home teaches the zone that was left.
    assert speeds(warehouse, "zone", "drives") == [(1,), (2,)]
    assert warehouse.broken_tests() == []


def test_what_was_not_seen_or_cannot_be_a_drive_teaches_nothing_and_is_counted(given: Build) -> None:
    warehouse = given(
        home(),
        vehicle(),
        shift(ends="20:00"),
        scan(ScanKind.DEPARTED, "08:00", order_id=None),
        order("far", where=(52.6, 13.4)),
        order("door", where=(52.6005, 13.4)),
        order("guess", where=(52.7, 13.4)),
        order("after", where=(52.6, 13.4)),
        order("jump", where=(53.6, 13.4)),
        order("lunch", where=(53.5, 13.4)),
        order("nowhere", where=None),
        stood("far", "08:30", "08:40"),
        stood("door", "08:45", "08:50"),
        stood("guess", "09:10", "09:20", KnownBy.INFERRED),
        stood("after", "09:40", "09:50"),
        stood("jump", "10:00", "10:10"),
        stood("lunch", "13:00", "13:10"),
        stood("nowhere", "13:30", "13:40"),
    )

    reasons = warehouse.rows(
        "select drive_id, excluded_because from intermediate.int_drives order by arrived_at"
    )

    assert reasons == [
        ("visit-far", None),
        ("visit-door", "too short"),
        ("visit-guess", "arrival inferred"),
        ("visit-after", "arrival inferred"),
        ("visit-jump", "too fast"),
        ("visit-lunch", "too long"),
        ("visit-nowhere", "place or moment unknown"),
    ]
    assert speeds(warehouse, "depot", "drives") == [(1,)]


def test_a_median_is_of_ninety_dates_and_over_twenty_it_is_enough(given: Build) -> None:
    minutes = [4 + (n * 7) % 13 for n in range(LEAST_SAMPLE)]
    events: list[Event] = [home(), vehicle(), shift(starts="00:00", ends="23:59")]
    events.append(scan(ScanKind.DEPARTED, "00:00", order_id=None))
    clock = at("00:00")
    for number, minute in enumerate(minutes):
        arrived = clock + timedelta(minutes=minute)
        clock = arrived + timedelta(minutes=5)
        place = 52.51 if number % 2 == 0 else 52.5
        events.append(order(f"n{number}", where=(place, 13.4)))
        events.append(stood(f"n{number}", f"{arrived:%H:%M}", f"{clock:%H:%M}"))

    warehouse = given(*events)

    ((drives, middle, slow, is_enough),) = speeds(
        warehouse, "depot", "drives, median_crow_mps, p10_crow_mps, is_enough"
    )
    paces = sorted(TENTH_M / 10 / (60 * minute) for minute in minutes)
    assert (drives, is_enough) == (20, True)
    assert middle == pytest.approx(median(paces), rel=1e-5)
    assert slow == pytest.approx(paces[1] + 0.9 * (paces[2] - paces[1]), rel=1e-5)


def test_service_times_stand_by_kind_of_stop_and_parcels_and_nothing_is_capped(given: Build) -> None:
    old = str(date.fromisoformat(DAY) - timedelta(days=90))
    warehouse = given(
        home(),
        vehicle(),
        shift(),
        order("one"),
        order("two", packages=2),
        replace(order("fetch"), stop_kind=StopKind.PICK_UP),
        order("long"),
        order("open"),
        order("old"),
        *(
            scan(ScanKind.DELIVERED, f"09:0{n}", name)
            for n, name in enumerate(("one", "two", "fetch", "long"))
        ),
        scan(ScanKind.DELIVERED, "09:00", "old", day=old, shift_id=None),
        stood("one", "09:00", "09:02"),
        stood("two", "09:10", "09:14"),
        stood("fetch", "09:20", "09:30"),
        stood("long", "09:40", "12:40"),
        stood("old", "09:00", "09:50", day=old),
        visit("13:00", "stop-open", visit_id="open"),
        back("14:00"),
        first=old,
        last=DAY,
    )

    learned = warehouse.rows(
        "select stop_kind, parcels, visits, unknown, median_s, is_enough "
        "from marts.learned_service_times order by all"
    )

    assert learned == [
        ("deliver", "1", 2, 0, (120 + 10_800) / 2, False),
        ("deliver", "2+", 1, 0, 240, False),
        ("deliver", "all", 3, 1, 240, False),
        ("deliver", "unknown", 0, 1, None, False),
        ("pick_up", "1", 1, 0, 600, False),
        ("pick_up", "all", 1, 0, 600, False),
    ]
    ((p90,),) = warehouse.rows(
        "select p90_s from marts.learned_service_times where parcels = '1' and visits = 2"
    )
    assert p90 == pytest.approx(120 + 0.9 * (10_800 - 120))
    assert warehouse.broken_tests() == []


HOME = Location(52.5, 13.4)


def day_of_north(day: str) -> Problem:
    on_duty = Shift("s", Vehicle("van"), "ada", HOME, HOME, at("08:00", day), at("16:00", day))
    return Problem("north", date.fromisoformat(day), (on_duty,), (), StraightLine())


def test_a_plan_reads_what_was_learned_and_only_what_is_enough(given: Build, tmp_path: Path) -> None:
    """Twenty drives in zone and hour alike, at 5.56 m/s, to stops of two minutes with one parcel each."""
    events: list[Event] = [home("Europe/Berlin"), vehicle(), shift(starts="00:00", ends="23:59")]
    events.append(scan(ScanKind.DEPARTED, "08:00", order_id=None))
    for number in range(LEAST_SAMPLE):
        arrived = at("08:00") + timedelta(seconds=(number + 1) * 200 + number * 120)
        name, where = f"n{number}", 52.51 if number % 2 == 0 else 52.5
        left = arrived + timedelta(seconds=120)
        events += [order(name, where=(where, 13.4)), stood(name, f"{arrived:%H:%M:%S}", f"{left:%H:%M:%S}")]
        events.append(scan(ScanKind.DELIVERED, f"{left:%H:%M:%S}", name))
    warehouse = given(*events)
    link = tmp_path / "kpi.duckdb"
    publish(warehouse.whole().connection, published_models(PROJECT), link, "1")
    learned = read_learned(link, "north")

    # Ten drives lead north and ten south, in two hours: none of them has twenty of its own.
    assert list(learned.crow_mps) == [(None, None)]
    assert learned.words.endswith("20 drives and service times of 20 visits")
    assert learned.service(ServiceTimes(pick_up_s=77)) == ServiceTimes(deliver_s=120, pick_up_s=77)
    travel = learned.travel(day_of_north(DAY), StraightLine(detour=1.5))
    distance_m, duration_s = travel.leg(HOME, Location(52.6, 13.4), at("03:00"))
    assert distance_m == pytest.approx(1.5 * TENTH_M)
    assert duration_s == pytest.approx(2000)
    with pytest.raises(ConfigurationError, match="too few drives of depot south; it has enough of north"):
        read_learned(link, "south")


def test_local_hours_become_those_of_utc_on_the_day_that_is_planned() -> None:
    learned = Learned({(None, None): 6.0, (None, 9): 3.0, ("cell", 9): 2.0}, BERLIN, 40, {}, 20)

    speeds = learned.travel(day_of_north("2026-07-01"), StraightLine()).crow_mps

    assert speeds == {(None, None): 6.0, (None, 7): 3.0, ("cell", 7): 2.0}
