"""Positions outside of duty never leave the lake: they are counted, and nothing else is made of them."""

from msgspec.structs import replace

from streams.events.delivery import ScanKind
from streams.events.judgements import VerdictKind
from tests.models.conftest import Build
from tests.models.events import at, depot, fix, scan, shift, vehicle, verdict
from tests.models.given import Lake, Warehouse

POSITIONS = """
select strftime(fix_at, '%H:%M') as seen, lat_deg, zone is null, outcome
from staging.stg_gps_fixes order by fix_at
"""


def test_a_position_outside_of_the_shifts_is_counted_and_its_place_stays_raw(given: Build) -> None:
    #         08:00 shift 16:00       18:00   20:00   21:00   22:00 shift 23:00
    #  fixes       12:00  (two hours)   .       x       .  21:15 (an hour)
    shifts = shift(), shift("night", starts="22:00", ends="23:00")

    built = given(depot(), vehicle(), *shifts, fix("12:00"), fix("17:45"), fix("20:00"), fix("21:15"))

    assert built.rows(POSITIONS) == [
        ("12:00", 52.5, False, "accepted"),
        ("17:45", 52.5, False, "accepted"),
        ("20:00", None, True, "off_duty"),
        ("21:15", 52.5, False, "accepted"),
    ]
    assert built.rows("select strftime(ended_at, '%H:%M') from intermediate.int_legs order by 1") == [
        ("17:45",),
        ("21:15",),
    ]
    counted = "select outcome, messages from marts.fix_accounting order by 1"
    assert built.rows(counted) == [("accepted", 3), ("off_duty", 1)]
    assert built.broken_tests() == []


def test_a_scan_after_the_shift_keeps_the_vehicle_on_duty_for_two_hours(given: Build) -> None:
    late = scan(ScanKind.DELIVERED, "19:00")

    built = given(shift(), late, fix("20:45"), fix("22:00"))

    assert [row[3] for row in built.rows(POSITIONS)] == ["accepted", "off_duty"]


def test_of_a_vehicle_without_any_shift_nobody_can_tell(given: Build) -> None:
    built = given(shift(vehicle_id="other"), fix("03:00"))

    assert [row[3] for row in built.rows(POSITIONS)] == ["accepted"]


def test_before_its_first_shift_nobody_can_tell_either_and_from_then_on_days_without_one_are_off_duty(
    given: Build,
) -> None:
    before, after = "2026-03-01", "2026-03-03"

    built = given(shift(), fix("12", day=before), fix("12:00", day=after), first=before, last=after)

    assert [row[3] for row in built.rows(POSITIONS)] == ["accepted", "off_duty"]


def test_a_shift_that_is_told_late_makes_the_days_of_its_vehicle_due_again(lake: Lake) -> None:
    lake.land(fix("12:00"), fix("12", vehicle_id="other"), fix("12:00", day="2026-03-03", vehicle_id="other"))
    built = Warehouse(lake.root).build("2026-03-02", "2026-03-03")
    built.connection.execute("update meta.landed_dates set is_built = true")

    lake.land(shift(), appended_at=at("10", "2026-03-04"))
    built.build("2026-03-02")

    due = built.rows("select service_date::varchar from meta.landed_dates where not is_built")
    assert due == [("2026-03-02",)]


def test_duty_is_judged_by_the_corrected_clock(given: Build) -> None:
    #  08:00 shift 12:00        20:00 says the device, which is 11 hours ahead
    #     09:00 in truth
    ahead, behind = fix("20:00"), fix("09:30")
    verdicts = (
        replace(verdict(one, place, VerdictKind.CLOCK_CORRECTED, "device_clock"), corrected_at=at(moment))
        for place, (one, moment) in enumerate(((ahead, "09:00"), (behind, "20:30")))
    )

    built = given(shift(ends="12:00"), ahead, behind, *verdicts)

    assert built.rows(POSITIONS) == [
        ("09:30", None, True, "off_duty"),
        ("20:00", 52.5, False, "accepted"),
    ]
