"""What is remembered of vehicles and their stops, a record each, for compiled code.

A partition's vehicles are one array and the stops of all routes under way another. Each part of the
judge names its own fields; what hangs on few vehicles, or is text, lives in `streams.fleet.state`.
Instants are microseconds since 1970, ``NEVER`` is none; places are degrees, NaN is unknown.
"""

from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from streams.fleet.rules import FleetRules

NEVER = -(2**62)
"""No moment: before all that are."""

FAR_US = 2**62
"""A moment after all that are: never, of what is to come."""

SECOND_US, DAY_US = 1_000_000, 86_400_000_000

FIX, TELEMETRY_KIND, SCAN = range(3)
"""What a row of `streams.fleet.observations` was read from."""

Fields = list[tuple[str, type[np.generic]]]

MOTION_FIELDS: Fields = [
    ("now_us", np.int64),
    ("heard_us", np.int64),
    ("newest_fix_us", np.int64),
    ("position_us", np.int64),
    ("still_since_us", np.int64),
    ("lat_deg", np.float64),
    ("lon_deg", np.float64),
]
"""The vehicle's own time; its last receipt; its newest fix; where its newest usable fix had it, and when."""

ROUTE_FIELDS: Fields = [
    ("first_stop", np.int64),
    ("stop_count", np.int32),
    ("depot_lat_deg", np.float64),
    ("depot_lon_deg", np.float64),
    ("end_lat_deg", np.float64),
    ("end_lon_deg", np.float64),
    ("shift_starts_us", np.int64),
    ("shift_ends_us", np.int64),
    ("departed_us", np.int64),
    ("is_on_shift", np.bool_),
    ("track_row", np.int32),
]
"""The shift under way: its stops lie at ``first_stop`` and after, in the route's sequence, and its
track in row ``track_row``."""

STOP_FIELDS: Fields = [
    ("lat_deg", np.float64),
    ("lon_deg", np.float64),
    ("service_s", np.float32),
    ("opens_us", np.int64),
    ("closes_us", np.int64),
    ("planned_us", np.int64),
    ("arrive_us", np.int64),
    ("p50_us", np.int64),
    ("p90_us", np.int64),
    ("is_done", np.bool_),
    ("is_added", np.bool_),
]
"""``opens_us`` and ``closes_us`` are ``NEVER`` without a window; ``planned_us`` is by the first plan
that had the stop, ``is_added`` says that this was not the shift's first; ``arrive_us`` is by the plan in
force."""


def blank(dtype: np.dtype[np.void], count: int) -> NDArray[np.void]:
    """Records of which nothing is known."""
    records = np.zeros(count, dtype)
    for name in dtype.names or ():
        if name.endswith("_us"):
            records[name] = NEVER
        elif name.endswith("_deg"):
            records[name] = np.nan
    return records


def grown(records: NDArray[np.void], count: int) -> NDArray[np.void]:
    """The records, and blank ones after them, ``count`` in all."""
    larger = np.empty(count, records.dtype)
    larger[: len(records)] = records
    larger[len(records) :] = blank(records.dtype, count - len(records))
    return larger


RULES = np.dtype([(field.name, np.float64) for field in fields(FleetRules)])
"""One object for all arrays of it: an equal other one is compared field by field at each compiled call."""


def rules_rows(rules: FleetRules) -> NDArray[np.void]:
    """The rules as an array of one record of doubles, as compiled code is handed them.

    An array costs a call of compiled code 0.4 us, a record alone 50: its type is written out each time.
    """
    record = np.zeros(1, RULES)
    for name in RULES.names or ():
        record[name] = float(getattr(rules, name))
    return record


def rules_record(rules: FleetRules) -> np.void:
    """The record in `rules_rows`."""
    only: np.void = rules_rows(rules)[0]
    return only
