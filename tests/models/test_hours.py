"""Of a date that was built, new fixes are built by their hours: the rows are those of one build of all.

09:00 ──── 10:00 ──── 11:00 ──── 12:00 ──── 13:00      what lands late or again, and verdicts
fixes of two vans every few minutes                  may touch any hour
"""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace

from assets.hours import due_hours
from assets.ledger import mark_passed, unpassed
from assets.models.project import ALL_HOURS, NO_HOURS, DateRange
from streams.events.base import Event
from streams.events.delivery import ScanKind
from streams.events.judgements import VerdictKind
from streams.events.telematics import GpsFix
from tests.models.events import DAY, at, depot, fix, fresh_id, scan, shift, telemetry, vehicle, verdict
from tests.models.given import Lake, Warehouse

MODELS = (
    "assumptions",
    "stg_verdicts",
    "stg_depots",
    "stg_vehicles",
    "stg_shifts",
    "stg_telemetry",
    "stg_gps_fixes",
    "int_service_dates",
    "int_legs",
)
FIXES = "select * from staging.stg_gps_fixes order by event_id"
LEGS = "select * from intermediate.int_legs order by leg_id"
TOMORROW = "2026-03-03"
TODAY = DateRange(date.fromisoformat(DAY), date.fromisoformat(DAY))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "lake")
    lake.land(depot(), vehicle("van"), vehicle("bus"), shift(starts="10:00", ends="11:00"))
    return lake


def due(warehouse: Warehouse) -> tuple[str, str]:
    """From when to when what landed is due, once it has passed its checks."""
    warehouse.register()
    for topic in ("gps.fixes", "delivery.scans", "stream.verdicts", "vehicle.telemetry", "reference.shifts"):
        mark_passed(warehouse.connection, unpassed(warehouse.connection, topic))
    hours = due_hours(warehouse.connection, TODAY)
    return hours.first_at[11:16], hours.last_at[11:16]


def day_of_two(random: Random) -> list[GpsFix]:
    """Fixes at times that repeat, so that some moments have two."""
    moments = [at("09:00") + timedelta(minutes=5 * random.randrange(48)) for _ in range(40)]
    return [
        replace(
            fix("09:00", 52.5 + number / 100, vehicle_id=random.choice(("van", "bus"))),
            fix_at=moment,
            received_at=moment + timedelta(seconds=random.randrange(90)),
        )
        for number, moment in enumerate(moments)
    ]


@pytest.mark.parametrize("seed", range(6))
def test_hours_built_as_they_come_are_those_of_one_build(lake: Lake, seed: int) -> None:
    random = Random(seed)
    fixes, warehouse = day_of_two(random), Warehouse(lake.root)
    landed: list[GpsFix] = []
    for first in range(0, 40, 8):
        again = random.sample(fixes[:first], min(first, 2))
        moved = [replace(one, fix_at=one.fix_at + timedelta(hours=1)) for one in again[:1] if seed % 2]
        batch = [*fixes[first : first + 8], *again, *moved]
        landed += batch
        lake.land(*batch)
        lake.land(
            *(
                verdict(landed[place], place, VerdictKind.REPEAT, "same_fix_time")
                for place in random.sample(range(len(landed)), 2)
            ),
            scan(ScanKind.DEPARTED, f"{9 + random.randrange(4):02}:30", order_id=None),
            telemetry("09:30", odometer_m=float(len(landed))),
        )
        warehouse.build_what_is_due(MODELS)

    at_once = Warehouse(lake.root)
    at_once.build_what_is_due(MODELS)
    assert warehouse.rows(FIXES) == at_once.rows(FIXES)
    assert warehouse.rows(LEGS) == at_once.rows(LEGS)


def test_new_fixes_make_their_quarters_of_an_hour_due_and_no_others(lake: Lake) -> None:
    lake.land(fix("09:00"), fix("10:00"), fix("11:00"))
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due(MODELS)

    lake.land(fix("10:20"))

    assert due(warehouse) == ("10:15", "10:30")


def test_a_verdict_makes_the_fix_that_it_speaks_of_due(lake: Lake) -> None:
    fixes = [fix("09:00"), fix("10:00"), fix("11:00")]
    lake.land(*fixes)
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due(MODELS)

    lake.land(verdict(fixes[1], 1, VerdictKind.REPEAT, "same_fix_time"))

    assert due(warehouse) == ("10:00", "10:00")


# an hour ends between what the clock said, 10:00:20, and what it is corrected to, 09:59:50
def test_a_leg_of_a_corrected_clock_goes_with_the_hour_of_what_the_clock_said(lake: Lake) -> None:
    fixes = [fix("09:50"), fix("10:00:20", received="09:59:50"), fix("10:10")]
    lake.land(*fixes)
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due(MODELS)

    said = verdict(fixes[1], 1, VerdictKind.CLOCK_CORRECTED, "clock_ahead")
    lake.land(replace(said, corrected_at=at("09:59:50")))
    warehouse.build_what_is_due(MODELS)

    durations = "select duration_s from intermediate.int_legs order by ended_at"
    assert warehouse.rows(durations) == [(590.0,), (610.0,)]


def test_a_scan_shows_that_the_fixes_after_it_were_on_duty(lake: Lake) -> None:
    lake.land(fix("20:00"), fix("20:20"))
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due(MODELS)
    outcomes = "select outcome from staging.stg_gps_fixes order by fix_at"
    before = warehouse.rows(outcomes)

    lake.land(scan(ScanKind.DEPARTED, "19:50", order_id=None))
    warehouse.build_what_is_due(MODELS)

    assert before == [("off_duty",), ("off_duty",)]
    assert warehouse.rows(outcomes) == [("accepted",), ("accepted",)]


def test_a_leg_goes_with_the_fix_that_began_or_ended_it(lake: Lake) -> None:
    fixes = [fix("10:00"), fix("10:20"), fix("10:40")]
    lake.land(*fixes)
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due(MODELS)

    lake.land(verdict(fixes[0], 0, VerdictKind.REPEAT, "same_fix_time"))
    warehouse.build_what_is_due(MODELS)
    lake.land(verdict(fixes[2], 2, VerdictKind.REPEAT, "same_fix_time"))
    warehouse.build_what_is_due(MODELS)

    assert warehouse.rows(LEGS) == []


def test_what_is_made_of_no_fix_makes_none_due(lake: Lake) -> None:
    lake.land(fix("09:00"), fix("10:00"))
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due(MODELS)

    lake.land(telemetry("09:30", odometer_m=1.0))

    warehouse.register()
    mark_passed(warehouse.connection, unpassed(warehouse.connection, "vehicle.telemetry"))
    assert due_hours(warehouse.connection, TODAY) == NO_HOURS


def test_another_shift_and_a_copy_of_another_moment_make_the_whole_date_due(lake: Lake) -> None:
    once = fix("09:00")
    lake.land(once, fix("10:00"))
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due(MODELS)

    lake.land(replace(once, fix_at=at("12:00")))

    assert due(warehouse) == ("", "")
    warehouse.build_what_is_due(MODELS)
    lake.land(replace(shift("other", starts="08:00", ends="12:00"), event_id=fresh_id()))
    warehouse.register()
    mark_passed(warehouse.connection, unpassed(warehouse.connection, "reference.shifts"))
    assert due_hours(warehouse.connection, TODAY) == ALL_HOURS


@pytest.mark.parametrize("make", [fix, telemetry])
def test_a_copy_of_another_service_date_makes_both_due(lake: Lake, make: Callable[..., Event]) -> None:
    staged = make("09:00", day=TOMORROW)
    lake.land(staged)
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due(MODELS)

    lake.land(replace(make("23:00"), event_id=staged.event_id))

    assert warehouse.build_what_is_due(MODELS) == f"{DAY} to {TOMORROW}"


def test_a_copy_that_lies_in_another_hour_stays_a_copy_when_an_hour_is_built(lake: Lake) -> None:
    once = fix("09:00", vehicle_id="bus")
    lake.land(once)
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due(MODELS)
    lake.land(replace(once, fix_at=at("12:00")))
    warehouse.build_what_is_due(MODELS)

    lake.land(fix("12:05", vehicle_id="bus"))
    warehouse.build_what_is_due(MODELS)
    lake.land(fix("09:05", vehicle_id="bus"))
    warehouse.build_what_is_due(MODELS)

    seen = "select strftime(fix_at, '%H:%M'), copies from staging.stg_gps_fixes order by fix_at"
    assert warehouse.rows(seen) == [("09:00", 2), ("09:05", 1), ("12:05", 1)]


def test_copies_that_came_together_stay_copies_when_an_hour_is_built(lake: Lake) -> None:
    once = fix("09:00", vehicle_id="bus")
    lake.land(once, replace(once, fix_at=at("12:00")))
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due(MODELS)

    lake.land(fix("12:05", vehicle_id="bus"))
    warehouse.build_what_is_due(MODELS)

    seen = "select strftime(fix_at, '%H:%M'), copies from staging.stg_gps_fixes order by fix_at"
    assert warehouse.rows(seen) == [("09:00", 2), ("12:05", 1)]


def test_a_scan_before_midnight_makes_the_next_service_date_due_where_its_fixes_were_off_duty(
    lake: Lake,
) -> None:
    lake.land(fix("23:50"), fix("00:30", day=TOMORROW), fix("03:00", day=TOMORROW))
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due(MODELS)

    lake.land(scan(ScanKind.DEPARTED, "23:40", order_id=None))
    built = warehouse.build_what_is_due(MODELS)

    assert built == "2026-03-02 to 2026-03-03"
    outcomes = warehouse.rows("select outcome from staging.stg_gps_fixes order by fix_at")
    assert outcomes == [("accepted",), ("accepted",), ("off_duty",)]


def test_a_scan_makes_no_date_due_in_which_nothing_changes(lake: Lake) -> None:
    lake.land(fix("23:50"), fix("00:30", day=TOMORROW, vehicle_id="bus"), fix("03:00", day=TOMORROW))
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due(MODELS)

    lake.land(scan(ScanKind.DEPARTED, "23:40", order_id=None))

    assert warehouse.build_what_is_due(MODELS) == DAY


def test_a_scan_shows_that_a_fix_of_a_device_that_goes_ahead_was_on_duty(lake: Lake) -> None:
    ahead = fix("08:00", day=TOMORROW)
    corrected = verdict(ahead, 0, VerdictKind.CLOCK_CORRECTED, "device_clock_ahead")
    lake.land(ahead, replace(corrected, corrected_at=at("20:00")))
    warehouse = Warehouse(lake.root)
    warehouse.build(DAY, TOMORROW, MODELS)
    warehouse.connection.execute("update meta.landed_dates set is_built = true")
    outcomes = "select service_date::varchar, outcome from staging.stg_gps_fixes"
    before = warehouse.rows(outcomes)

    lake.land(scan(ScanKind.DEPARTED, "19:50", order_id=None))
    warehouse.build_what_is_due(MODELS)

    assert before == [(DAY, "off_duty")]
    assert warehouse.rows(outcomes) == [(DAY, "accepted")]
