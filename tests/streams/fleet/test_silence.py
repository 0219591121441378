from datetime import datetime

from streams.events.delivery import ScanKind
from streams.events.judgements import AlertKind, AlertPhase, KnownBy, StopVisit
from streams.topics import DEVICES
from tests.factories import at, stop
from tests.streams.fleet.timeline import Timeline, later


def driving() -> Timeline:
    """Off the depot at 08:00, last heard at 08:01:30."""
    line = Timeline()
    line.route(stop("s1", 30_000))
    line.park("07:58", 120)
    line.drive("08:00", 0, 1000)
    return line


# heard    ......| 08:01:30
# ticks              06:30        06:31
#                    5 min, fine  silent
def test_a_vehicle_on_its_round_that_says_nothing_for_five_minutes_is_silent() -> None:
    line = driving()

    line.tick("08:06:30")
    before = len(line.alerts)
    line.tick("08:06:31")
    line.tick("08:07")

    assert before == 0
    (alert,) = line.alerts
    assert (alert.kind, alert.phase, alert.judged_at) == (AlertKind.SILENT, AlertPhase.RAISED, at("08:06:31"))
    assert "last heard at 08:01:30 UTC" in alert.evidence


def test_being_heard_again_clears_the_alert_and_tells_the_gap() -> None:
    line = driving()
    line.tick("08:10")

    line.telemetry("08:11:30")

    raised, cleared = line.alerts
    assert (cleared.phase, cleared.alert_id) == (AlertPhase.CLEARED, raised.alert_id)
    assert cleared.evidence == "heard again at 08:11:30 UTC, after 10.0 min"


# a tracker whose clock is hours ahead: kept, not judged, but heard
def test_a_vehicle_whose_fixes_lie_in_the_future_is_not_silent() -> None:
    line = driving()

    for minute in range(2, 12):
        line.fix(f"11:{minute:02}", 2000, received_at=later("08:00", 60 * minute))
        line.tick(later("08:00", 60 * minute))

    assert line.alerts_of(AlertKind.SILENT) == []


def test_a_silence_ends_with_a_fix_that_is_not_judged() -> None:
    line = driving()
    line.tick("08:10")

    line.fix("11:00", 2000, received_at=at("08:11:30"))

    assert [alert.phase for alert in line.alerts_of(AlertKind.SILENT)] == [
        AlertPhase.RAISED,
        AlertPhase.CLEARED,
    ]


# fix_at       08:02 08:03 08:04 ...          buffered without signal
# received_at                         08:10   all at once
def test_a_buffered_batch_ends_the_silence_though_its_fixes_are_old() -> None:
    line = driving()
    line.tick("08:09")

    line.send_fixes(
        *(
            line.make_fix(f"08:0{minute}", 1000 + 600 * minute, speed_mps=10.0, received_at=at("08:10"))
            for minute in range(2, 9)
        )
    )

    assert line.alerts[-1].phase is AlertPhase.CLEARED


def test_standing_still_is_not_silence() -> None:
    line = driving()
    line.park("08:01:40", 1200, 1000, every_s=60)

    line.tick("08:22")

    assert AlertKind.SILENT not in [alert.kind for alert in line.alerts]


def test_a_device_that_reports_seldom_is_given_five_of_its_intervals() -> None:
    line = driving()
    line.vehicle(reporting_interval_s=600)

    line.tick("08:51")
    before = len(line.alerts)
    line.tick("08:52")

    assert (before, len(line.alerts)) == (0, 1)


def test_a_vehicle_that_waits_at_its_depot_is_not_silent() -> None:
    line = Timeline()
    line.route(stop("s1", 30_000))
    line.park("07:58", 60)

    line.tick("08:30")

    assert AlertKind.SILENT not in [alert.kind for alert in line.alerts]


def test_a_device_that_reports_often_is_given_five_minutes_all_the_same() -> None:
    line = driving()
    line.vehicle(reporting_interval_s=10)

    line.tick("08:06:30")

    assert line.alerts == []


def test_a_vehicle_back_at_its_depot_is_not_silent() -> None:
    line = Timeline()
    line.route(stop("s1", 1000, order_ids=("o1",)))
    line.park("07:58", 120)
    line.drive("08:00", 0, 1000)
    line.scan("08:01:45", ScanKind.DELIVERED, "o1")
    line.drive("08:02", 1000, 0)
    line.park("08:04", 120, 0)

    line.tick("08:30")

    assert line.depot_visits[-1].arrived_at == at("08:03:30")
    assert line.alerts == []


# received_at    08:01:30     08:01:00, a straggler    ticks 08:06:31
def test_a_straggler_does_not_make_a_vehicle_heard_later_or_earlier() -> None:
    line = driving()
    line.fix("08:00:55", 500, speed_mps=10.0, received_at=at("08:01:00"))

    line.tick("08:06:30")
    before = len(line.alerts)
    line.tick("08:06:31")

    assert (before, len(line.alerts)) == (0, 1)


def test_an_older_record_of_the_vehicle_does_not_replace_a_newer_one() -> None:
    line = driving()
    line.vehicle(reporting_interval_s=600, effective="01:00")
    line.vehicle(reporting_interval_s=10, effective="00:00")

    line.tick("08:51")

    assert line.alerts == []


def test_a_devices_own_interval_goes_before_its_vehicles() -> None:
    line = driving()
    line.vehicle(reporting_interval_s=600)
    line.device("t1", reporting_interval_s=90)

    line.tick("08:09")
    before = len(line.alerts)
    line.tick("08:09:01")

    (alert,) = line.alerts
    assert before == 0
    assert "one was expected every 1.5 min, the limit is 7.5 min" in alert.evidence


def test_a_device_of_which_nothing_is_said_goes_by_its_vehicles_interval() -> None:
    line = driving()
    line.vehicle(reporting_interval_s=90)
    line.device("t1")

    line.tick("08:09")
    before = len(line.alerts)
    line.tick("08:09:01")

    assert (before, len(line.alerts)) == (0, 1)


def test_the_interval_of_a_device_that_another_one_replaced_no_longer_counts() -> None:
    line = driving()
    line.vehicle(reporting_interval_s=600)
    line.device("t1", reporting_interval_s=60)
    line.fix("08:01:40", 1000, device_id="t2")

    line.tick("08:51:40")
    before = len(line.alerts)
    line.tick("08:51:41")

    assert (before, len(line.alerts)) == (0, 1)


def test_a_device_that_is_removed_leaves_its_vehicles_interval() -> None:
    line = driving()
    line.vehicle(reporting_interval_s=600)
    line.device("t1", reporting_interval_s=60)
    line.send(DEVICES, "t1", b"", at("08:02"))

    line.tick("08:51:30")
    before = len(line.alerts)
    line.tick("08:51:31")

    assert (before, len(line.alerts)) == (0, 1)


def test_a_device_that_moved_to_another_vehicle_leaves_its_first_ones_interval() -> None:
    line = driving()
    line.vehicle(reporting_interval_s=600)
    line.device("t1", reporting_interval_s=60)
    line.device("t1", reporting_interval_s=60, effective="08:02", vehicle_id="v-B")

    line.tick("08:51:30")

    assert line.alerts == []


def test_an_older_record_of_a_device_changes_nothing() -> None:
    line = driving()
    line.device("t2", reporting_interval_s=600, effective="01:00")
    line.device("t1", reporting_interval_s=60, effective="00:00")
    line.device("t2", reporting_interval_s=60, effective="00:30")

    line.tick("08:51:30")

    assert line.alerts == []


def test_an_older_record_of_a_device_that_moved_on_since_changes_nothing() -> None:
    line = driving()
    line.vehicle(reporting_interval_s=600)
    line.device("t1", reporting_interval_s=60, effective="02:00", vehicle_id="v-B")
    line.device("t1", reporting_interval_s=60, effective="01:00")

    line.tick("08:51:30")

    assert line.alerts == []


def test_a_device_that_is_removed_after_another_took_its_place_leaves_that_ones_interval() -> None:
    line = driving()
    line.device("t1", reporting_interval_s=60)
    line.device("t2", reporting_interval_s=600, effective="01:00")
    line.send(DEVICES, "t1", b"", at("08:02"))

    line.tick("08:51:30")

    assert line.alerts == []


def test_a_device_that_is_removed_after_a_restart_leaves_its_vehicles_interval() -> None:
    line = driving()
    line.vehicle(reporting_interval_s=600)
    line.device("t1", reporting_interval_s=60)
    line.state = line.judge.load(line.judge.save(line.state))
    line.send(DEVICES, "t1", b"", at("08:02"))

    line.tick("08:51:30")

    assert line.alerts == []


def test_a_devices_interval_outlives_a_restart() -> None:
    line = driving()
    line.device("t1", reporting_interval_s=600)

    line.state = line.judge.load(line.judge.save(line.state))
    line.tick("08:51:30")

    assert line.alerts == []


def lived(line: Timeline) -> list[tuple[str, datetime, datetime | None, KnownBy]]:
    """The last word on each visit: where, from when until when, known by what."""
    last = {visit.visit_id: visit for visit in line.events(StopVisit)}
    return [(visit.stop_id, visit.arrived_at, visit.departed_at, visit.known_by) for visit in last.values()]


# heard      .....| 08:01:30                          | 08:20 all that was buffered, then live again
# fixes             08:01:40 ... s1 for 5 min ... s2 for 5 min ....
def test_a_buffered_batch_after_a_silence_ends_with_the_visits_there_would_have_been() -> None:
    stops = (stop("s1", 2_000), stop("s2", 5_000), stop("s3", 30_000))
    live, silent = Timeline(), Timeline()
    for line in (live, silent):
        line.route(*stops)
        line.park("07:58", 120)
        line.drive("08:00", 0, 1_000)
    journey: list[tuple[str | datetime, float, float]] = [
        *((f"08:01:{second}", 1_000 + 10.0 * (second - 40), 10.0) for second in (40, 50)),
        *((later("08:03:20", second), 2_000.0, 0.0) for second in range(0, 310, 30)),
        *((later("08:08:30", second), 2_000 + 10.0 * second, 10.0) for second in range(10, 300, 10)),
        *((later("08:13:30", second), 5_000.0, 0.0) for second in range(0, 310, 30)),
    ]
    onward = [(later("08:18:40", second), 5_000 + 10.0 * second, 10.0) for second in range(10, 300, 10)]

    for clock, east_m, speed_mps in journey:
        live.fix(clock, east_m, speed_mps=speed_mps)
    silent.tick("08:18")
    batch = [
        silent.make_fix(clock, east_m, speed_mps=speed_mps, received_at=at("08:18:40"))
        for clock, east_m, speed_mps in journey
    ]
    silent.send_fixes(*batch)
    for line in (live, silent):
        for clock, east_m, speed_mps in onward:
            line.fix(clock, east_m, speed_mps=speed_mps)

    assert [alert.phase for alert in silent.alerts_of(AlertKind.SILENT)] == [
        AlertPhase.RAISED,
        AlertPhase.CLEARED,
    ]
    assert [stop_id for stop_id, *_ in lived(live)] == ["D1", "s1", "s2"]
    assert lived(silent) == lived(live)


# the tracker's newest fix overtakes what it had buffered
def test_a_buffered_batch_that_comes_after_the_first_live_fix_is_put_in_its_place_too() -> None:
    live, silent = Timeline(), Timeline()
    for line in (live, silent):
        line.route(stop("s1", 2_000), stop("s2", 30_000))
        line.park("07:58", 120)
        line.drive("08:00", 0, 1_000)
    journey = [
        *((later("08:03:20", second), 2_000.0, 0.0) for second in range(0, 310, 30)),
        *((later("08:08:30", second), 2_000 + 10.0 * second, 10.0) for second in range(10, 300, 10)),
    ]
    onward = [(later("08:13:30", second), 5_000 + 10.0 * second, 10.0) for second in range(0, 300, 10)]

    for clock, east_m, speed_mps in journey + onward:
        live.fix(clock, east_m, speed_mps=speed_mps)
    silent.tick("08:12")
    for clock, east_m, speed_mps in onward[:2]:
        silent.fix(clock, east_m, speed_mps=speed_mps)
    silent.send_fixes(
        *(
            silent.make_fix(clock, east_m, speed_mps=speed_mps, received_at=at("08:13:45"))
            for clock, east_m, speed_mps in journey
        )
    )
    for clock, east_m, speed_mps in onward[2:]:
        silent.fix(clock, east_m, speed_mps=speed_mps)

    assert lived(silent) == lived(live)
