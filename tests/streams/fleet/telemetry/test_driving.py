"""Idling, speeding and harsh driving: by fixes, by the engine, by counters, by the device's word."""

from datetime import datetime, timedelta

import pytest

from streams.events.judgements import AlertKind, AlertPhase, FleetAlert
from streams.events.telematics import HarshEvent, HarshKind
from tests.factories import at, stop
from tests.streams.fleet.timeline import Timeline, later, moment

KMH = 1 / 3.6


def known() -> Timeline:
    line = Timeline()
    line.vehicle()
    return line


def lives(alerts: list[FleetAlert]) -> list[tuple[AlertPhase, str]]:
    assert len({alert.alert_id for alert in alerts}) <= 1
    return [(alert.phase, f"{alert.judged_at:%H:%M:%S}") for alert in alerts]


# ignition on, standing   09:00 ..... 09:05 raised ..... 09:10 again ... 09:12 drives, 09:12:30 cleared
def test_an_engine_that_runs_at_a_standstill_is_idling_until_it_drives() -> None:
    line = known()

    for passed_s in range(0, 720, 30):
        line.fix(later("09:00", passed_s), speed_mps=0.0, ignition_on=True)
    for passed_s in range(0, 60, 30):
        line.fix(later("09:12", passed_s), 10.0 * passed_s, speed_mps=10.0, ignition_on=True)

    alerts = line.alerts_of(AlertKind.IDLING)
    assert lives(alerts) == [
        (AlertPhase.RAISED, "09:05:00"),
        (AlertPhase.UPDATED, "09:10:00"),
        (AlertPhase.CLEARED, "09:12:30"),
    ]
    assert [alert.evidence for alert in alerts] == [
        "the engine runs at a standstill for 5.0 min; the limit is 5.0 min",
        "the engine runs at a standstill for 10.0 min; the limit is 5.0 min",
        "the engine ran at a standstill for 12.0 min; the limit is 5.0 min",
    ]


# measured  09:00 ...... 09:29, all come at 09:31      09:32      09:36:30 told again
def test_what_a_device_sends_of_half_an_hour_at_once_is_told_once() -> None:
    line = known()

    line.tick("09:31")
    for passed_s in range(0, 1800, 60):
        heard_at = later("09:31", passed_s / 60)
        line.telemetry(later("09:00", passed_s), speed_mps=0.0, engine_rpm=800.0, received_at=heard_at)
    line.telemetry("09:32", speed_mps=0.0, engine_rpm=800.0)
    line.telemetry("09:36:30", speed_mps=0.0, engine_rpm=800.0)

    phases = [alert.phase for alert in line.alerts_of(AlertKind.IDLING)]
    assert phases == [AlertPhase.RAISED, AlertPhase.UPDATED]


def test_standing_with_the_engine_off_or_unknown_is_not_idling() -> None:
    line = known()

    for passed_s in range(0, 900, 30):
        line.fix(later("09:00", passed_s), ignition_on=False)
    for passed_s in range(0, 900, 30):
        line.fix(later("10:00", passed_s))

    assert line.alerts == []


def test_an_engine_that_is_switched_off_ends_the_idling_at_once() -> None:
    line = known()

    for passed_s in range(0, 330, 30):
        line.fix(later("09:00", passed_s), ignition_on=True)
    line.fix("09:05:30", ignition_on=False)

    assert lives(line.alerts)[-1] == (AlertPhase.CLEARED, "09:05:30")


def test_a_lone_speed_of_noise_does_not_clear_and_raise_anew() -> None:
    line = known()

    for passed_s in range(0, 900, 10):
        line.fix(later("09:00", passed_s), speed_mps=2.0 if passed_s == 600 else 0.0, ignition_on=True)

    assert [phase for phase, _ in lives(line.alerts)] == [
        AlertPhase.RAISED,
        AlertPhase.UPDATED,
    ]


def test_the_engines_own_word_counts_for_more_than_the_ignition() -> None:
    """Radio on, engine off: an ignition that is on proves nothing."""
    line = known()

    for passed_s in range(0, 900, 30):
        line.telemetry(later("09:00", passed_s), engine_rpm=0.0, speed_mps=0.0)
        line.fix(later("09:00", passed_s + 15), ignition_on=True)

    assert line.alerts == []


def test_a_vehicle_idles_by_its_counter_alone() -> None:
    line = known()

    for minute in range(8):
        line.telemetry(later("09:00", 60 * minute), idle_s=5_000.0 + 60 * minute)
    line.telemetry("09:08", idle_s=5_000.0 + 60 * 7)
    line.telemetry("09:09", idle_s=5_000.0 + 60 * 7)

    assert lives(line.alerts) == [(AlertPhase.RAISED, "09:06:00"), (AlertPhase.CLEARED, "09:09:00")]


# idling, raised 09:05 | no word from 09:06 to 11:00 | stands again with the engine on
def test_of_a_gap_nothing_is_said_what_was_raised_is_over_as_of_when_it_was_last_seen() -> None:
    line = known()
    for passed_s in range(0, 390, 30):
        line.fix(later("09:00", passed_s), ignition_on=True)

    for passed_s in range(0, 360, 30):
        line.fix(later("11:00", passed_s), ignition_on=True)

    first, cleared, second = line.alerts
    assert (cleared.phase, cleared.alert_id) == (AlertPhase.CLEARED, first.alert_id)
    assert cleared.evidence == "the engine ran at a standstill for 6.0 min; the limit is 5.0 min"
    assert (second.phase, second.judged_at) == (AlertPhase.RAISED, at("11:05:30"))


# 130 km/h   09:00:00 .. 09:00:20 raised .. 09:00:50, 100 km/h from 09:01:00, cleared 09:01:20
def test_speeding_lasts_and_is_over_when_it_was_slower_for_a_while() -> None:
    line = known()

    for passed_s in range(0, 60, 10):
        line.fix(later("09:00", passed_s), 36.0 * passed_s, speed_mps=(130 + passed_s / 10) * KMH)
    for passed_s in range(60, 100, 10):
        line.fix(later("09:00", passed_s), 2_000 + 28.0 * passed_s, speed_mps=100 * KMH)

    alerts = line.alerts_of(AlertKind.SPEEDING)
    assert lives(alerts) == [(AlertPhase.RAISED, "09:00:20"), (AlertPhase.CLEARED, "09:01:20")]
    assert alerts[0].evidence == "up to 132 km/h for 20 s; the limit is 110 km/h"
    assert alerts[1].evidence == "up to 135 km/h for 1.0 min; the limit is 110 km/h"


def test_a_vehicles_own_limit_counts_by_wheels_too() -> None:
    line = known()
    line.vehicle(speed_limit_mps=80 * KMH)

    for passed_s in range(0, 30, 5):
        line.telemetry(later("09:00", passed_s), speed_mps=90 * KMH)

    (alert,) = line.alerts
    assert alert.evidence == "up to 90 km/h for 20 s; the limit is 80 km/h"


def test_overtaking_for_ten_seconds_is_not_speeding() -> None:
    line = known()

    for passed_s in range(0, 300, 10):
        speed_kmh = 120 if passed_s % 30 == 0 else 100
        line.fix(later("09:00", passed_s), 30.0 * passed_s, speed_mps=speed_kmh * KMH)

    assert line.alerts == []


def test_two_fast_fixes_with_a_gap_between_are_not_speeding() -> None:
    line = known()

    line.fix("09:00", speed_mps=120 * KMH)
    line.fix("09:10", 20_000, speed_mps=120 * KMH)

    assert line.alerts == []


@pytest.mark.parametrize(
    ("kind", "speeds_kmh", "evidence"),
    [
        (AlertKind.HARSH_BRAKING, (50, 50, 36, 22, 8, 0), "3.89 m/s², harsh from 3.53 m/s²"),
        (AlertKind.HARSH_ACCELERATION, (0, 5, 18, 31, 40), "3.61 m/s², harsh from 3.43 m/s²"),
    ],
)
@pytest.mark.parametrize("by", ["fix", "telemetry"])
def test_harsh_driving_is_seen_in_speeds_a_second_apart(
    kind: AlertKind, speeds_kmh: tuple[float, ...], evidence: str, by: str
) -> None:
    line = known()

    for second, speed_kmh in enumerate(speeds_kmh):
        getattr(line, by)(later("09:00", second), speed_mps=speed_kmh * KMH)

    ((phase, told),) = [(alert.phase, alert.evidence) for alert in line.alerts_of(kind)]
    assert (phase, told) == (AlertPhase.NOTED, evidence)


def test_speeds_ten_seconds_apart_tell_of_no_harshness() -> None:
    line = known()

    for number, speed_kmh in enumerate((0, 100, 0, 100)):
        line.fix(later("09:00", 10 * number), speed_mps=speed_kmh * KMH)

    assert line.alerts == []


def test_a_change_of_speed_that_no_tyre_holds_is_a_wrong_speed() -> None:
    line = known()

    for second, speed_kmh in enumerate((50, 50, 0, 50, 50)):
        line.telemetry(later("09:00", second), speed_mps=speed_kmh * KMH)

    assert line.alerts == []


def test_what_the_device_calls_harsh_is_told_with_its_size_and_its_time() -> None:
    line = known()
    cornering = HarshEvent(kind=HarshKind.CORNERING, happened_at=at("09:00:10"), peak_mps2=4.2)
    gentle = HarshEvent(kind=HarshKind.BRAKING, happened_at=at("09:00:20"), peak_mps2=2.5)
    unknown = HarshEvent(kind=HarshKind.ACCELERATION, happened_at=at("09:00:30"))

    line.telemetry("09:01", harsh_events=(cornering, gentle, unknown))

    assert [(alert.kind, alert.evidence) for alert in line.alerts] == [
        (AlertKind.HARSH_CORNERING, "4.20 m/s², harsh from 3.43 m/s², by the device at 09:00:10 UTC"),
        (
            AlertKind.HARSH_ACCELERATION,
            "of unknown size, harsh from 3.43 m/s², by the device at 09:00:30 UTC",
        ),
    ]


def test_harsh_manoeuvres_of_one_kind_are_told_every_five_minutes_with_how_many_there_were() -> None:
    line = known()

    for minute in range(8):
        happened_at = later("09:00", 60 * minute)
        braking = HarshEvent(kind=HarshKind.BRAKING, happened_at=happened_at, peak_mps2=4.0)
        line.telemetry(happened_at, harsh_events=(braking,))

    assert [(f"{alert.judged_at:%H:%M}", alert.evidence.split(",")[1]) for alert in line.alerts] == [
        ("09:00", " harsh from 3.53 m/s²"),
        ("09:05", " harsh from 3.53 m/s²; 4 more since the last that was told"),
    ]


def brake(line: Timeline, clock: str | datetime, peak_mps2: float | None = 4.0) -> None:
    harsh = HarshEvent(kind=HarshKind.BRAKING, happened_at=moment(clock), peak_mps2=peak_mps2)
    line.telemetry(clock, harsh_events=(harsh,))


# brakes at 09:00:00, :10, :20, :30, and never again | the last three are told at 09:05
@pytest.mark.parametrize("has_route", [True, False])
def test_the_last_harsh_manoeuvres_are_told_though_no_other_follows(has_route: bool) -> None:
    line = known()
    if has_route:
        line.route(stop("s1", 60_000))
    for passed_s, peak_mps2 in ((0, 4.0), (10, None), (20, 6.5), (30, 5.0)):
        brake(line, later("09:00", passed_s), peak_mps2)

    for passed_s in (270, 300, 330):
        if has_route:
            line.tick(later("09:00", passed_s))
        else:
            line.telemetry(later("09:00", passed_s))

    first, rest = line.alerts_of(AlertKind.HARSH_BRAKING)
    assert (rest.phase, rest.judged_at) == (AlertPhase.NOTED, at("09:05"))
    assert rest.evidence == "3 more since the last that was told, up to 6.50 m/s²; harsh from 3.53 m/s²"
    assert rest.alert_id != first.alert_id


def test_what_was_counted_is_told_with_the_next_manoeuvre_or_alone_never_twice() -> None:
    line = known()
    for passed_s in (0, 10, 300, 310, 700, 1100):
        brake(line, later("09:00", passed_s))

    assert [alert.evidence.split(", by")[0] for alert in line.alerts_of(AlertKind.HARSH_BRAKING)] == [
        "4.00 m/s², harsh from 3.53 m/s²",
        "4.00 m/s², harsh from 3.53 m/s²; 1 more since the last that was told, up to 4.00 m/s²",
        "4.00 m/s², harsh from 3.53 m/s²; 1 more since the last that was told, up to 4.00 m/s²",
        "4.00 m/s², harsh from 3.53 m/s²",
    ]


# held back: 08:00 08:01 | sent at 09:00, a tick | held back: 08:06 08:20 08:21 08:40 | a tick
def test_harsh_manoeuvres_that_were_held_back_are_told_by_their_own_times_in_spite_of_ticks() -> None:
    line = known()
    line.route(stop("s1", 60_000))

    for held_back in (("08:00", "08:01"), ("08:06", "08:20", "08:21", "08:40")):
        for clock in held_back:
            braking = HarshEvent(kind=HarshKind.BRAKING, happened_at=at(clock), peak_mps2=4.0)
            line.telemetry(clock, received_at=at("09:00"), harsh_events=(braking,))
        line.tick("09:00" if held_back[0] == "08:00" else "09:01")

    told = [alert.evidence.removeprefix("4.00 m/s², ") for alert in line.alerts_of(AlertKind.HARSH_BRAKING)]
    limit, rest = "harsh from 3.53 m/s²", "1 more since the last that was told, up to 4.00 m/s²"
    assert told == [
        f"{limit}, by the device at 08:00:00 UTC",
        f"{rest}; {limit}",
        f"{limit}; {rest}, by the device at 08:20:00 UTC",
        f"{limit}; {rest}, by the device at 08:40:00 UTC",
    ]


# 50 40 (10 m/s2) 30 (10 m/s2) ... by the wheels, then slowly
def test_the_rest_of_what_the_wheels_say_is_told_by_a_fix_and_outlives_a_restart() -> None:
    line = known()
    for passed_s, speed_mps in enumerate((30.0, 25.0, 19.0, 14.0, 14.0)):
        line.telemetry(later("09:00", passed_s), speed_mps=speed_mps)

    line.state = line.judge.load(line.judge.save(line.state))
    line.fix("09:06", speed_mps=14.0)

    assert [alert.evidence for alert in line.alerts_of(AlertKind.HARSH_BRAKING)] == [
        "5.00 m/s², harsh from 3.53 m/s²",
        "2 more since the last that was told, up to 6.00 m/s²; harsh from 3.53 m/s²",
    ]


def test_a_manoeuvre_from_2099_does_not_silence_those_that_follow() -> None:
    line = known()
    wrong = HarshEvent(kind=HarshKind.BRAKING, happened_at=at("09:00").replace(year=2099), peak_mps2=4.0)
    right = HarshEvent(kind=HarshKind.BRAKING, happened_at=at("09:10"), peak_mps2=4.0)

    line.telemetry("09:00", harsh_events=(wrong,))
    line.telemetry("09:10", harsh_events=(right,))

    assert len(line.alerts_of(AlertKind.HARSH_BRAKING)) == 2


def test_a_manoeuvres_time_is_corrected_with_its_devices_clock() -> None:
    line = known()
    ahead = timedelta(seconds=20)
    braking = HarshEvent(kind=HarshKind.BRAKING, happened_at=at("09:00") + ahead, peak_mps2=4.0)

    line.telemetry(at("09:00") + ahead, received_at=at("09:00"), harsh_events=(braking,))

    (alert,) = line.alerts
    assert alert.evidence.endswith("by the device at 09:00:00 UTC")


def test_without_a_depot_nobody_is_told() -> None:
    line = Timeline()

    for passed_s in range(0, 600, 30):
        line.fix(later("09:00", passed_s), ignition_on=True)

    assert line.alerts == []
