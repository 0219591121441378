"""The clocks of the devices of one vehicle: the one that spoke last, and the two that spoke before it.

A van has a tracker, a scanner, perhaps a camera. They take turns, and what was learned of one clock
must not be lost while another speaks.
"""

import numpy as np

from streams.columns.compiled import compiled
from streams.fleet.columns import NEVER, Fields

PLACES = ("clock", "clock_1", "clock_2")
CLOCK_FIELDS: Fields = [
    ("clock_settings", np.int32),
    *(
        (f"{place}_{field}", np.int32 if field == "level_count" else np.int64)
        for place in PLACES
        for field in (
            "device",
            "seq",
            "happened_us",
            "received_us",
            "skew_window_us",
            "skew_us",
            "skew_before_us",
            "level_us",
            "level_count",
        )
    ),
]
"""How often a clock of the vehicle was set. The device; its newest event by sequence; where this window of
skews began, its largest skew and that of the window before; the offset that the last ``level_count`` events
in sequence agreed on."""

NO_SEQ = -1
Clock = tuple[int, int, int, int, int, int, int, int, int]


@compiled
def turn_to(vehicle: np.void, device: int) -> None:
    """Make ``device`` the one whose clock is followed; of a fourth one nothing is known."""
    if device == vehicle.clock_device:
        return
    last = _last(vehicle)
    if device == vehicle.clock_1_device:
        _put_last(vehicle, _first(vehicle))
    else:
        is_known = device == vehicle.clock_2_device
        second = _second(vehicle)
        _put_second(vehicle, _first(vehicle))
        if is_known:
            _put_last(vehicle, second)
        else:
            vehicle.clock_device = device
            forget(vehicle)
    _put_first(vehicle, last)


@compiled
def forget(vehicle: np.void) -> None:
    """Nothing is known of the clock; what follows is another device or another setting of it."""
    _put_last(vehicle, (vehicle.clock_device, NO_SEQ, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, 0))


@compiled
def _last(vehicle: np.void) -> Clock:
    return (
        vehicle.clock_device,
        vehicle.clock_seq,
        vehicle.clock_happened_us,
        vehicle.clock_received_us,
        vehicle.clock_skew_window_us,
        vehicle.clock_skew_us,
        vehicle.clock_skew_before_us,
        vehicle.clock_level_us,
        vehicle.clock_level_count,
    )


@compiled
def _first(vehicle: np.void) -> Clock:
    return (
        vehicle.clock_1_device,
        vehicle.clock_1_seq,
        vehicle.clock_1_happened_us,
        vehicle.clock_1_received_us,
        vehicle.clock_1_skew_window_us,
        vehicle.clock_1_skew_us,
        vehicle.clock_1_skew_before_us,
        vehicle.clock_1_level_us,
        vehicle.clock_1_level_count,
    )


@compiled
def _second(vehicle: np.void) -> Clock:
    return (
        vehicle.clock_2_device,
        vehicle.clock_2_seq,
        vehicle.clock_2_happened_us,
        vehicle.clock_2_received_us,
        vehicle.clock_2_skew_window_us,
        vehicle.clock_2_skew_us,
        vehicle.clock_2_skew_before_us,
        vehicle.clock_2_level_us,
        vehicle.clock_2_level_count,
    )


@compiled
def _put_last(vehicle: np.void, clock: Clock) -> None:
    (
        vehicle.clock_device,
        vehicle.clock_seq,
        vehicle.clock_happened_us,
        vehicle.clock_received_us,
        vehicle.clock_skew_window_us,
        vehicle.clock_skew_us,
        vehicle.clock_skew_before_us,
        vehicle.clock_level_us,
        vehicle.clock_level_count,
    ) = clock


@compiled
def _put_first(vehicle: np.void, clock: Clock) -> None:
    (
        vehicle.clock_1_device,
        vehicle.clock_1_seq,
        vehicle.clock_1_happened_us,
        vehicle.clock_1_received_us,
        vehicle.clock_1_skew_window_us,
        vehicle.clock_1_skew_us,
        vehicle.clock_1_skew_before_us,
        vehicle.clock_1_level_us,
        vehicle.clock_1_level_count,
    ) = clock


@compiled
def _put_second(vehicle: np.void, clock: Clock) -> None:
    (
        vehicle.clock_2_device,
        vehicle.clock_2_seq,
        vehicle.clock_2_happened_us,
        vehicle.clock_2_received_us,
        vehicle.clock_2_skew_window_us,
        vehicle.clock_2_skew_us,
        vehicle.clock_2_skew_before_us,
        vehicle.clock_2_level_us,
        vehicle.clock_2_level_count,
    ) = clock
