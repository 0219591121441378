"""Is an event's own time to be believed? Measured against its receipt, so that history can be judged.

What a gateway sees of a device's clock is ``happened - received``: the clock's skew less the way's
delay. A delay is never negative, so the largest such difference is a lower bound of the skew, and
the tightest there is (Moon, Skelly and Towsley, "Estimation and removal of clock skew from network
delay measurements", 1999). Delays are many and skewed to one side, so neither mean nor median
would do. Clocks drift and are set: only the last one to two ``skew_window_s`` count, kept as two
maxima, as LEDBAT keeps its base delay (RFC 6817, 3.4.2).
"""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from streams.columns.compiled import compiled
from streams.fleet.columns import DAY_US, NEVER, SECOND_US
from streams.fleet.device_clocks import NO_SEQ, forget, turn_to

AHEAD, FUTURE, TOO_OLD, JUMP = 1, 2, 4, 8
NOT_JUDGED = FUTURE | TOO_OLD


class ClockRule(StrEnum):
    """What is said of a clock."""

    CLOCK_AHEAD = "clock_ahead"
    FUTURE = "future"
    TOO_OLD = "too_old"
    CLOCK_JUMP = "clock_jump"


@compiled
def device_hash(text: NDArray[np.uint8], begin: int, length: int) -> int:
    """The same number for the same device id in any process (FNV-1a); 0 stands for no device."""
    number = np.int64(-3750763034362895579)
    for at in range(begin, begin + length):
        number = (number ^ np.int64(text[at])) * np.int64(1099511628211)
    return number


def device_number(device_id: str | None) -> int:
    """`device_hash` of a device's id; 0 for none."""
    packed = (device_id or "").encode()
    return device_hash(np.frombuffer(packed, np.uint8), 0, len(packed)) if packed else 0


@compiled
def device_hashes(
    buffer: NDArray[np.uint8],
    texts: NDArray[np.int64],
    has_text: NDArray[np.bool_],
    hashes: NDArray[np.int64],
) -> None:
    """`device_hash` of a column of texts (n,), each its place in ``buffer`` times 2^16 plus its length.

    They go into ``hashes`` (n,); 0 where there is no text.
    """
    for row in range(len(texts)):
        hashes[row] = device_hash(buffer, texts[row] >> 16, texts[row] & 0xFFFF) if has_text[row] else 0


@compiled
def judge_unknown_clock(
    happened_us: int, received_us: int, retention_us: int, rules: np.void
) -> tuple[int, int]:
    """As `judge_clock`, of a clock that isn't followed: one that is ahead is put to the receipt.

    That of a scanner without a name, or of a device without a vehicle.
    """
    if happened_us - received_us > rules.clock_ahead_limit_s * SECOND_US:
        return FUTURE, NEVER
    if received_us - happened_us > retention_us:
        return TOO_OLD, NEVER
    if happened_us > received_us:
        return AHEAD, received_us
    return 0, happened_us


@compiled
def judge_clock(
    vehicle: np.void,
    device: int,
    device_seq: int,
    happened_us: int,
    received_us: int,
    retention_us: int,
    rules: np.void,
) -> tuple[int, int]:
    """What is said of one event's clock, in bits, and as of when the event is to be judged.

    Each of the vehicle's devices has a clock of its own; ``device`` is 0 for one without a name.
    ``device_seq`` is ``NO_SEQ`` where there is none. The moment is ``NEVER`` for an event that is not
    to be judged. A device that is ahead has its skew taken off, so the corrected time is never after
    the receipt; a skew below ``skew_least_s`` is only taken off where the event itself shows it.
    """
    turn_to(vehicle, device)
    offset_us = happened_us - received_us
    said = 0
    if _is_next(vehicle, device_seq, happened_us, received_us):
        said = _in_sequence(vehicle, device_seq, happened_us, received_us, rules)
    _learn(vehicle, offset_us, received_us, rules)
    if offset_us > rules.clock_ahead_limit_s * SECOND_US:
        return said | FUTURE, NEVER
    if -offset_us > retention_us:
        return said | TOO_OLD, NEVER
    skew_us = known_skew_us(vehicle)
    if offset_us > 0 or skew_us >= rules.skew_least_s * SECOND_US:
        return said | AHEAD, happened_us - skew_us
    return said, happened_us


@compiled
def known_skew_us(vehicle: np.void) -> int:
    """How far the device is ahead at least; negative where every event came with a delay."""
    return max(vehicle.clock_skew_us, vehicle.clock_skew_before_us)


@compiled
def _learn(vehicle: np.void, offset_us: int, received_us: int, rules: np.void) -> None:
    """Take one difference into the windows. Those of a ``future`` event would last beyond its repair."""
    passed_us = received_us - vehicle.clock_skew_window_us
    window_us = rules.skew_window_s * SECOND_US
    if vehicle.clock_skew_window_us == NEVER or passed_us >= window_us:
        is_next = vehicle.clock_skew_window_us != NEVER and passed_us < 2 * window_us
        vehicle.clock_skew_before_us = vehicle.clock_skew_us if is_next else NEVER
        vehicle.clock_skew_us = NEVER
        vehicle.clock_skew_window_us = received_us
    if offset_us <= rules.clock_ahead_limit_s * SECOND_US:
        vehicle.clock_skew_us = max(vehicle.clock_skew_us, offset_us)


@compiled
def _is_next(vehicle: np.void, device_seq: int, happened_us: int, received_us: int) -> bool:
    """Whether the event is the next of its device, in sequence or, without one, by its receipt.

    Neither a straggler tells something new of the clock, nor does a time that is told again.
    """
    last_happened_us, last_received_us = vehicle.clock_happened_us, vehicle.clock_received_us
    if happened_us == last_happened_us:
        return False
    if device_seq == NO_SEQ:
        return bool(vehicle.clock_seq == NO_SEQ and received_us >= last_received_us)
    if device_seq > vehicle.clock_seq:
        return True
    # A counter that began again tells something from the next event on.
    if happened_us > last_happened_us and received_us > last_received_us:
        vehicle.clock_seq = device_seq
    return False


@compiled
def _in_sequence(
    vehicle: np.void, device_seq: int, happened_us: int, received_us: int, rules: np.void
) -> int:
    """``JUMP`` where the device's clock was set between its last event and this one, the next in sequence.

    Three proofs, none of which buffering or a slow network can give:
    - the device's own time went back by more than the threshold;
    - it is further ahead than ever by more than that, after events that came without delay;
    - it keeps to a new offset, lower by more than that, event after event as they are received.

    Without a sequence the first is none, since events may be sent out of order, and the others are proofs
    of a clock alone that is ahead, before or after: messages of several ways may come with several delays.
    """
    last_happened_us, last_received_us = vehicle.clock_happened_us, vehicle.clock_received_us
    offset_us, jump_us = happened_us - received_us, rules.clock_jump_s * SECOND_US
    is_counted = device_seq != NO_SEQ and vehicle.clock_seq != NO_SEQ
    has_run_back = is_counted and last_happened_us - happened_us > jump_us
    is_level = vehicle.clock_level_count >= rules.clock_settled_events
    has_run_ahead = is_level and offset_us - max(known_skew_us(vehicle), vehicle.clock_level_us) > jump_us
    is_near = abs(offset_us - vehicle.clock_level_us) <= rules.clock_settled_s * SECOND_US
    if is_near and received_us > last_received_us and happened_us > last_happened_us:
        vehicle.clock_level_count += 1
    elif not is_near:
        vehicle.clock_level_us = offset_us
        vehicle.clock_level_count = 1
    has_settled_lower = (
        vehicle.clock_level_count == rules.clock_settled_events
        and known_skew_us(vehicle) != NEVER
        and known_skew_us(vehicle) - vehicle.clock_level_us > jump_us
    )
    least_us = NEVER if is_counted else rules.skew_least_s * SECOND_US
    is_ahead = max(known_skew_us(vehicle), offset_us) >= least_us
    is_jump = has_run_back or (is_ahead and (has_run_ahead or has_settled_lower))
    if is_jump:
        vehicle.clock_settings += 1
        forget(vehicle)
        vehicle.clock_level_us = offset_us
        vehicle.clock_level_count = 1
    vehicle.clock_seq = device_seq
    vehicle.clock_happened_us, vehicle.clock_received_us = happened_us, received_us
    return JUMP if is_jump else 0


def clock_rules(said: int) -> list[ClockRule]:
    """The rules behind the bits."""
    bits = {
        ClockRule.CLOCK_JUMP: JUMP,
        ClockRule.FUTURE: FUTURE,
        ClockRule.TOO_OLD: TOO_OLD,
        ClockRule.CLOCK_AHEAD: AHEAD,
    }
    return [rule for rule, bit in bits.items() if said & bit]


def clock_evidence(rule: ClockRule, happened_us: int, received_us: int, at_us: int, retention_us: int) -> str:
    """The figures behind a rule, in words. ``at_us`` is the corrected time."""
    ahead_us = happened_us - received_us
    if rule is ClockRule.TOO_OLD:
        limit = f"judged up to {retention_us / DAY_US:.0f} days"
        return f"{-ahead_us / DAY_US:.1f} days older than its receipt; {limit}"
    if rule is ClockRule.CLOCK_AHEAD:
        skew_s = (happened_us - at_us) / SECOND_US
        return f"{_offset_text(ahead_us)}; the device's clock is {skew_s:.1f} s ahead, which is taken off"
    if rule is ClockRule.CLOCK_JUMP:
        return f"{_offset_text(ahead_us)}, unlike the events before it; the clock's skew is learned anew"
    return _offset_text(ahead_us)


def _offset_text(ahead_us: int) -> str:
    return f"{abs(ahead_us) / SECOND_US:.1f} s {'ahead of' if ahead_us > 0 else 'before'} its receipt"
