"""The thread that reads: confluent-kafka's consumer as a member of the group, drained as a whole.

While Kafka is away nothing is read and nothing is lost: the client looks for a broker until there is
one. When the group gave up the worker meanwhile, its lanes are dropped, and start again from their
checkpoints once Kafka has given the partitions back. A member that comes back may find its name taken
by its own earlier attempt to join; as the slot's lock keeps the name from others, it joins anew.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import inf
from time import monotonic
from typing import cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from faust.transport.drivers import confluent
from faust.types import TP
from mode import Service

from routing.errors import KafkaUnavailable
from streams.worker.chunk import NOTHING, Drained, drained, joined

log = logging.getLogger(__name__)

POLL_S = 0.05
SERVE_GROUP_EVERY_S = 0.02
FENCED_WITHIN_S = 60.0
"""After Kafka was away, the group may still know our name from an attempt to join that was cut off."""

AWAY = (KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN)
"""Of a broker that was killed and came back soon, the client may tell by the first alone."""

RECORDS_A_LOOK = 500
"""Few enough to stay in the processor's cache: 4,000 at once cost two to three times as much a record."""

LOOKS = 8
"""So many looks are handed over as one: that costs as much as looking."""

FETCHING = {
    "fetch.wait.max.ms": 100,
    "fetch.max.bytes": 16 * 1_048_576,
    "max.partition.fetch.bytes": 2 * 1_048_576,
    "queued.max.messages.kbytes": 32 * 1_024,
    "queued.min.messages": 100_000,
    # By default a full queue is looked at again after a second, and the worker idles.
    "fetch.queue.backoff.ms": 5,
}


class ChunkThread(confluent.ConfluentConsumerThread):
    """Faust's consumer thread around confluent-kafka's consumer, drained as a whole."""

    abandon: Callable[[], None]
    """Told, in the app's own loop, that others may have the partitions already."""

    _client: Consumer
    _topics: list[str]
    _ours: frozenset[TP] = frozenset()
    _to_commit: tuple[TopicPartition, ...] = ()
    _is_reading = False
    _is_closing = False
    _is_kafka_gone = False
    _gone_at_s = -inf
    _fatal_error: KafkaError | None = None

    async def on_start(self) -> None:
        """Connect."""
        self._client = self._connect()

    def _connect(self) -> Consumer:
        conf = self.app.conf
        transport = cast("confluent.Transport", self.transport)
        return Consumer(
            {
                "bootstrap.servers": confluent.server_list(transport.url, transport.default_port),
                "client.id": conf.broker_client_id,
                "group.id": conf.id,
                "group.instance.id": conf.consumer_group_instance_id,
                # Ranges keep partition n of every topic on one worker; round robin would tear them apart.
                "partition.assignment.strategy": "range",
                "session.timeout.ms": int(conf.broker_session_timeout * 1000),
                "heartbeat.interval.ms": int(conf.broker_heartbeat_interval * 1000),
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "error",
                "enable.partition.eof": True,
                "log_level": 0,
                "on_commit": _report_commit,
                "error_cb": self._on_error,
                **FETCHING,
            }
        )

    async def on_thread_stop(self) -> None:
        """Disconnect; what was committed before has its answer by then."""
        await super().on_thread_stop()
        self._commit()
        self._is_closing = True
        self._client.close()

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Join the group for ``topics``."""
        await self.call_thread(self._subscribe, list(topics))

    async def _subscribe(self, topics: list[str]) -> None:
        self._topics = topics
        self._join()

    def _join(self) -> None:
        self._client.subscribe(
            self._topics, on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
        )

    def assignment(self) -> set[TP]:
        """The partitions that are ours now."""
        return set(self._ours)

    async def drain(self) -> Drained:
        """What has been fetched by now; waits up to ``POLL_S`` for something."""
        found: Drained = await self.call_thread(self._drain)
        return found

    async def read_from(self, places: Mapping[TP, int]) -> None:
        """Read from ``places`` on; what was fetched before is forgotten."""
        await self.call_thread(self._read_from, places)

    def hold(self, tps: Iterable[TP]) -> None:
        """Fetch these no further; by the thread itself, as with `commit_places`."""
        held = [TopicPartition(*tp) for tp in tps]
        self.thread_loop.call_soon_threadsafe(lambda: self._client.pause(held))

    def release(self, tps: Iterable[TP]) -> None:
        """Fetch these again; by the thread itself."""
        released = [TopicPartition(*tp) for tp in tps]
        self.thread_loop.call_soon_threadsafe(lambda: self._client.resume(released))

    def commit_places(self, places: Mapping[TP, int]) -> None:
        """Have ``places`` committed for the group, by the thread itself.

        From another thread the client's commit waits for as long as the group's coordinator is away;
        and that thread may be the one that the client waits for, to give up what is lost.
        """
        self._to_commit = tuple(TopicPartition(*tp, offset) for tp, offset in places.items())
        self.thread_loop.call_soon_threadsafe(self._commit)

    def _commit(self) -> None:
        offsets, self._to_commit = self._to_commit, ()
        if offsets:
            try:
                self._client.commit(offsets=list(offsets), asynchronous=True)
            except KafkaException as error:
                _report_commit(error, offsets)

    async def _read_from(self, places: Mapping[TP, int]) -> None:
        if places.keys() == self._ours:  # else the group has decided anew, and we are asked again
            assigned = [TopicPartition(*tp, offset) for tp, offset in places.items()]
            self._client.assign(assigned)
            self._client.resume(assigned)  # what the lanes before held
            self._is_reading = True

    async def _drain(self) -> Drained:
        # ``consume`` alone would wait for its whole number; ``poll`` returns with the first record.
        first = self._client.poll(POLL_S)
        if first is None:
            self._mend()
            return NOTHING
        found = joined(list(self._looks(first)))
        self._mend()
        self._is_kafka_gone = self._is_kafka_gone and not found.chunks
        return found

    def _looks(self, first: Message) -> Iterator[Drained]:
        """What has been fetched, ``first`` and on, look by look."""
        seen = [first, *self._client.consume(RECORDS_A_LOOK - 1, 0)]
        yield drained(seen, monotonic())
        for _ in range(LOOKS - 1):
            if len(seen) < RECORDS_A_LOOK:
                return
            seen = self._client.consume(RECORDS_A_LOOK, 0)
            yield drained(seen, monotonic())

    def _on_error(self, error: KafkaError) -> None:
        """Called within ``poll``: a broker is away, or the client can't go on at all."""
        if error.fatal():
            self._fatal_error = error
        elif error.code() in AWAY:
            self._gone_at_s = monotonic()
            if error.code() == KafkaError._ALL_BROKERS_DOWN and not self._is_kafka_gone:
                log.warning("no broker of Kafka answers; the worker waits, and goes on when one is back")
                self._is_kafka_gone = True

    def _mend(self) -> None:
        """Join anew where the group took us for another. Raises ``KafkaUnavailable`` for another's sake."""
        error, self._fatal_error = self._fatal_error, None
        if error is None:
            return
        if error.code() != KafkaError.FENCED_INSTANCE_ID or monotonic() - self._gone_at_s > FENCED_WITHIN_S:
            raise KafkaUnavailable(f"{self.app.conf.consumer_group_instance_id}: {error.str()}")
        log.warning("the group took this worker for another one while Kafka was away; it joins anew")
        self._lose()
        self._is_closing = True
        self._client.close()
        self._is_closing = False
        self._client = self._connect()
        self._join()

    @Service.task
    async def _serve_group(self) -> None:
        """While nothing is read, let the client tell what the group decides."""
        while not self.should_stop:
            if not self._is_reading:
                event = self._client.poll(0)
                self._mend()
                if event is not None:
                    drained([event], monotonic())
            await self.sleep(SERVE_GROUP_EVERY_S)

    def _on_assign(self, client: Consumer, assigned: list[TopicPartition]) -> None:
        # Nothing is fetched until the checkpoints have told from where.
        client.assign([])
        if not self.app.rebalancing:
            self.app.on_rebalance_start()
        self._ours = frozenset(TP(tp.topic, tp.partition) for tp in assigned)
        self.app.consumer_generation_id += 1
        generation = self.app.consumer_generation_id
        self.thread_loop.create_task(self.on_partitions_assigned(set(self._ours), generation))

    def _on_revoke(self, client: Consumer, revoked: list[TopicPartition]) -> None:
        """Others get the partitions when this returns: so the lanes are saved before."""
        self._give_up()
        self._commit()
        client.unassign()

    def _on_lost(self, client: Consumer, lost: list[TopicPartition]) -> None:
        self._lose()
        client.unassign()

    def _lose(self) -> None:
        """Others may have the partitions already: so nothing is saved."""
        self.parent_loop.call_soon_threadsafe(self.abandon)
        self._give_up()
        self._to_commit = ()

    def _give_up(self) -> None:
        self._is_reading = False
        if self._ours and not self._is_closing:
            self.app.on_rebalance_start()
            revoked = self.consumer.on_partitions_revoked(set(self._ours))
            asyncio.run_coroutine_threadsafe(revoked, self.parent_loop).result()
        self._ours = frozenset()


def _report_commit(error: object, places: object) -> None:
    if error is not None:
        # Only those who measure lag read it; recovery goes by the checkpoint.
        log.warning("the group's offsets were not committed: %s", error)
