"""The JSON of a route's estimates, written by compiled code: objects would cost ten times as much."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.columns.compiled import compiled
from streams.events.base import Count, Event, Id, Instant
from streams.fleet.columns import NEVER
from streams.fleet.driven import index_length

Text = NDArray[np.uint8]

MOST_PER_STOP = 184
"""No stop's figures are longer than this, beside its id."""


class PackedEtaUpdate(Event, frozen=True, kw_only=True):
    """An ``EtaUpdate`` whose stops are JSON already: the bytes are the same event's."""

    vehicle_id: Id
    depot_id: Id
    shift_id: Id
    plan_revision: Count
    estimated_at: Instant
    stops: msgspec.Raw
    basis: str


def etas_text(names: bytes, vehicles: NDArray[np.void], number: int, stops: NDArray[np.void]) -> msgspec.Raw:
    """The estimates of the stops ahead as the JSON of ``EtaUpdate.stops``; from now on they are told.

    ``names`` are the ``DrivenRoute.stops`` of the route.
    """
    text, ends = np.frombuffer(names, np.uint8), np.frombuffer(names, "<u4", index_length(names))
    out = np.empty(len(text) + MOST_PER_STOP * len(ends) // 2 + 2, np.uint8)
    length = _write_etas(vehicles, number, stops, text, ends, out)
    return msgspec.Raw(out[:length].tobytes())


_STOP_ID, _P50, _P90, _SLACK, _NULL = (
    np.frombuffer(text, np.uint8)
    for text in (b'{"stop_id":', b',"p50_at":"', b'Z","p90_at":"', b'Z","slack_s":', b"null")
)


@compiled
def _put(text: Text, out: Text, at: int) -> int:
    for byte in text:
        out[at] = byte
        at += 1
    return at


@compiled
def _put_number(number: int, digits: int, out: Text, at: int) -> int:
    for place in range(at + digits - 1, at - 1, -1):
        out[place] = 48 + number % 10
        number //= 10
    return at + digits


@compiled
def _put_moment(at_us: int, out: Text, at: int) -> int:
    """``2026-03-02T08:01:40.5``, of a year of four digits; the date is found as Hinnant does."""
    days, us = at_us // 86_400_000_000, at_us % 86_400_000_000
    shifted = days + 719_468
    era = shifted // 146_097
    day_of_era = shifted - era * 146_097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    month = month_from_march + 3 if month_from_march < 10 else month_from_march - 9
    year = year_of_era + era * 400 + (1 if month <= 2 else 0)
    at = _put_number(year, 4, out, at)
    out[at] = 45
    at = _put_number(month, 2, out, at + 1)
    out[at] = 45
    at = _put_number(day_of_year - (153 * month_from_march + 2) // 5 + 1, 2, out, at + 1)
    out[at] = 84
    seconds = us // 1_000_000
    at = _put_number(seconds // 3600, 2, out, at + 1)
    out[at] = 58
    at = _put_number(seconds // 60 % 60, 2, out, at + 1)
    out[at] = 58
    at = _put_number(seconds % 60, 2, out, at + 1)
    if us % 1_000_000:
        out[at] = 46
        at = _put_number(us % 1_000_000, 6, out, at + 1)
    return at


@compiled
def _put_seconds(us: int, out: Text, at: int) -> int:
    """Microseconds as seconds, to the last of them."""
    if us < 0:
        out[at] = 45
        at += 1
        us = -us
    whole, digits, ceiling = us // 1_000_000, 1, 10
    while whole >= ceiling:
        ceiling *= 10
        digits += 1
    at = _put_number(whole, digits, out, at)
    out[at] = 46
    return _put_number(us % 1_000_000, 6, out, at + 1)


@compiled
def _write_etas(
    vehicles: NDArray[np.void],
    number: int,
    stops: NDArray[np.void],
    names: Text,
    ends: NDArray[np.uint32],
    out: Text,
) -> int:
    out[0] = 91
    at, vehicle = 1, vehicles[number]
    for place in range(vehicle.stop_count):
        stop = stops[vehicle.first_stop + place]
        if not stop.is_done and place + 1 != vehicle.served_stop:
            if at > 1:
                out[at] = 44
                at += 1
            at = _put(_STOP_ID, out, at)
            at = _put(names[np.int64(ends[2 * place]) : np.int64(ends[2 * place + 1])], out, at)
            at = _put(_P50, out, at)
            at = _put_moment(stop.p50_us, out, at)
            stop.told_us = stop.p50_us
            at = _put(_P90, out, at)
            at = _put_moment(stop.p90_us, out, at)
            at = _put(_SLACK, out, at)
            if stop.closes_us == NEVER:
                at = _put(_NULL, out, at)
            else:
                at = _put_seconds(stop.closes_us - stop.p50_us, out, at)
            out[at] = 125
            at += 1
    out[at] = 93
    return at + 1
