"""One judge in a process of its own, fed with a fleet: how many bytes its state holds.

Run as ``python -m pipelines.bench.streams.memory_probe <JSON>``; prints the bytes.
"""

import ctypes
import gc
import os
import sys
from collections.abc import Iterator
from itertools import islice

import msgspec
import numpy as np

from pipelines.bench.streams.memory import Fleet
from pipelines.bench.streams.plans import route_assignments, tick
from pipelines.bench.streams.processes import resident_bytes
from pipelines.bench.streams.rounds import STARTS_AT, Scale, make_rounds
from pipelines.bench.streams.wording import fix_messages, telemetry_messages, vehicle_name
from routing.errors import ContractError
from streams.codec import encode
from streams.fleet.judge import FleetJudge
from streams.fleet.state import FleetState
from streams.judge import DeadLetter, Record, run_of
from streams.topics import GPS_FIXES, ROUTES, TELEMETRY, TICKS

RECORDS_A_RUN = 5_000
FIX_EVERY_S = 10
WARM_UP = Fleet(vehicles=20, fixes_each=500, stops=3)
"""Has all kernels loaded: they are no part of what one more costs."""

BEGAN_MS = int(STARTS_AT.timestamp() * 1000)
"""When the first records were appended."""


def main() -> None:
    """Feed a judge and print what its state holds."""
    _fed(WARM_UP)
    before = _settled_bytes()
    state = _fed(msgspec.json.decode(sys.argv[1], type=Fleet))
    print(_settled_bytes() - before)
    del state


def _fed(fleet: Fleet) -> FleetState:
    """The state of a judge that was told of the fleet."""
    judge = FleetJudge()
    topics = tuple(topic.name for topic in judge.inputs)
    state, records = judge.fresh(0), _records(fleet)
    while chunk := list(islice(records, RECORDS_A_RUN)):
        said = judge.advance_run(state, run_of(chunk, topics))
        if letter := next((each for each in said if isinstance(each, DeadLetter)), None):
            raise ContractError(f"the probe's own event is no valid one: {letter.reason}")
    return state


def _settled_bytes() -> int:
    """Resident bytes, after all that is free was given back where the C library can."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
    return resident_bytes(os.getpid())


def _records(fleet: Fleet) -> Iterator[Record]:
    """The time, the routes, then fix after fix of all vehicles."""
    rounds = make_rounds(Scale(fleet.vehicles, max(1, fleet.stops), seed=1))
    yield Record(TICKS.name, 0, 0, BEGAN_MS, None, encode(tick(0, 0)))
    if fleet.stops:
        for offset, route in enumerate(route_assignments(rounds)):
            yield Record(ROUTES.name, 0, offset, BEGAN_MS, route.shift_id.encode(), encode(route))
    dice = np.random.default_rng(1)
    vehicles = np.arange(fleet.vehicles)
    keys = [vehicle_name(vehicle).encode() for vehicle in vehicles.tolist()]
    offset = 0
    for turn in range(fleet.fixes_each):
        at_s = np.full(fleet.vehicles, turn * FIX_EVERY_S)
        places = rounds.where(vehicles, at_s.astype(np.float64))
        topic, values = TELEMETRY, telemetry_messages(dice, vehicles, at_s, at_s + 0.5, places)
        if not fleet.is_telemetry:
            seq = np.full(fleet.vehicles, turn)
            topic, values = GPS_FIXES, fix_messages(dice, vehicles, at_s, at_s + 0.5, places, seq)
        for key, value in zip(keys, values, strict=True):
            yield Record(topic.name, 0, offset, BEGAN_MS + 1000 * (1 + turn * FIX_EVERY_S), key, value)
            offset += 1


if __name__ == "__main__":
    main()
