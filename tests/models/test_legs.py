"""Legs between fixes, and what became of every landed position."""

import pytest
from msgspec.structs import replace

from streams.dead_letters import Origin
from streams.events.delivery import ScanKind
from streams.events.judgements import VerdictKind
from streams.judge import DeadLetter, Record
from streams.topics import DEAD_LETTERS
from tests.models.conftest import Build
from tests.models.events import DAY, at, depot, fix, scan, shift, vehicle, verdict
from tests.models.given import Lake, Warehouse

LEGS = (
    "select vehicle_id, service_date::varchar, duration_s, round(distance_m), is_gap "
    "from intermediate.int_legs order by ended_at"
)
NIGHT = (
    fix("23:40", 52.50, day="2026-03-01"),
    fix("23:55", 52.51, day="2026-03-01"),
    fix("00:01", 52.52, day=DAY),
    fix("12:00", 52.53, day=DAY),
    fix("12:05", 52.54, day=DAY),
)


def test_a_leg_of_more_than_600_seconds_is_a_gap(given: Build) -> None:
    warehouse = given(fix("09:00:00", 52.5), fix("09:10:00", 52.6), fix("09:20:01", 52.7))

    assert warehouse.rows(LEGS) == [
        ("van", DAY, 600.0, 11120.0, False),
        ("van", DAY, 601.0, 11120.0, True),
    ]


def test_a_leg_over_midnight_belongs_to_the_day_of_its_end(given: Build) -> None:
    warehouse = given(*NIGHT, first="2026-03-01", last=DAY)

    assert [row[1] for row in warehouse.rows(LEGS)] == ["2026-03-01", DAY, DAY, DAY]


@pytest.mark.parametrize("order", [("2026-03-01", DAY), (DAY, "2026-03-01")])
def test_days_built_one_by_one_in_any_order_give_the_legs_of_their_range(
    lake: Lake, order: tuple[str, str]
) -> None:
    lake.land(*NIGHT)
    at_once = Warehouse(lake.root).build("2026-03-01", DAY)

    one_by_one = Warehouse(lake.root).build(order[0]).build(order[1])

    assert one_by_one.rows(LEGS) == at_once.rows(LEGS)


@pytest.mark.parametrize("order", [("2026-03-01", DAY), (DAY, "2026-03-01")])
def test_of_two_fixes_of_one_moment_the_first_received_counts_over_midnight_too(
    lake: Lake, order: tuple[str, str]
) -> None:
    again = (
        fix("23:55", 52.61, day="2026-03-01", received="23:58"),
        fix("00:01", 52.62, day=DAY, received="00:02"),
    )
    lake.land(*NIGHT, *again)
    at_once = Warehouse(lake.root).build("2026-03-01", DAY)

    one_by_one = Warehouse(lake.root).build(order[0]).build(order[1])

    assert one_by_one.rows(LEGS) == at_once.rows(LEGS)


def test_a_late_fix_repairs_the_legs_on_both_sides_of_midnight(lake: Lake) -> None:
    lake.land(*NIGHT)
    warehouse = Warehouse(lake.root).build("2026-03-01", DAY)
    lake.land(fix("23:59", 52.515, day="2026-03-01"))

    warehouse.build("2026-03-01")

    assert [row[2] for row in warehouse.rows(LEGS)] == [900.0, 240.0, 120.0, 43140.0, 300.0]


# told      09:00 .. 09:01:40 |  09:01:20  09:02    the clock was 40 s ahead, then was set
# corrected          09:01    |
def test_a_corrected_clock_begins_and_ends_legs_as_of_its_correction(lake: Lake) -> None:
    fixes = [
        fix("09:00", 52.5),
        fix("09:01:40", 52.6, received="09:01"),
        fix("09:01:40", 52.8),
        fix("09:01:20", 52.7),
    ]
    lake.land(*fixes)
    said = verdict(fixes[1], 1, VerdictKind.CLOCK_CORRECTED, "clock_ahead")
    lake.land(replace(said, corrected_at=at("09:01")))

    warehouse = Warehouse(lake.root).build(DAY)

    assert [row[2:4] for row in warehouse.rows(LEGS)] == [(60.0, 11120.0), (20.0, 11120.0), (20.0, 11120.0)]


def test_repeats_make_no_leg_and_flagged_fixes_do(lake: Lake) -> None:
    fixes = [fix("09:00", 52.5), fix("09:01", 52.6), fix("09:01", 53.0, received="09:02"), fix("09:03", 52.7)]
    lake.land(*fixes)
    lake.land(
        verdict(fixes[1], 1, VerdictKind.FLAGGED, "over_speed_limit"),
        verdict(fixes[2], 2, VerdictKind.REPEAT, "same_fix_time"),
    )

    warehouse = Warehouse(lake.root).build(DAY)

    assert [row[2:4] for row in warehouse.rows(LEGS)] == [(60.0, 11120.0), (120.0, 11120.0)]
    assert warehouse.rows("select rule, outcome, fixes from marts.fix_flags order by rule") == [
        ("over_speed_limit", "accepted", 1),
        ("same_fix_time", "repeat", 1),
    ]


def test_positions_on_null_island_drive_no_miles(lake: Lake) -> None:
    fixes = [fix("09:00", 52.5), fix("09:01", 0.0, 0.0), fix("09:02", 52.6)]
    lake.land(*fixes)
    lake.land(verdict(fixes[1], 1, VerdictKind.FLAGGED, "null_island"))

    warehouse = Warehouse(lake.root).build(DAY)

    assert [row[2:4] for row in warehouse.rows(LEGS)] == [(120.0, 11120.0)]


def test_every_landed_message_is_accounted_for_once(lake: Lake) -> None:
    accepted, repeated = fix("09:00"), fix("09:00", received="09:01")
    lake.land(accepted, repeated, accepted)
    lake.land(
        verdict(repeated, 1, VerdictKind.REPEAT, "same_fix_time"),
        verdict(accepted, 2, VerdictKind.DUPLICATE, "seen"),
    )
    letter = DeadLetter(
        Record("gps.fixes", 0, 3, 0, None, b"{"), 0, b"{", "not valid JSON: {", "not valid JSON"
    )
    lake.land_values(DEAD_LETTERS, [b"{"], at("10:00"), tuple(Origin.of(letter).to_headers()))

    warehouse = Warehouse(lake.root).build(DAY)

    assert warehouse.rows("select outcome, reason, messages from marts.fix_accounting order by 1") == [
        ("accepted", "", 1),
        ("duplicate", "", 1),
        ("rejected", "not valid JSON", 1),
        ("repeat", "", 1),
    ]


def test_a_letter_that_was_written_twice_counts_once(lake: Lake) -> None:
    letter = DeadLetter(Record("gps.fixes", 0, 3, 0, None, b"{"), 0, b"{", "not valid JSON")
    lake.land_values(DEAD_LETTERS, [b"{", b"{"], at("10:00"), tuple(Origin.of(letter).to_headers()))

    warehouse = Warehouse(lake.root).build(DAY)

    assert warehouse.rows("select outcome, messages from marts.fix_accounting") == [("rejected", 1)]


def test_other_bytes_at_the_same_place_are_another_letter(lake: Lake) -> None:
    letter = DeadLetter(Record("gps.fixes", 0, 3, 0, None, b"{"), 0, b"{", "not valid JSON")
    lake.land_values(DEAD_LETTERS, [b"{", b"["], at("10:00"), tuple(Origin.of(letter).to_headers()))

    warehouse = Warehouse(lake.root).build(DAY)

    assert warehouse.rows("select outcome, messages from marts.fix_accounting") == [("rejected", 2)]


def test_the_service_date_is_the_depots_local_date_before_its_cutover(given: Build) -> None:
    # 08:30 UTC is 02:30 in Chicago; the depot's day begins at 03:00.
    warehouse = given(
        depot(time_zone="America/Chicago", cutover_hour=3),
        vehicle(),
        fix("08:30"),
        fix("09:00"),
        first="2026-03-01",
        last=DAY,
    )

    assert warehouse.rows(
        "select service_date::varchar, local_hour from staging.stg_gps_fixes order by 1"
    ) == [
        ("2026-03-01", 2),
        (DAY, 3),
    ]


def test_a_vehicle_of_no_known_depot_goes_by_the_deployments_time_zone(given: Build) -> None:
    warehouse = given(fix("03:00"), first="2026-03-01", last=DAY, time_zone="America/Chicago")

    assert warehouse.rows("select service_date::varchar from staging.stg_gps_fixes") == [("2026-03-01",)]


def test_a_depot_in_a_zone_that_does_not_exist_goes_by_the_deployments(given: Build) -> None:
    warehouse = given(depot(time_zone="Mars/Phobos"), vehicle(), fix("03:00"))

    assert warehouse.rows("select service_date::varchar from staging.stg_gps_fixes") == [(DAY,)]


def test_a_landed_row_that_stands_in_two_files_is_staged_once(lake: Lake) -> None:
    twice = fix("09:00")
    lake.land(twice)
    lake.offsets["gps.fixes"] = 0
    lake.land(twice, fix("09:05"))

    warehouse = Warehouse(lake.root).build(DAY)

    assert warehouse.rows("select copies from staging.stg_gps_fixes order by fix_at") == [(2,), (1,)]
    assert warehouse.broken_tests() == []


def test_a_corrected_fix_on_the_first_date_that_is_kept_ends_its_leg(lake: Lake) -> None:
    behind = fix("23:00", 52.53, day="2026-03-01")
    lake.land(fix("22:00", day="2026-03-01"), fix("23:30", 52.51, day="2026-03-01"), behind, fix("12:00"))
    lake.land(replace(verdict(behind, 2, VerdictKind.CLOCK_CORRECTED, "clock"), corrected_at=at("11:00")))
    warehouse = Warehouse(lake.root).build("2026-03-01", DAY)
    assert warehouse.broken_tests() == []

    warehouse.connection.execute(f"delete from staging.stg_gps_fixes where service_date < '{DAY}'")

    assert warehouse.broken_tests() == []


def test_a_minute_after_midnight_is_seen_of_the_duty_that_began_before_it(given: Build) -> None:
    duty = replace(shift(starts="22:00"), ends_at=at("02:00", "2026-03-03"))
    seen = [fix(f"23:5{minute}", 52.5 + minute / 100) for minute in (8, 9)]
    seen += [fix(f"00:0{minute}", 52.6 + minute / 100, day="2026-03-03") for minute in (0, 1)]
    last_scan = scan(ScanKind.DELIVERED, "00:01", day="2026-03-03")

    warehouse = given(duty, *seen, last_scan, first=DAY, last="2026-03-03")

    minutes = (
        "select duty_minutes, observed_minutes from intermediate.int_route_minutes where route_id = 'shift'"
    )
    assert warehouse.rows(minutes) == [(4, 4)]
