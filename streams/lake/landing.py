"""Landing: every record of every topic into the lake once, whenever and however often it is started.

How far landing is stands in the lake's manifest alone. A file's line is written after the file, so a
crash leaves at most a file without a line; the next start removes it and reads those offsets again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from routing.errors import DoorstepError, KafkaUnavailable
from streams.lake.buffer import Buffer
from streams.lake.chunk import Chunk
from streams.lake.files import repair
from streams.lake.locks import only_writer
from streams.lake.manifest import LandedFile, end_offset
from streams.lake.source import Place, TopicState
from streams.lake.writers import Totals, Writers
from streams.topics import BY_NAME, Cleanup, Topic


class Source(Protocol):
    """Where records come from; ``KafkaSource`` in operation."""

    def topic_ids(self, topics: Sequence[Topic]) -> dict[str, str]:
        """Kafka's id of each topic, by name."""
        ...

    def states(self, topics: Sequence[Topic]) -> dict[str, TopicState]:
        """What Kafka holds of each topic now."""
        ...

    def assign(self, positions: dict[Place, int]) -> None:
        """Read these partitions from these offsets on."""
        ...

    def poll(self) -> tuple[list[Chunk], dict[Place, int]]:
        """The next records, and the offset reached in each partition that has no more for now."""
        ...


class Watcher(Protocol):
    """Who wants to know how landing gets on; ``streams.metrics.landing.LandingWatch`` in operation."""

    def started(self, positions: dict[Place, int]) -> None:
        """Landing goes on at these offsets."""
        ...

    def landed(self, file: LandedFile) -> None:
        """A file is in the lake, and its line in the manifest."""
        ...


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When to write: at every ``grid`` offsets of a partition, and all that there is every ``every_s``."""

    grid: int = 50_000
    every_s: float = 5.0

    def __post_init__(self) -> None:
        if self.grid < 1 or self.every_s <= 0:
            raise ValueError(f"Rhythm wants a positive grid and interval: {self.grid}, {self.every_s} s")


def land(
    source: Source,
    lake: Path,
    topics: Sequence[Topic],
    *,
    once: bool,
    rhythm: Rhythm,
    is_stopped: Callable[[], bool],
    monotonic_s: Callable[[], float],
    say: Callable[[str], None],
    watcher: Watcher,
) -> Totals:
    """Land ``topics`` until stopped; with ``once``, up to what Kafka holds now.

    Raises ``ConfigurationError`` where another landing writes to the lake or a topic is missing.
    """
    with only_writer(lake), Writers(lake, watcher.landed) as writers:
        entries = {topic.name: repair(lake, topic) for topic in topics}
        states = source.states(topics)
        run = _Run(source, writers, topics, states, rhythm, monotonic_s, say, written_at_s=monotonic_s())
        positions = _start_positions(states, entries, say)
        source.assign(positions)
        watcher.started(positions)
        say(f"landing {len(topics)} topics into {lake}")
        open_ends = _open_ends(states, positions) if once else None
        while not is_stopped() and open_ends != {}:
            ended = run.step()
            if open_ends is not None:
                open_ends = {
                    place: end
                    for place, end in open_ends.items()
                    if max(run.positions.get(place, 0), ended.get(place, 0)) < end
                }
        run.write(everything=True)
        run.settle()
        return run.totals


def _start_positions(
    states: dict[str, TopicState], entries: dict[str, tuple[LandedFile, ...]], say: Callable[[str], None]
) -> dict[Place, int]:
    positions: dict[Place, int] = {}
    for name, state in states.items():
        for partition, (first, _) in state.ranges.items():
            landed = end_offset(entries[name], state.topic_id, partition)
            positions[name, partition] = max(landed, first)
            if landed < first and BY_NAME[name].cleanup is Cleanup.DELETE:
                say(f"{name} partition {partition}: Kafka forgot offsets {landed} to {first - 1} unlanded")
    return positions


def _open_ends(states: dict[str, TopicState], positions: dict[Place, int]) -> dict[Place, int]:
    """The end offset of each partition that has something to land."""
    return {
        (name, number): end
        for name, state in states.items()
        for number, (_, end) in state.ranges.items()
        if positions[name, number] < end
    }


@dataclass(slots=True)
class _Run:
    """One run's buffers and what it wrote; ``positions`` is the next offset of each partition read."""

    source: Source
    writers: Writers
    topics: Sequence[Topic]
    states: dict[str, TopicState]
    rhythm: Rhythm
    monotonic_s: Callable[[], float]
    say: Callable[[str], None]
    positions: dict[Place, int] = field(default_factory=dict)
    buffers: dict[Place, Buffer] = field(default_factory=dict)
    written_at_s: float = 0.0

    def step(self) -> dict[Place, int]:
        """Read once and write what is due; the offsets of the partitions that have no more for now."""
        chunks, ended = self.source.poll()
        for chunk in chunks:
            self._keep(chunk)
        self._say(self.writers.done())
        now_s = self.monotonic_s()
        is_time = now_s - self.written_at_s >= self.rhythm.every_s
        if is_time:
            self.written_at_s = now_s
        if is_time or any(buffer.is_full() for buffer in self.buffers.values()):
            self._write_or_wait(everything=is_time)
        return ended

    def write(self, *, everything: bool) -> None:
        """Write what is complete, or all. Raises ``KafkaUnavailable`` if the topics' ids can't be confirmed.

        The ids are asked for before each writing: what is read of a topic that was made anew
        meanwhile would otherwise land under its predecessor's id.
        """
        if not any(buffer.chunks for buffer in self.buffers.values()):
            return
        self._confirm_ids()
        for topic in self.topics:
            buffers = [buffer for (name, _), buffer in self.buffers.items() if name == topic.name]
            files = [
                chunk
                for buffer in buffers
                for chunk in (buffer.take_all() if everything else buffer.take_full())
            ]
            self._say(self.writers.write(topic, self.states[topic.name].topic_id, files))

    def settle(self) -> None:
        """Wait until all that was read is written."""
        self._say(self.writers.settle())

    @property
    def totals(self) -> Totals:
        """What was written so far."""
        return self.writers.totals

    def _say(self, has_written: bool) -> None:
        if has_written:
            self.say(f"landed {self.totals}")

    def _keep(self, chunk: Chunk) -> None:
        place = (chunk.topic, chunk.partition)
        if place not in self.buffers:
            self.buffers[place] = Buffer(self.rhythm.grid)
        self.buffers[place].add(chunk)
        self.positions[place] = int(chunk.offsets[-1]) + 1

    def _write_or_wait(self, *, everything: bool) -> None:
        try:
            self.write(everything=everything)
        except KafkaUnavailable as error:
            self.say(f"{error}; what was read waits")

    def _confirm_ids(self) -> None:
        ids = self.source.topic_ids(self.topics)
        anew = [name for name, state in self.states.items() if ids[name] != state.topic_id]
        if anew:
            raise DoorstepError(
                f"made anew on Kafka while landing: {', '.join(anew)}; "
                "nothing doubtful was written, start landing again"
            )
