"""Counters of fuel, energy, distance and idling, which begin anew, roll over, and send nonsense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.fleet.columns import NEVER
from streams.fleet.telemetry.counters import OUTLIER, RESET, ROLLED, STEADY, advance
from tests.streams.fleet.timeline import VEHICLE, Timeline, later


def counting(**readings: list[float]) -> Timeline:
    """A message a minute from 09:00, each with the next reading of every counter."""
    line = Timeline()
    line.vehicle()
    for minute, values in enumerate(zip(*readings.values(), strict=True)):
        line.telemetry(later("09:00", 60 * minute), **dict(zip(readings, values, strict=True)))
    return line


def total(line: Timeline, counter: str) -> float:
    """What was used in all, as the judge has it."""
    return float(line.state.records[line.state.numbers[VEHICLE.encode()]][f"{counter}_total"])


def flags(line: Timeline) -> list[tuple[str, str]]:
    return [(verdict.rule, verdict.evidence) for verdict in line.verdicts]


def test_a_steady_counter_says_nothing_and_adds_up() -> None:
    line = counting(fuel_used_l=[100.0, 100.5, 100.5, 101.2])

    assert flags(line) == []
    assert total(line, "fuel") == pytest.approx(1.2)


# reading   100.0  100.5 |  0.2   0.6      the device was reset after 100.5
# counted      0    0.5      -    0.6      0.2 when the next reading follows from it
def test_a_counter_that_begins_anew_goes_on_from_where_it_was() -> None:
    line = counting(fuel_used_l=[100.0, 100.5, 0.2, 0.6])

    assert flags(line) == [
        (
            "counter_outlier",
            "fuel is 0.2 l after 100.5 l, not counted unless the next reading follows from it",
        ),
        ("counter_reset", "fuel is 0.6 l after 100.5 l, 1.1 l in all"),
    ]
    assert total(line, "fuel") == pytest.approx(0.5 + 0.6)


def test_another_device_with_another_total_adds_only_what_is_used_from_then_on() -> None:
    line = counting(odometer_m=[1_000.0, 1_500.0, 8_000_000.0, 8_000_700.0])

    assert [rule for rule, _ in flags(line)] == ["counter_outlier", "counter_reset"]
    assert total(line, "odometer") == 500.0 + 700.0


def test_one_nonsense_reading_counts_nothing_and_the_next_goes_on() -> None:
    line = counting(energy_used_kwh=[50.0, 50.4, 9_999_999.0, 50.9, 51.0])

    assert [rule for rule, _ in flags(line)] == ["counter_outlier"]
    assert total(line, "energy") == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("counter", "field", "end", "step"),
    [
        ("fuel", "fuel_used_l", 2**32 / 2, 0.5),  # SAE J1939, half a litre
        ("fuel", "fuel_used_l", 2**16 / 10, 0.3),
        ("energy", "energy_used_kwh", 2**16 / 100, 0.25),
        ("odometer", "odometer_m", 2**24, 600.0),
        ("idle", "idle_s", 2**16, 50.0),
    ],
)
def test_a_counter_that_rolls_over_is_counted_across_its_end(
    counter: str, field: str, end: float, step: float
) -> None:
    line = counting(**{field: [end - step, end - step / 2, step / 2, step]})

    assert [rule for rule, _ in flags(line)] == ["counter_rollover"]
    assert total(line, counter) == pytest.approx(2 * step)


def test_a_reading_that_is_late_counts_nothing() -> None:
    line = counting(fuel_used_l=[100.0, 101.0])

    line.telemetry("08:59", fuel_used_l=99.0, received_at=later("09:00", 70))
    line.telemetry("09:02", fuel_used_l=101.5)

    assert flags(line) == []
    assert total(line, "fuel") == pytest.approx(1.5)


def test_several_counters_of_one_message_that_begin_anew_have_one_verdict() -> None:
    line = counting(fuel_used_l=[80.0, 0.1, 0.2], idle_s=[7_200.0, 30.0, 60.0])

    outlier, reset = line.verdicts
    assert (outlier.rule, reset.rule) == ("counter_outlier", "counter_reset")
    assert (
        reset.evidence
        == "fuel is 0.2 l after 80.0 l, 0.2 l in all; idle is 60.0 s after 7200.0 s, 60.0 s in all"
    )


def test_what_was_counted_outlives_a_restart() -> None:
    line = counting(fuel_used_l=[100.0, 100.5, 0.2])

    line.state = line.judge.load(line.judge.save(line.state))
    line.telemetry("09:03", fuel_used_l=0.6)

    assert total(line, "fuel") == pytest.approx(1.1)


@given(
    st.lists(st.tuples(st.floats(0, 1.5), st.sampled_from(["on", "on", "on", "anew", "odd"])), max_size=40)
)
def test_what_is_counted_is_never_more_than_what_was_used(steps: list[tuple[float, str]]) -> None:
    """Steps are below the most that can be used within a minute; nonsense does not agree with itself."""
    reading, used_in_all, counted = 1_000.0, 0.0, 0.0
    last, last_us, suspect, suspect_us = 0.0, NEVER, 0.0, NEVER
    for minute, (used, what) in enumerate(steps):
        at_us = minute * 60_000_000
        reading = used if what == "anew" else reading + used
        used_in_all += used
        told = reading + 50_000.0 * (minute + 1) if what == "odd" else reading
        did, by = advance(told, at_us, last, last_us, suspect, suspect_us, 1 / 60, 2.0)
        counted += by
        assert by >= 0.0
        assert did in (STEADY, OUTLIER, RESET, ROLLED)
        if did == OUTLIER:
            suspect, suspect_us = told, at_us
        else:
            last, last_us, suspect_us = told, at_us, NEVER

    assert counted <= used_in_all + 1e-6
