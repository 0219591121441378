"""The cargo's temperature and its band; the odometer beside GPS."""

import pytest

from streams.events.judgements import AlertKind, AlertPhase
from tests.streams.fleet.timeline import Timeline, later


def cooled(low_c: float | None = 2.0, high_c: float | None = 8.0) -> Timeline:
    line = Timeline()
    line.vehicle(cargo_min_c=low_c, cargo_max_c=high_c)
    return line


def measure(line: Timeline, clock: str, *temperatures_c: float, every_s: float = 60) -> None:
    for number, temperature_c in enumerate(temperatures_c):
        line.telemetry(later(clock, every_s * number), cargo_temperature_c=temperature_c)


# °C      5   9  10  11  12  12  11   7   6
# 09:     00  01  02  03  04  05  06  07  08
#             outside since           raised 06  cleared 08, after a minute within
def test_cargo_outside_its_band_for_five_minutes_is_told_and_cleared_within() -> None:
    line = cooled()

    measure(line, "09:00", 5, 9, 10, 11, 12, 12, 11, 7, 6)

    raised, cleared = line.alerts_of(AlertKind.CARGO_TEMPERATURE)
    assert (raised.phase, f"{raised.judged_at:%H:%M}") == (AlertPhase.RAISED, "09:06")
    assert raised.evidence == "11.0 °C, outside for 5.0 min, at worst 12.0 °C; the band is 2.0 to 8.0 °C"
    assert (cleared.phase, f"{cleared.judged_at:%H:%M}") == (AlertPhase.CLEARED, "09:08")
    assert cleared.evidence == "6.0 °C, outside for 6.0 min, at worst 12.0 °C; the band is 2.0 to 8.0 °C"
    assert cleared.alert_id == raised.alert_id


def test_a_door_that_stands_open_for_four_minutes_is_not_told() -> None:
    line = cooled()

    measure(line, "09:00", *(5, 9, 10, 10, 9, 7) * 5)

    assert line.alerts == []


def test_one_reading_within_neither_clears_nor_raises_anew() -> None:
    line = cooled()

    measure(line, "09:00", *[10] * 8, 8, *[10] * 8)

    assert [alert.phase for alert in line.alerts] == [
        AlertPhase.RAISED,
        AlertPhase.UPDATED,
        AlertPhase.UPDATED,
    ]


@pytest.mark.parametrize(
    ("low_c", "high_c", "frozen_c", "band"),
    [
        (None, -18.0, -10.0, "the band is up to -18.0 °C"),
        (15.0, None, 4.0, "the band is 15.0 °C and more"),
    ],
)
def test_a_band_may_be_open_at_one_side(
    low_c: float | None, high_c: float | None, frozen_c: float, band: str
) -> None:
    line = cooled(low_c, high_c)

    measure(line, "09:00", *[frozen_c] * 6)

    (alert,) = line.alerts
    assert alert.evidence.endswith(band)


def test_cargo_of_a_vehicle_without_a_band_may_have_any_temperature() -> None:
    line = cooled(None, None)

    measure(line, "09:00", *[60] * 20)

    assert line.alerts == []


def test_a_sensor_that_reports_seldom_is_believed_between_its_readings() -> None:
    line = cooled()

    measure(line, "09:00", 12, 12, every_s=900)

    (alert,) = line.alerts
    assert "outside for 15.0 min" in alert.evidence


def test_a_late_reading_neither_raises_nor_clears() -> None:
    line = cooled()
    measure(line, "09:00", *[10] * 7)

    line.telemetry("09:01:30", cargo_temperature_c=5.0, received_at=later("09:00", 400))
    measure(line, "09:07", 10)

    assert [alert.phase for alert in line.alerts] == [AlertPhase.RAISED]


def test_a_condition_goes_on_across_a_restart() -> None:
    line = cooled()
    measure(line, "09:00", 10, 10, 10)

    line.state = line.judge.load(line.judge.save(line.state))
    measure(line, "09:03", 10, 10, 10)

    assert [f"{alert.judged_at:%H:%M}" for alert in line.alerts] == ["09:05"]


def drive(
    line: Timeline, clock: str, seconds: int, from_m: float = 0.0, odometer: float = 1.0, every_s: int = 10
) -> float:
    """At 10 m/s along the east axis; the odometer counts ``odometer`` metres for each; where it ends."""
    for passed_s in range(0, seconds + 1, every_s):
        metres = 10.0 * passed_s
        line.fix(
            later(clock, passed_s),
            from_m + metres,
            speed_mps=10.0,
            odometer_m=50_000 + odometer * (from_m + metres),
        )
    return from_m + 10.0 * seconds


def test_an_odometer_that_agrees_with_gps_is_not_spoken_of() -> None:
    line = cooled()

    drive(line, "09:00", 3_600, odometer=1.1)

    assert line.alerts == []


# 10 km: 20% apart, raised | 10 km: agree, cleared
def test_an_odometer_that_disagrees_is_told_until_it_agrees() -> None:
    line = cooled()

    end_m = drive(line, "09:00", 1_200, odometer=1.25)
    raised = line.alerts[-1]
    for passed_s in range(10, 2_410, 10):
        metres = 10.0 * passed_s
        odometer_m = 50_000 + 1.25 * end_m + metres
        line.fix(later("09:20", passed_s), end_m + metres, speed_mps=10.0, odometer_m=odometer_m)

    assert [alert.phase for alert in line.alerts] == [AlertPhase.RAISED, AlertPhase.CLEARED]
    assert raised.evidence == "10.0 km by the odometer, 8.0 km by GPS: 20% apart, up to 15% is usual"


def test_what_is_driven_without_gps_counts_for_neither() -> None:
    line = cooled()

    end_m = drive(line, "09:00", 600)
    drive(line, "10:00", 600, from_m=end_m + 30_000)
    drive(line, "10:30", 600, from_m=end_m + 36_000)

    assert line.alerts == []


def test_an_odometer_without_gps_beside_it_is_not_said_to_disagree() -> None:
    line = cooled()

    end_m = drive(line, "09:00", 300)
    for passed_s in range(310, 2_700, 10):
        line.telemetry(later("09:00", passed_s), odometer_m=50_000 + 10.0 * passed_s)
    drive(line, "09:50", 600, from_m=end_m)

    assert line.alerts == []


def test_an_odometer_that_begins_anew_is_not_said_to_disagree() -> None:
    line = cooled()

    for passed_s in range(0, 1_300, 10):
        metres = 10.0 * passed_s
        odometer_m = 90_000 + metres if passed_s < 600 else metres - 6_000
        line.fix(later("09:00", passed_s), metres, speed_mps=10.0, odometer_m=odometer_m)

    assert line.alerts == []
    assert [verdict.rule for verdict in line.verdicts] == ["counter_outlier", "counter_reset"]


def test_the_dashboards_odometer_goes_before_what_the_tracker_reckons() -> None:
    line = cooled()

    for passed_s in range(0, 1_300, 10):
        metres = 10.0 * passed_s
        line.telemetry(later("09:00", passed_s), odometer_m=200_000 + metres)
        line.fix(later("09:00", passed_s + 1), metres, speed_mps=10.0, odometer_m=2 * metres)

    assert (line.alerts, line.verdicts) == ([], [])
