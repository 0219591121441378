"""A Faust transport that hands over whole fetches, and says how far each log has been read.

Faust's own path costs about 75 us a record. Here one Faust message is one `Chunk`: all records of
one partition that one fetch brought. Faust neither acknowledges nor commits them: recovery goes by
this worker's checkpoints, and the place to read on from is asked for at every assignment.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import Any, ClassVar, Protocol, cast

import faust
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.structs import OffsetAndMetadata
from faust.transport.drivers import TRANSPORTS, aiokafka
from faust.types import TP, AppT, ConsumerMessage, Message

from streams.worker.merge import Horizon

SCHEME = "chunks"
FETCH_WAIT_MS = 25
"""How long a broker holds a fetch that finds nothing: what an idle log delays the others by."""

POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive records of one partition; in our hands at ``arrived_at_s`` (monotonic clock)."""

    tp: TP
    records: list[ConsumerRecord]
    arrived_at_s: float


@dataclass(frozen=True, slots=True)
class Drained:
    """What one look into the fetched records gave; ``horizons`` hold for what came before, too."""

    chunks: list[Chunk]
    horizons: Mapping[TP, Horizon]


class Recovery(Protocol):
    """What decides where reading starts, and takes note of how far the logs are known."""

    async def places(self, assigned: set[TP]) -> Mapping[TP, int]:
        """The offset at which to read on, for each assigned partition."""
        ...

    def observe(self, horizons: Mapping[TP, Horizon]) -> None:
        """Take note of how far logs are known."""
        ...


class FetchNotes:
    """Notes for each partition when the fetch was sent that told the log's end, and that end.

    aiokafka keeps the time of the response only. The time of the request is what counts, because
    the answer may not hold what was appended after it was made.
    """

    def __init__(self, send: Callable[..., Awaitable[Any]]) -> None:
        self._send = send
        self._notes: dict[TopicPartition, tuple[float, int]] = {}
        self._answered = asyncio.Event()

    async def send(self, node_id: int, request: object, **options: object) -> object:
        """Send ``request`` as aiokafka's client does, and read the ends in a fetch's answer."""
        asked_at_s = monotonic()
        response = await self._send(node_id, request, **options)
        if isinstance(request, FetchRequest):
            for topic, partitions in response.topics:
                for partition, error_code, end, *_ in partitions:
                    if error_code == 0:
                        self._notes[TopicPartition(topic, partition)] = (asked_at_s, end)
            self._answered.set()
        return response

    async def next_answer(self) -> None:
        """Wait for a fetch's answer, with records or without."""
        self._answered.clear()
        await self._answered.wait()

    def asked_at_s(self, tp: TopicPartition, position: int) -> float:
        """When the fetch was sent for which ``position`` is the log's end or beyond; -inf: none."""
        asked_at_s, end = self._notes.get(tp, (-inf, 0))
        return asked_at_s if position >= end else -inf

    def forget(self) -> None:
        """Start anew, after an assignment."""
        self._notes.clear()


class ChunkThread(aiokafka.AIOKafkaConsumerThread):
    """Faust's consumer thread around aiokafka, with fetches noted and drained as a whole."""

    _fetches: FetchNotes
    _through: dict[TP, int]

    async def on_start(self) -> None:
        """Connect, and listen to what is fetched."""
        await super().on_start()
        client = self._ensure_consumer()._client
        self._fetches = FetchNotes(client.send)
        self._through = {}
        client.send = self._fetches.send

    def _create_worker_consumer(self, transport: aiokafka.Transport) -> AIOKafkaConsumer:
        conf = self.app.conf
        # Ranges keep partition n of every topic on one worker; round robin would tear them apart.
        self._assignor = RangePartitionAssignor
        return AIOKafkaConsumer(
            client_id=conf.broker_client_id,
            group_id=conf.id,
            group_instance_id=conf.consumer_group_instance_id,
            bootstrap_servers=aiokafka.server_list(transport.url, transport.default_port),
            partition_assignment_strategy=[self._assignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=conf.consumer_max_fetch_size,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            request_timeout_ms=int(conf.broker_request_timeout * 1000),
            session_timeout_ms=int(conf.broker_session_timeout * 1000),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000),
        )

    async def drain(self, active: set[TP]) -> Drained:
        """What has been fetched of ``active`` by now; waits up to ``POLL_S`` for something."""
        drained: Drained = await self.call_thread(self._drain, active)
        return drained

    async def read_from(self, places: Mapping[TP, int]) -> None:
        """Read on from ``places``; what was fetched before is forgotten."""
        await self.call_thread(self._read_from, places)

    async def _read_from(self, places: Mapping[TP, int]) -> None:
        self._fetches.forget()
        self._through.clear()
        consumer = self._ensure_consumer()
        for tp, offset in places.items():
            consumer.seek(TopicPartition(*tp), offset)

    async def _drain(self, active: set[TP]) -> Drained:
        if not active:  # aiokafka takes none for all
            await asyncio.sleep(POLL_S)
            return Drained([], {})
        consumer = self._ensure_consumer()
        records = await self._fetch_records(consumer, active, timeout=0)
        if not records:
            # aiokafka's own wait ends with new records only; here, knowing of none is news as well.
            with suppress(TimeoutError):
                await asyncio.wait_for(self._fetches.next_answer(), POLL_S)
            records = await self._fetch_records(consumer, active, timeout=0)
        arrived_at_s = monotonic()
        chunks = [Chunk(TP(*tp), batch, arrived_at_s) for tp, batch in records.items()]
        self._through.update((chunk.tp, chunk.records[-1].offset) for chunk in chunks)
        return Drained(chunks, self._horizons(consumer))

    def _horizons(self, consumer: AIOKafkaConsumer) -> dict[TP, Horizon]:
        assignment = consumer._subscription.subscription.assignment
        horizons = {}
        for tp in assignment.tps:
            state = assignment.state_value(tp)
            if state is not None and state.has_valid_position:
                asked_at_s = self._fetches.asked_at_s(tp, state.position)
                if asked_at_s > -inf:
                    horizons[TP(*tp)] = Horizon(self._through.get(TP(*tp), -1), asked_at_s)
        return horizons

    async def commit_places(self, places: Mapping[TP, int]) -> None:
        """Commit ``places`` for the group."""
        offsets = {TopicPartition(*tp): OffsetAndMetadata(offset, "") for tp, offset in places.items()}
        await self.call_thread(self._ensure_consumer().commit, offsets)


class ChunkConsumer(aiokafka.Consumer):
    """Faust's consumer that yields chunks and starts where ``recovery`` says."""

    _thread: ChunkThread
    recovery: Recovery

    def _new_consumer_thread(self) -> ChunkThread:
        return ChunkThread(self, loop=self.loop, beacon=self.beacon)

    async def commit_places(self, places: Mapping[TP, int]) -> None:
        """Tell the group how far we are, for those who measure lag. Nothing here reads it back."""
        await self._thread.commit_places(places)

    async def perform_seek(self) -> None:
        """Read on from the checkpoints; Faust calls this at the end of every assignment."""
        places = await self.recovery.places(self.assignment())
        self._read_offset.clear()
        await self._thread.read_from(places)

    async def on_task_error(self, exc: BaseException) -> None:
        """An agent failed. Faust would start it anew at the next chunk and so skip what it held."""
        await self.app.crash(exc)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:
        """One message per partition and fetch."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow)  # type: ignore[arg-type]
        generation = self.app.consumer_generation_id
        drained = await self._thread.drain(set(self._get_active_partitions()))
        is_stale = self.app.consumer_generation_id != generation or not self.flow_active
        if is_stale or self.should_stop:
            return  # an assignment follows, and with it another seek
        self.recovery.observe(drained.horizons)
        for chunk in drained.chunks:
            yield chunk.tp, self._chunk_message(chunk)

    def _chunk_message(self, chunk: Chunk) -> ConsumerMessage:
        last = chunk.records[-1]
        return ConsumerMessage(
            last.topic,
            last.partition,
            last.offset,
            last.timestamp / 1000,
            last.timestamp_type,
            None,
            None,
            cast("bytes", chunk),
            None,
            tp=chunk.tp,
            generation_id=self.app.consumer_generation_id,
        )


class ChunkProducer(aiokafka.Producer):
    """Faust's producer, which repeats nothing when it has to try again."""

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}


class ChunkTransport(aiokafka.Transport):
    """The transport behind ``chunks://host:port``."""

    Consumer: ClassVar[type[ChunkConsumer]] = ChunkConsumer
    Producer: ClassVar[type[ChunkProducer]] = ChunkProducer


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
