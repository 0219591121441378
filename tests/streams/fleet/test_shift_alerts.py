from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from routing.plan import Break
from streams.events.delivery import ScanKind
from streams.events.judgements import AlertKind, AlertPhase, FleetAlert
from tests.factories import at, place, route, shift, stop
from tests.streams.fleet.timeline import Timeline, later

RAISED, UPDATED, CLEARED = AlertPhase.RAISED, AlertPhase.UPDATED, AlertPhase.CLEARED


def told(line: Timeline, kind: AlertKind) -> list[FleetAlert]:
    return [alert for alert in line.alerts if alert.kind is kind]


def phases(line: Timeline, kind: AlertKind) -> list[AlertPhase]:
    return [alert.phase for alert in told(line, kind)]


def far() -> Timeline:
    """s1 is 20 km out, s2 30 km; the vehicle is at its depot until 08:00."""
    line = Timeline()
    line.route(stop("s1", 20_000, order_ids=("o1",)), stop("s2", 30_000, order_ids=("o2",)))
    line.park("07:58", 120)
    return line


# shift begins 08:00      08:15 raised    08:20 told again     08:22 departs
def test_a_vehicle_still_at_its_depot_after_a_quarter_of_an_hour_has_not_departed() -> None:
    line = far()
    line.park("08:00", 1300)

    line.drive(later("08:00", 1300), 0, 3000)

    raised, updated, cleared = told(line, AlertKind.NOT_DEPARTED)
    assert [raised.judged_at, updated.judged_at] == [at("08:15"), at("08:20")]
    assert len({alert.alert_id for alert in (raised, updated, cleared)}) == 1
    assert raised.evidence == (
        "the shift began at 08:00:00 UTC, 15.0 min ago, and the vehicle is 0 m from the depot; "
        "the limit is 15.0 min"
    )
    assert cleared.phase is CLEARED
    assert cleared.evidence.startswith("departed at 08:2")


def test_a_vehicle_never_heard_of_has_not_departed_either() -> None:
    line = Timeline()
    line.route(stop("s1", 20_000))

    line.tick("08:14")
    line.tick("08:15")

    (raised,) = told(line, AlertKind.NOT_DEPARTED)
    assert "no position of the vehicle is known" in raised.evidence


# a fix every quarter of an hour: 07:58 at the depot, 08:15 at 9 km, 08:30 at 18 km
def test_a_vehicle_seen_far_from_its_depot_has_departed_though_the_next_fix_has_to_say_so() -> None:
    line = Timeline()
    line.vehicle(reporting_interval_s=900.0)
    line.route(stop("s1", 60_000))
    line.fix("07:58", 0)
    line.fix("08:15", 9_000, speed_mps=10)
    line.tick("08:29")

    line.fix("08:30", 18_000, speed_mps=10)

    assert told(line, AlertKind.NOT_DEPARTED) == []


def test_one_fix_far_from_the_depot_with_none_to_follow_is_no_departure() -> None:
    line = far()
    line.fix("08:14:50", 9_000, speed_mps=10)

    for minutes in range(15, 25):
        line.tick(f"08:{minutes}")

    raised = told(line, AlertKind.NOT_DEPARTED)[0]
    assert raised.judged_at == at("08:20")
    assert "and the vehicle is 9.0 km from the depot, by its last fix at 08:14:50 UTC" in raised.evidence


# 08:00 .... at the other depot, where the shift ends ...... 08:15 raised
def test_a_vehicle_parked_where_its_shift_ends_has_not_departed() -> None:
    line = Timeline()
    line.route(planned=route(stop("s1", 20_000), shift=shift(end=place(9_000))))

    line.park("07:50", 1800, 9_000)

    assert told(line, AlertKind.NOT_DEPARTED)[0].judged_at == at("08:15")


def test_one_fix_far_from_the_depot_does_not_clear_what_is_raised() -> None:
    line = far()
    line.park("08:00", 930)

    line.fix("08:15:40", 400)
    line.park("08:15:50", 60)

    assert phases(line, AlertKind.NOT_DEPARTED) == [RAISED]


# 08:00 --> 5 km 08:08:20, stands there ......... 08:23:20 raised .... 08:30 drives on
def test_standing_at_no_stop_for_a_quarter_of_an_hour_is_told_until_it_drives_on() -> None:
    line = far()
    line.drive("08:00", 0, 5000)
    line.park("08:08:20", 1300, 5000)

    line.drive("08:30", 5000, 8000)

    raised, updated, cleared = told(line, AlertKind.STANDING)
    assert at("08:22:30") <= raised.judged_at <= at("08:24")
    assert raised.evidence == (
        "has stood for 15.0 min at no stop, 15.0 km from stop s1; whether the engine runs is not known; "
        "the limit is 15.0 min"
    )
    assert raised.stop_id == "s1"
    assert updated.judged_at - raised.judged_at == timedelta(minutes=5)
    assert (cleared.phase, cleared.alert_id) == (CLEARED, raised.alert_id)
    assert cleared.judged_at <= at("08:32")


@pytest.mark.parametrize(
    ("engine_rpm", "words"), [(800.0, "; the engine runs;"), (0.0, "; the engine does not run;")]
)
def test_standing_says_what_telemetry_knows_of_the_engine(engine_rpm: float, words: str) -> None:
    line = far()
    line.drive("08:00", 0, 5000)

    for minutes in range(9, 26):
        line.fix(f"08:{minutes:02}", 5000)
        line.telemetry(f"08:{minutes:02}:30", engine_rpm=engine_rpm, speed_mps=0.0)

    (raised,) = told(line, AlertKind.STANDING)
    assert words in raised.evidence
    assert phases(line, AlertKind.IDLING)[:1] == ([RAISED] if engine_rpm else [])


def test_that_it_drove_is_no_word_that_the_engine_is_off() -> None:
    line = far()
    line.drive("08:00", 0, 5000)

    for minutes in range(9, 26):
        line.fix(f"08:{minutes:02}", 5000 + minutes, speed_mps=2.0)

    (raised,) = told(line, AlertKind.STANDING)
    assert "; whether the engine runs is not known;" in raised.evidence


def test_serving_a_stop_for_long_is_not_idling_away_the_shift() -> None:
    line = far()
    line.drive("08:00", 0, 20_000)
    line.park("08:33:20", 1800, 20_000)

    line.drive("09:03:20", 20_000, 23_000)

    assert told(line, AlertKind.STANDING) == []


def back_at_a_stop_that_failed() -> tuple[Timeline, datetime]:
    """s1, 3 km out, failed at 08:07; the vehicle comes back to it, with s2 still to be done."""
    line = Timeline()
    line.route(stop("s1", 3000, order_ids=("o1",)), stop("s2", 20_000, order_ids=("o2",)))
    line.park("07:58", 120)
    line.drive("08:00", 0, 3000)
    line.park("08:05", 150, 3000)
    line.scan("08:07", ScanKind.FAILED, "o1")
    return line, line.drive(line.drive("08:07:30", 3000, 5000), 5000, 3000)


def test_being_back_at_a_stop_that_is_done_is_not_idling_away_the_shift() -> None:
    line, back_at = back_at_a_stop_that_failed()

    line.park(back_at, 1500, 3000)

    assert told(line, AlertKind.STANDING) == []


def test_being_back_at_a_stop_that_is_done_is_idle_after_twice_the_time() -> None:
    line, back_at = back_at_a_stop_that_failed()

    line.park(back_at, 2400, 3000)

    raised = told(line, AlertKind.STANDING)[0]
    assert 1750 <= (raised.judged_at - back_at).total_seconds() <= 1860


def test_standing_beside_a_stop_that_is_done_is_told_once_however_its_fixes_jump() -> None:
    line, back_at = back_at_a_stop_that_failed()

    for number in range(40):
        line.fix(later(back_at, 30 * number), 3085 + 10 * (number % 3 > 0))

    assert phases(line, AlertKind.STANDING) == [RAISED]


# break of 30 min due at 08:10 | stands from 08:08:20 | allowed until 08:53:20
def test_a_break_that_is_due_is_no_idleness() -> None:
    line = Timeline()
    on_break = replace(shift(), breaks=(Break(at("08:10"), 1800),))
    line.route(planned=route(stop("s1", 20_000), shift=on_break))
    line.park("07:58", 120)
    line.drive("08:00", 0, 5000)

    line.park("08:08:20", 2640, 5000)
    before = told(line, AlertKind.STANDING)
    line.park("08:53", 60, 5000)

    (raised,) = told(line, AlertKind.STANDING)
    assert before == []
    assert raised.evidence.endswith("the limit is 15.0 min beside a break of 30.0 min")


# the driver walks from the parked van, and scans
def test_scans_made_beside_a_parked_vehicle_are_work() -> None:
    line = far()
    line.drive("08:00", 0, 5000)
    line.park("08:08:20", 600, 5000)
    line.scan("08:18:20", ScanKind.DELIVERED, "o1", lat_deg=52.0, lon_deg=5.2)

    line.park("08:18:30", 700, 5000)

    assert told(line, AlertKind.STANDING) == []


def test_a_stray_fix_does_not_end_a_standing() -> None:
    line = far()
    line.drive("08:00", 0, 5000)
    line.park("08:08:20", 960, 5000)

    line.fix("08:24:30", 5160)
    line.park("08:24:40", 120, 5000)

    assert phases(line, AlertKind.STANDING) == [RAISED]


# 08:05 at 3 km ... no fix ... 08:21 at 15 km, and on: known to have stood for no time
def test_who_drove_on_unseen_has_not_stood() -> None:
    line = far()
    line.drive("08:00", 0, 3000)
    line.tick("08:13")

    line.drive("08:21", 12_000, 15_000)

    assert told(line, AlertKind.STANDING) == []


# 08:05 to 08:15 at 3 km, then a fix every 16 min, each elsewhere
def test_places_between_which_it_was_not_seen_are_no_standing() -> None:
    line = far()
    line.drive("08:00", 0, 3000)
    line.park("08:05", 600, 3000)

    for count in range(1, 5):
        line.fix(later("08:15", 960 * count), 3000 * (count + 1), speed_mps=10)
        line.fix(later("08:15", 960 * count + 70), 3000 * (count + 1) + 700, speed_mps=10)

    assert told(line, AlertKind.STANDING) == []


def test_standing_is_told_up_to_the_last_fix_there() -> None:
    line = far()
    line.drive("08:00", 0, 5000)
    line.park("08:08:20", 1000, 5000)

    line.fix("08:33:20", 11_000, speed_mps=10)

    updated = told(line, AlertKind.STANDING)[-1]
    assert (updated.phase, updated.judged_at) == (UPDATED, at("08:33:20"))
    assert updated.evidence.startswith("has stood for 16.")


# the leg is 20 km east | drives north instead:
# 5 km north: gone 5.0 + left 20.6 - 1.5 x 20 < 0        not yet
# 10 km north: gone 10.0 + left 22.4 - 30 = 2.4 km       off route, if it lasts for three minutes
def drive_north(line: Timeline, start: str, from_m: int, to_m: int) -> None:
    step_m = 200 if to_m > from_m else -200
    for count, north_m in enumerate(range(from_m, to_m, step_m)):
        line.fix(later(start, 20 * count), 0, north_m, speed_mps=10)


def test_a_vehicle_far_from_its_leg_is_off_route_until_it_comes_back() -> None:
    line = far()
    drive_north(line, "08:00", 0, 14_000)
    before = told(line, AlertKind.OFF_ROUTE)

    drive_north(line, "08:24", 14_000, 0)

    (raised, *_, cleared) = told(line, AlertKind.OFF_ROUTE)
    assert before[0] == raised
    assert (raised.phase, cleared.phase) == (RAISED, CLEARED)
    assert raised.alert_id == cleared.alert_id
    assert raised.stop_id == "s1"
    assert raised.evidence.endswith("more than 1.5 times that, for 3.0 min; the limit is 2.0 km for 3.0 min")
    assert "and the leg is 19" in raised.evidence or "and the leg is 20.0 km" in raised.evidence
    assert cleared.evidence.startswith("back on its way to stop s1 after")


def test_a_short_detour_is_not_off_route() -> None:
    line = far()

    drive_north(line, "08:00", 0, 5_000)

    assert told(line, AlertKind.OFF_ROUTE) == []


def test_another_next_stop_begins_another_leg() -> None:
    line = far()
    drive_north(line, "08:00", 0, 14_000)

    line.route(stop("s3", 0, 20_000), stop("s1", 20_000), revision=2, effective="08:24")
    drive_north(line, "08:24", 14_000, 18_000)

    assert phases(line, AlertKind.OFF_ROUTE)[-1] is CLEARED
    assert told(line, AlertKind.OFF_ROUTE)[-1].evidence == "the leg is over"


# s1 20 km   s2 30 km     s2 is scanned first, then s1
def test_a_stop_served_before_an_earlier_one_is_told_until_that_one_is_done() -> None:
    line = far()
    line.scan("08:30", ScanKind.DELIVERED, "o2")

    line.scan("08:50", ScanKind.DELIVERED, "o1")

    raised, cleared = told(line, AlertKind.OUT_OF_SEQUENCE)
    assert raised.evidence == (
        "stop s2, number 2 of the route, was served at 08:30:00 UTC while 1 stop before it is open, "
        "the first of them s1, number 1"
    )
    assert (raised.phase, raised.stop_id) == (RAISED, "s1")
    assert (cleared.phase, cleared.alert_id) == (CLEARED, raised.alert_id)


def test_neighbours_may_be_served_in_any_order() -> None:
    line = Timeline()
    line.route(stop("s1", 20_000, order_ids=("o1",)), stop("s2", 20_100, order_ids=("o2",)))

    line.scan("08:30", ScanKind.DELIVERED, "o2")

    assert told(line, AlertKind.OUT_OF_SEQUENCE) == []


def test_a_new_plan_knows_what_was_done_before_it() -> None:
    line = far()
    line.scan("08:30", ScanKind.DELIVERED, "o2")

    line.route(
        stop("s1", 20_000, order_ids=("o1",)),
        stop("s2", 30_000, order_ids=("o2",)),
        revision=2,
        effective="08:31",
    )
    line.tick("08:31")

    assert phases(line, AlertKind.OUT_OF_SEQUENCE) == [RAISED, CLEARED]


# last heard 08:10 at 6 km; s1 then expected by its P90, about 08:40    nothing more is heard
def test_a_stop_that_should_have_been_reached_without_any_news_is_overdue() -> None:
    line = far()
    line.drive("08:00", 0, 6000)
    for minutes in range(11, 60):
        line.tick(later("08:00", 60 * minutes))

    line.fix("09:00", 19_000, speed_mps=10)

    raised, *_, cleared = told(line, AlertKind.OVERDUE)
    assert raised.stop_id == "s1"
    assert at("08:46") <= raised.judged_at <= at("08:56")
    assert raised.evidence.startswith("stop s1 was expected by 08:")
    assert "and nothing has been heard since 08:09:50 UTC" in raised.evidence
    assert (cleared.phase, cleared.evidence) == (CLEARED, "heard at 09:00:00 UTC")
    assert phases(line, AlertKind.SILENT) == [RAISED, CLEARED]


def test_a_vehicle_that_is_heard_is_not_overdue() -> None:
    line = far()
    line.drive("08:00", 0, 6000)

    line.park("08:10", 3600, 6000)

    assert told(line, AlertKind.OVERDUE) == []


def test_what_is_open_is_cleared_when_the_shift_is_over() -> None:
    line = far()
    line.tick("08:16")

    line.route(stop("s9", 9_000), revision=2, planned=route(stop("s9", 9_000), shift=shift("A")))
    line.tick("20:01")

    last = told(line, AlertKind.NOT_DEPARTED)[-1]
    assert (last.phase, last.evidence) == (CLEARED, "the shift is long over")
