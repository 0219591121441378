"""A small judge for tests: it counts, and says so."""

from dataclasses import dataclass

import numpy as np

from streams.events.base import derived_id
from streams.events.dispatch import ReoptimizationRequest
from streams.events.judgements import ClockTick
from streams.judge import DeadLetter, Emission, Record, Run
from streams.topics import GPS_FIXES, SCANS, TICKS, Topic
from streams.worker.chunk import Columns
from tests.factories import at


@dataclass
class Counted:
    count: int = 0
    pending: tuple[ReoptimizationRequest, ...] = ()


class CountingJudge:
    """Says the time after each record; refuses ``poison``, fails on ``bug``."""

    name = "counting"
    state_format = 4
    inputs: tuple[Topic, ...] = (TICKS, GPS_FIXES, SCANS)

    def fresh(self, partition: int) -> Counted:
        return Counted()

    def advance(self, state: Counted, record: Record) -> list[Emission | DeadLetter]:
        if record.value == b"poison":
            return [DeadLetter(record, 0, record.value, "it is poison")]
        if record.value == b"bug":
            raise ZeroDivisionError("a bug in the judge")
        state.count += 1
        tick = ClockTick(event_id=derived_id("count", record.offset), source="test", now_at=at("09:00"))
        return [Emission(TICKS, f"key-{state.count}", tick)]

    def advance_run(self, state: Counted, run: Run) -> list[Emission | DeadLetter]:
        return [output for place in range(len(run)) for output in self.advance(state, run.record(place))]

    def save(self, state: Counted) -> bytes:
        return str(state.count).encode()

    def load(self, data: bytes) -> Counted:
        return Counted(int(data))


def record(topic: Topic, offset: int, value: bytes = b"", appended_at_ms: int = 1_000) -> Record:
    """A record of partition 0."""
    return Record(topic.name, 0, offset, appended_at_ms, None, value)


def columns(*records: Record) -> Columns:
    """Records of one log as they arrive."""
    return Columns(
        np.array([each.offset for each in records], np.int64),
        np.array([each.appended_at_ms for each in records], np.int64),
        [each.key for each in records],
        [each.value for each in records],
        sum(len(each.value) for each in records),
    )
