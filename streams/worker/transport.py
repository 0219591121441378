"""A Faust transport over confluent-kafka that hands over whole fetches, column by column.

Faust's own path costs about 75 us a record. Here one Faust message is one `Chunk`: all records of
one partition that one look into the fetched records found. Faust neither acknowledges nor commits
them: recovery goes by this worker's checkpoints, and the place to read on from is asked for at
every assignment.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from time import monotonic
from typing import ClassVar, Protocol, cast

import faust
from faust.transport import base
from faust.transport.drivers import TRANSPORTS, confluent
from faust.types import TP, AppT, ConsumerMessage, Message

from streams.worker.chunk import Chunk
from streams.worker.ends import LogEnds
from streams.worker.horizons import Horizons
from streams.worker.merge import Horizon
from streams.worker.reading import ChunkThread

SCHEME = "chunks"


class Recovery(Protocol):
    """What decides where reading starts, and takes note of how far the logs are known."""

    async def places(self, assigned: set[TP]) -> Mapping[TP, int]:
        """The offset at which to read on, for each assigned partition."""
        ...

    def observe(self, horizons: Mapping[TP, Horizon]) -> None:
        """Take note of how far logs are known."""
        ...

    def abandon(self) -> None:
        """Forget all that was judged since the last checkpoints: others may judge it by now."""
        ...


class ChunkConsumer(confluent.Consumer):
    """Faust's consumer that yields chunks and starts where ``recovery`` says."""

    _thread: ChunkThread
    recovery: Recovery
    log_ends: LogEnds
    horizons: Horizons

    def _new_consumer_thread(self) -> ChunkThread:
        thread = ChunkThread(self, loop=self.loop, beacon=self.beacon)
        thread.abandon = lambda: self.recovery.abandon()
        return thread

    async def begins(self, tps: Iterable[TP]) -> Mapping[TP, int]:
        """Where logs begin. Raises ``KafkaUnavailable``."""
        return await asyncio.to_thread(self.log_ends.earliest, list(tps))

    async def ends(self, tps: Iterable[TP]) -> Mapping[TP, int]:
        """Where logs end, which tells how far they are known. Raises ``KafkaUnavailable``."""
        horizons, asked_at_s = self.horizons, monotonic()
        ends = await asyncio.to_thread(self.log_ends.latest, list(tps))
        horizons.answered(ends, asked_at_s)
        self.recovery.observe(self.horizons.news())
        return ends

    def reached(self, tp: TP) -> int:
        """The offset at which reading goes on, beyond gaps."""
        return self.horizons.position(tp)

    def hold(self, tps: Iterable[TP]) -> None:
        """Fetch these no further."""
        self._thread.hold(tps)

    def release(self, tps: Iterable[TP]) -> None:
        """Fetch these again."""
        self._thread.release(tps)

    def commit_places(self, places: Mapping[TP, int]) -> None:
        """Tell the group how far we are, for those who measure lag. Nothing here reads it back."""
        self._thread.commit_places(places)

    async def perform_seek(self) -> None:
        """Read on from the checkpoints; Faust calls this at the end of every assignment."""
        self.horizons = horizons = Horizons()
        places = await self.recovery.places(self.assignment())
        horizons.start(places)
        self._read_offset.clear()
        await self._thread.read_from(places)
        self.recovery.observe(horizons.news())

    async def on_task_error(self, exc: BaseException) -> None:
        """An agent failed. Faust would start it anew at the next chunk and so skip what it held."""
        await self.app.crash(exc)

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Faust looks for partitions that stall by its own acknowledgements, of which there are none."""

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:
        """One message per partition and look."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow)  # type: ignore[arg-type]
        generation = self.app.consumer_generation_id
        found = await self._thread.drain()
        is_stale = self.app.consumer_generation_id != generation or not self.flow_active
        if is_stale or self.should_stop:
            return  # an assignment follows, and with it another seek
        last_offsets = {chunk.tp: int(chunk.columns.offsets[-1]) for chunk in found.chunks}
        self.horizons.delivered(last_offsets, found.positions)
        self.recovery.observe(self.horizons.news())
        for chunk in found.chunks:
            # Faust's streams drop what carries another assignment's number.
            yield chunk.tp, _message(chunk, generation)


def _message(chunk: Chunk, generation: int) -> ConsumerMessage:
    return ConsumerMessage(
        chunk.tp.topic,
        chunk.tp.partition,
        int(chunk.columns.offsets[-1]),
        int(chunk.columns.appended_ms[-1]) / 1000,
        1,
        None,
        None,
        cast("bytes", chunk),
        None,
        tp=chunk.tp,
        generation_id=generation,
    )


class IdleProducer(base.Producer):
    """Faust demands a producer; the worker's own outputs go through its outbox."""

    async def flush(self) -> None:
        """Nothing waits here."""


class ChunkTransport(confluent.Transport):
    """The transport behind ``chunks://host:port``."""

    Consumer: ClassVar[type[ChunkConsumer]] = ChunkConsumer
    Producer: ClassVar[type[IdleProducer]] = IdleProducer


class ChunkSchema(faust.Schema[None, Chunk]):
    """Passes chunks through as they are; decoding is the judges' business."""

    def loads_key(self, app: AppT, message: Message, **options: object) -> None:
        """No chunk has a key."""

    def loads_value(self, app: AppT, message: Message, **options: object) -> Chunk:
        """The chunk."""
        return cast("Chunk", message.value)


def register() -> None:
    """Make the scheme known to Faust."""
    TRANSPORTS.aliases[SCHEME] = f"{__name__}:{ChunkTransport.__name__}"
