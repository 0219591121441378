"""A device's clock, event by event: offsets in seconds against the receipt, negative where it came later."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.fleet.clocks import (
    AHEAD,
    FUTURE,
    JUMP,
    TOO_OLD,
    ClockRule,
    clock_evidence,
    clock_rules,
    device_hash,
    judge_clock,
    known_skew_us,
)
from streams.fleet.columns import NEVER, blank, rules_record
from streams.fleet.device_clocks import CLOCK_FIELDS, NO_SEQ
from streams.fleet.rules import DEFAULT_RULES

S = 1_000_000
START_US = 1_780_000_000 * S
WEEK_US = 7 * 86_400 * S
RULES = rules_record(DEFAULT_RULES)


class Clock:
    """One vehicle's device; `say` takes the receipt in seconds since the start, and the offset."""

    def __init__(self) -> None:
        self.record = blank(np.dtype(CLOCK_FIELDS), 1)[0]
        self.seq = 0

    def say(
        self, received_s: float, offset_s: float, seq: int | None = None, device: int = 7
    ) -> tuple[int, float | None]:
        """The bits, and how much was taken off the event's time; ``None`` where it is not judged."""
        self.seq = self.seq + 1 if seq is None else seq
        received_us = START_US + round(received_s * S)
        happened_us = received_us + round(offset_s * S)
        said, at_us = judge_clock(self.record, device, self.seq, happened_us, received_us, WEEK_US, RULES)
        return said, None if at_us == NEVER else (happened_us - at_us) / S


def settled(offset_s: float = -1.0) -> Clock:
    """Six events, one every 10 s from 0 to 50, each with that offset."""
    clock = Clock()
    for received_s in range(0, 60, 10):
        clock.say(received_s, offset_s)
    return clock


# received_at            START
# happened  ... | -7 d ........ | ....... +60 s | ....
#       too_old |    accepted   |  clock_ahead  | future
@pytest.mark.parametrize(
    ("offset_s", "said", "taken_off_s"),
    [
        (-7 * 86_400 - 1, TOO_OLD, None),
        (-7 * 86_400, 0, 0.0),
        (0, 0, 0.0),
        (0.001, AHEAD, 0.001),
        (60, AHEAD, 60.0),
        (60.001, FUTURE, None),
    ],
)
def test_an_event_is_judged_against_its_receipt(
    offset_s: float, said: int, taken_off_s: float | None
) -> None:
    assert Clock().say(0, offset_s) == (said, taken_off_s)


def test_the_skew_is_the_largest_offset_because_a_delay_is_never_negative() -> None:
    clock = Clock()

    for received_s, offset_s in enumerate((3.0, 4.8, 2.1, 4.5)):
        clock.say(received_s * 10, offset_s)

    assert known_skew_us(clock.record) == 4.8 * S
    assert clock.say(50, 1.0) == (AHEAD, 4.8)


def test_a_buffered_event_of_a_device_that_is_ahead_has_the_skew_taken_off_too() -> None:
    clock = settled(30.0)

    assert clock.say(300, -200.0) == (AHEAD, 30.0)


def test_a_small_skew_is_taken_off_only_where_the_event_shows_it() -> None:
    clock = settled(5.0)

    assert clock.say(100, -2.0) == (0, 0.0)


def test_the_skew_of_old_is_forgotten() -> None:
    clock = settled(30.0)

    clock.say(1900, 20.0)
    clock.say(3700, 20.0)

    assert known_skew_us(clock.record) == 20 * S


def test_the_skew_of_a_future_event_is_not_learned() -> None:
    clock = Clock()
    clock.say(0, 3600.0)

    assert clock.say(10, -1.0, seq=NO_SEQ) == (0, 0.0)


def test_another_device_begins_anew() -> None:
    clock = settled(30.0)

    assert clock.say(100, -1.0, device=8) == (0, 0.0)


# tracker (7) 30 s ahead, camera (8) 12 s, scanner (9) right: each buffered event has its own skew taken off
def test_devices_of_one_vehicle_that_take_turns_keep_their_skews() -> None:
    clock = settled(30.0)
    for received_s in range(100, 160, 10):
        clock.say(received_s, 12.0, device=8)
        clock.say(received_s, -1.0, device=9)

    taken_off_s = [clock.say(200, -100.0, NO_SEQ, device)[1] for device in (7, 8, 9, 7, 9, 8)]
    assert taken_off_s == [30.0, 12.0, 0.0, 30.0, 0.0, 12.0]


def test_of_four_devices_the_one_that_spoke_longest_ago_is_forgotten() -> None:
    clock = settled(30.0)
    for device in (8, 9, 10):
        clock.say(100, 0.0, device=device)

    assert clock.say(200, -100.0, NO_SEQ, device=7) == (0, 0.0)


def test_a_devices_jump_is_told_though_another_one_speaks_between() -> None:
    clock = settled(40.0)
    clock.say(60, -1.0, seq=1, device=8)

    assert clock.say(70, -1.0, seq=7) == (JUMP, 0.0)


# offset   -1 -1 -1 -1 -1 -1 | +17 +17
#                       jump ^ told once
def test_a_clock_set_forward_is_told_once_and_its_new_skew_learned() -> None:
    clock = settled()

    assert clock.say(60, 17.0) == (JUMP | AHEAD, 17.0)
    assert clock.say(70, 17.0) == (AHEAD, 17.0)


def test_a_clock_that_ran_back_is_told_at_once() -> None:
    clock = settled(40.0)

    assert clock.say(60, -1.0) == (JUMP, 0.0)
    assert clock.say(70, -1.0) == (0, 0.0)


# every 60 s, so its time goes on all the same:   40 40 40 40 | -1 -1 -1 -1
#                                                                 told ^ when four agree
def test_a_clock_set_back_by_less_than_its_interval_is_told_when_it_has_settled() -> None:
    clock = Clock()
    for minute in range(6):
        clock.say(minute * 60, 40.0)

    said = [clock.say(360 + minute * 60, -1.0)[0] & JUMP for minute in range(5)]

    assert said == [0, 0, 0, JUMP, 0]


# happened  60  70  80 ... 290     received all at 300, then live again at 310
def test_buffered_events_and_the_live_ones_after_them_are_no_jump() -> None:
    clock = settled()

    said = [clock.say(300, happened_s - 300)[0] for happened_s in range(60, 300, 10)]
    said += [clock.say(received_s, -1.0)[0] for received_s in (310, 320, 330, 340)]

    assert set(said) == {0}


def test_a_first_batch_of_buffered_events_is_no_jump() -> None:
    clock = Clock()

    said = [clock.say(300, happened_s - 300)[0] for happened_s in range(0, 300, 10)]
    said += [clock.say(received_s, -1.0)[0] for received_s in (310, 320)]

    assert set(said) == {0}


def test_events_out_of_order_are_no_jump() -> None:
    clock = settled()

    assert clock.say(61, -40.0, seq=3) == (0, 0.0)
    assert clock.say(70, -1.0, seq=8) == (0, 0.0)


def test_a_counter_that_began_again_is_followed_from_there() -> None:
    clock = settled()

    clock.say(60, -1.0, seq=1)
    said, _ = clock.say(70, -120.0, seq=2)

    assert said == JUMP


# offset   -1 -1 -1 -1 | 45 45 45 | -1 -1 -1 -1 -1
#                   jump ^              jump ^
def test_without_a_sequence_the_order_of_receipt_shows_that_a_clock_was_set() -> None:
    clock = Clock()

    said = [
        clock.say(10 * number, offset_s, NO_SEQ)
        for number, offset_s in enumerate((-1, -1, -1, -1, 45, 45, 45, -1, -1, -1, -1, -1))
    ]

    assert said[4:7] == [(JUMP | AHEAD, 45.0), (AHEAD, 45.0), (AHEAD, 45.0)]
    assert said[7:] == [*[(AHEAD, 45.0)] * 3, (JUMP, 0.0), (0, 0.0)]


# four in one message, at -45, -30, -15 and 0, and another message a minute later; or all a minute late
@pytest.mark.parametrize("offsets_s", [(-45.0, -30.0, -15.0, 0.0), (0.0, -15.0, -30.0, -45.0), (-60.0,)])
def test_without_a_sequence_messages_of_several_ways_are_no_jump(offsets_s: tuple[float, ...]) -> None:
    clock = Clock()
    live = [clock.say(10 * number, -1.0, NO_SEQ)[0] for number in range(6)]

    batches = [clock.say(120 + 60 * n, offset_s, NO_SEQ)[0] for n in range(8) for offset_s in offsets_s]
    again = clock.say(610, -1.0, NO_SEQ)[0]

    assert {*live, *batches, again} == {0}


def test_a_batch_in_every_message_of_a_clock_that_is_ahead_is_no_jump() -> None:
    clock = Clock()

    said = [
        clock.say(60 * n, 40.0 - late_s, NO_SEQ)[0] & JUMP
        for n in range(8)
        for late_s in (60, 59, 58, 57, 56, 30, 0)
    ]

    assert set(said) == {0}


@given(st.lists(st.floats(0, 8), min_size=1, max_size=40), st.floats(-30, 30), st.randoms())
def test_without_a_sequence_a_steady_clock_never_jumps_in_whatever_order(
    delays_s: list[float], skew_s: float, random: Random
) -> None:
    events = [(10 * number + delay_s, skew_s - delay_s) for number, delay_s in enumerate(delays_s)]
    random.shuffle(events)
    clock = Clock()

    said = [clock.say(received_s, offset_s, NO_SEQ)[0] for received_s, offset_s in events]

    assert not any(one & JUMP for one in said)


def test_a_time_that_is_told_again_says_nothing_of_the_clock() -> None:
    clock = settled()

    said = [clock.say(60 + number, -11.0 - number)[0] for number in range(60)]

    assert set(said) == {0}


@given(st.lists(st.tuples(st.floats(0, 600), st.floats(-400, 60)), max_size=30))
def test_a_corrected_time_is_never_after_its_receipt(events: list[tuple[float, float]]) -> None:
    clock, received_s = Clock(), 0.0

    for gap_s, offset_s in events:
        received_s += gap_s
        said, taken_off_s = clock.say(received_s, offset_s)
        if said & AHEAD:
            assert taken_off_s is not None
            assert offset_s - taken_off_s <= 1e-6


@given(st.lists(st.floats(0, 8), min_size=1, max_size=40), st.floats(-30, 30))
def test_a_steady_clock_never_jumps_whatever_the_network_takes(delays_s: list[float], skew_s: float) -> None:
    clock = Clock()

    said = [clock.say(10 * number + delay_s, skew_s - delay_s)[0] for number, delay_s in enumerate(delays_s)]

    assert not any(one & JUMP for one in said)


def test_the_evidence_has_the_figures() -> None:
    texts = [
        clock_evidence(ClockRule.CLOCK_AHEAD, 100 * S, 95 * S, 88 * S, WEEK_US),
        clock_evidence(ClockRule.FUTURE, 200 * S, 95 * S, NEVER, WEEK_US),
        clock_evidence(ClockRule.TOO_OLD, 0, 8 * 86_400 * S, NEVER, WEEK_US),
        clock_evidence(ClockRule.CLOCK_JUMP, 100 * S, 95 * S, 88 * S, WEEK_US),
    ]

    assert texts == [
        "5.0 s ahead of its receipt; the device's clock is 12.0 s ahead, which is taken off",
        "105.0 s ahead of its receipt",
        "8.0 days older than its receipt; judged up to 7 days",
        "5.0 s ahead of its receipt, unlike the events before it; the clock's skew is learned anew",
    ]
    assert clock_rules(JUMP | AHEAD) == [ClockRule.CLOCK_JUMP, ClockRule.CLOCK_AHEAD]


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_a_device_has_one_number_wherever_its_name_stands(name: str, before: str) -> None:
    packed, lead = name.encode(), before.encode()

    alone = device_hash(np.frombuffer(packed, np.uint8), 0, len(packed))
    within = device_hash(np.frombuffer(lead + packed, np.uint8), len(lead), len(packed))

    assert alone == within
