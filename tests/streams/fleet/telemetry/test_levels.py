"""A tank's level, which sways: refuelled and drained are steps between settled levels."""

from streams.events.judgements import AlertKind, AlertPhase
from tests.streams.fleet.timeline import Timeline, later

SWAY = (0.0, 0.02, -0.015, 0.01, -0.02)
"""What fuel that slops adds to one reading after the other."""


def reading(
    *levels: float, every_s: float = 60, odometer_m: float | None = None, line: Timeline | None = None
) -> Timeline:
    """A message every ``every_s`` with a swaying level; the vehicle stands unless the odometer is told."""
    line = line or Timeline()
    line.vehicle()
    for number, level in enumerate(levels):
        share = min(1.0, max(0.0, level + SWAY[number % len(SWAY)]))
        told = None if odometer_m is None else odometer_m * number
        line.telemetry(later("09:00", every_s * number), fuel_level_share=share, odometer_m=told)
    return line


def told(line: Timeline) -> list[tuple[AlertKind, AlertPhase, str]]:
    return [(alert.kind, alert.phase, alert.evidence) for alert in line.alerts]


def test_a_level_that_sways_is_neither_refuelled_nor_drained() -> None:
    line = reading(*[0.5] * 60)

    assert line.alerts == []


def test_one_wild_reading_is_no_step() -> None:
    line = reading(*[0.5] * 10, 1.0, *[0.5] * 10, 0.0, *[0.5] * 10)

    assert line.alerts == []


def test_a_rise_between_settled_levels_was_refuelled() -> None:
    line = reading(*[0.3] * 10, *[0.9] * 10)

    ((kind, phase, evidence),) = told(line)
    assert (kind, phase) == (AlertKind.REFUELLED, AlertPhase.NOTED)
    assert evidence == "from 30% to 90% of the tank"


def test_a_fall_by_more_than_was_driven_was_drained() -> None:
    line = reading(*[0.8] * 10, *[0.5] * 10)

    ((kind, _, evidence),) = told(line)
    assert kind is AlertKind.FUEL_DRAINED
    assert evidence == "from 80% to 51% of the tank, more than was driven takes"


def test_what_was_driven_explains_a_fall() -> None:
    """A kilometre a minute and 0.4% of the tank for each."""
    line = reading(*(0.9 - 0.004 * minute for minute in range(120)), odometer_m=1_000.0)

    assert line.alerts == []


def test_what_was_driven_while_no_level_was_told_explains_a_fall() -> None:
    line = reading(*[0.8] * 10)
    line.telemetry("09:20", odometer_m=0.0)
    line.telemetry("09:50", odometer_m=40_000.0)

    for minute in range(10):
        line.telemetry(later("09:51", 60 * minute), fuel_level_share=0.62, odometer_m=40_000.0)

    assert line.alerts == []


# 1.5% of the tank a minute while parked: no step between two settled levels, all the same 30% in 20 minutes
def test_a_slow_drain_while_parked_adds_up() -> None:
    line = reading(*[0.8] * 10, *(0.8 - 0.015 * minute for minute in range(20)), *[0.5] * 5)

    assert [alert.kind for alert in line.alerts] == [AlertKind.FUEL_DRAINED] * 2


def test_a_battery_that_charges_slowly_was_not_refuelled() -> None:
    line = reading(*(0.2 + 0.005 * minute for minute in range(150)))

    assert line.alerts == []


def test_readings_a_second_apart_are_no_more_than_one() -> None:
    """A minute of a tilted tank: a driver who parks on a ramp."""
    line = reading(*[0.5] * 150, *[0.8] * 60, *[0.5] * 150, every_s=1)

    assert line.alerts == []


def test_a_step_is_found_across_a_restart() -> None:
    line = reading(*[0.3] * 10)

    line.state = line.judge.load(line.judge.save(line.state))
    for minute in range(10):
        line.telemetry(later("09:10", 60 * minute), fuel_level_share=0.9)

    assert [alert.kind for alert in line.alerts] == [AlertKind.REFUELLED]
