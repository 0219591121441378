"""A lane at its place: seated with its checkpoint, and what has been saved of it since."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from faust.types import TP

from routing.errors import ConfigurationError
from streams.topics import CHECKPOINTS
from streams.worker.checkpoint import Checkpoint, Saved, way_out
from streams.worker.lane import Bench, Lane

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Runner:
    """A lane, the lock that makes its I/O one thing after the other, and what has been saved of it.

    ``saved_offsets`` are those of its last checkpoint, by topic, or where it began.
    """

    lane: Lane
    slot: int
    saved_offsets: Mapping[str, int]
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    saved_count: int = 0
    late_count: int = 0
    is_open: bool = True


def seated(
    bench: Bench,
    partition: int,
    saved: Saved | None,
    prefix: str,
    begins: Mapping[TP, int],
    ends: Mapping[TP, int],
) -> Runner:
    """A judge with its checkpoint, before the first record that is not in it.

    Raises ``ConfigurationError`` where the logs, which begin and end there, don't fit the checkpoint, or
    where its state is of another format than the judge's.
    """
    if saved is not None:
        _ensure_readable(bench, saved.checkpoint, prefix + CHECKPOINTS.name)
    reflected = {} if saved is None else saved.checkpoint.next_offsets
    offsets = {}
    for topic in bench.topics:
        tp = TP(prefix + topic, partition)
        if tp not in begins or tp not in ends:
            raise ConfigurationError(
                f"{tp.topic} has no partition {partition}, which the {bench.name} judge reads; "
                "every topic has the same number of partitions: see 'doorstep topics create'"
            )
        offsets[topic] = _offset(bench, tp, reflected.get(topic), begins[tp], ends[tp])
    if saved is None:
        return Runner(Lane(bench, partition, offsets, None), 0, offsets)
    return Runner(Lane(bench, partition, offsets, saved.checkpoint.state), 1 - saved.slot, offsets)


def _ensure_readable(bench: Bench, checkpoint: Checkpoint, topic: str) -> None:
    if checkpoint.state_format != bench.state_format:
        raise ConfigurationError(
            f"the checkpoint {checkpoint.key} on {topic} holds a state of format {checkpoint.state_format}, "
            f"the {bench.name} judge of this program reads format {bench.state_format}: {way_out(topic)}"
        )


def _offset(bench: Bench, tp: TP, reflected: int | None, begin: int, end: int) -> int:
    """Where a log is read from, of which ``reflected`` is the next record, if the checkpoint knows it."""
    if reflected is None:
        return begin
    if reflected > end:
        raise ConfigurationError(
            f"the checkpoint {bench.name}/{tp.partition} stands at offset {reflected} of {tp.topic}, "
            f"which ends at {end}: that topic was made anew; make {CHECKPOINTS.name} anew too"
        )
    if reflected < begin:
        log.warning("%s: offsets %d to %d were deleted unread", tp, reflected, begin - 1)
    return max(reflected, begin)
