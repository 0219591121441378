"""What is still compiled in a worker's life once it has rehearsed: one name a line.

Run as a process of its own, ``python -m tests.faults.after_rehearsal``: code that was compiled stays.
"""

import gc

from numba.core.dispatcher import Dispatcher

from streams.codec import encode
from streams.fleet.judge import FleetJudge
from streams.fleet.rehearsal import rehearse
from streams.judge import Record
from streams.topics import ROUTES, TICKS, VEHICLES, Topic
from tests.faults.calm import calm_run
from tests.faults.fleet_day import Size
from tests.faults.known_stream import known_stream, tick_value

APPENDED_AT_MS = 1_772_438_400_000


def compiled_now() -> set[tuple[str, str]]:
    """Each function, with each shape of its arguments, that there is machine code of."""
    return {
        (function.py_func.__qualname__, str(shape))
        for function in gc.get_objects()
        if isinstance(function, Dispatcher)
        for shape in function.signatures
    }


def known_log() -> list[Record]:
    """A small known stream as one partition has it."""
    log: list[Record] = []

    def append(topic: Topic, key: str | None, value: bytes) -> None:
        place = (topic.name, 0, len(log), APPENDED_AT_MS + len(log))
        log.append(Record(*place, None if key is None else key.encode(), value))

    stream = known_stream(Size(vehicles=9, fixes=300, every_s=20.0, stops=6), seed=1)
    for vehicle in stream.vehicles:
        append(VEHICLES, vehicle.vehicle_id, encode(vehicle.vehicle))
        append(ROUTES, vehicle.route.shift_id, encode(vehicle.route))
    for one in stream.slices:
        for message in one.messages:
            append(message.topic, message.key, message.value)
        append(TICKS, None, tick_value(one.now_s, 0))
    return log


def main() -> None:
    rehearse(FleetJudge())
    rehearsed = compiled_now()
    calm_run(known_log())
    for function, _ in sorted(compiled_now() - rehearsed):
        print(function)


if __name__ == "__main__":
    main()
