"""Where the time goes: the judge alone in this process, on the log's own messages, without Kafka."""

import gc
from collections.abc import Iterator
from itertools import islice
from time import thread_time

from pipelines.bench.streams.day import Day
from pipelines.bench.streams.figures import Inside
from pipelines.bench.streams.filling import TICK_EVERY_S, TOPIC_OF_KIND, WARM_S, appended_ms
from pipelines.bench.streams.plans import route_assignments, tick, vehicle_records
from pipelines.bench.streams.rounds import Rounds
from pipelines.bench.streams.wording import vehicle_name
from streams.codec import encode
from streams.fleet.judge import FleetJudge
from streams.fleet.observations import Numbers, observe
from streams.judge import Emission, Record, Run, run_of
from streams.topics import ROUTES, TICKS, VEHICLES

RECORDS_A_RUN = 2_000
TOPICS = FleetJudge.inputs


def measure_inside(rounds: Rounds, events: int) -> Inside:
    """CPU of one event as it is read, judged without and with a route, and told; after a cycle of all."""
    prelude = list(_prelude(rounds))
    warm, day = _events(rounds, events)
    topics = tuple(topic.name for topic in TOPICS)
    runs = [run_of(chunk, topics) for chunk in _chunks(day)]
    read_s = _reading_s(runs)
    plain_s, _ = _judging(FleetJudge(), [prelude[: rounds.scale.vehicles + 1], warm], runs)
    judged_s, said = _judging(FleetJudge(), [prelude, warm], runs)
    began_s = thread_time()
    for emission in said:
        encode(emission.event)
    told_s = thread_time() - began_s
    count = len(day)
    return Inside(
        events=count,
        vehicles=rounds.scale.vehicles,
        read_us=read_s / count * 1e6,
        without_routes_us=plain_s / count * 1e6,
        with_routes_us=judged_s / count * 1e6,
        told_us=told_s / count * 1e6,
        said=len(said),
    )


def _reading_s(runs: list[Run]) -> float:
    numbers: dict[bytes, int] = {}
    known = Numbers(numbers, lambda name: numbers.setdefault(name, len(numbers)))
    observe(runs[0], known)
    began_s = thread_time()
    for run in runs:
        observe(run, known)
    return thread_time() - began_s


def _judging(judge: FleetJudge, before: list[list[Record]], runs: list[Run]) -> tuple[float, list[Emission]]:
    state, said = judge.fresh(0), list[Emission]()
    for records in before:
        for chunk in _chunks(records):
            judge.advance_run(state, run_of(chunk, runs[0].topics))
    gc.collect()
    gc.freeze()
    began_s = thread_time()
    for run in runs:
        said += [output for output in judge.advance_run(state, run) if isinstance(output, Emission)]
    took_s = thread_time() - began_s
    gc.unfreeze()
    return took_s, said


def _prelude(rounds: Rounds) -> Iterator[Record]:
    """The time, the vehicles, then the routes."""
    yield _record(TICKS.name, 0, None, encode(tick(0, 0)))
    for vehicle in vehicle_records(rounds, is_batched=False):
        yield _record(VEHICLES.name, 0, vehicle.vehicle_id, encode(vehicle))
    for route in route_assignments(rounds):
        yield _record(ROUTES.name, 0, route.shift_id, encode(route))


def _events(rounds: Rounds, count: int) -> tuple[list[Record], list[Record]]:
    """The records of the warm part, and at least ``count`` of what follows."""
    warm, day = list[Record](), list[Record]()
    for ends_s, messages in Day(rounds, is_batched=False).slices():
        part = warm if ends_s <= WARM_S else day
        for message in messages:
            topic, key = TOPIC_OF_KIND[message.kind].name, vehicle_name(message.vehicle)
            part.append(_record(topic, message.appended_s, key, message.value))
        if ends_s % TICK_EVERY_S == 0:
            part.append(_record(TICKS.name, ends_s, None, encode(tick(ends_s, 0))))
        if len(day) >= count:
            return warm, day
    raise AssertionError("a day has no end")


def _record(topic: str, second: float, key: str | None, value: bytes) -> Record:
    return Record(topic, 0, 0, appended_ms(second), None if key is None else key.encode(), value)


def _chunks(records: list[Record]) -> Iterator[list[Record]]:
    waiting = iter(records)
    while chunk := list(islice(waiting, RECORDS_A_RUN)):
        yield chunk
