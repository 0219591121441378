"""Sends the known stream, at its pace, whatever happens to the broker: each record once, in order."""

import time
from threading import Thread

from confluent_kafka import KafkaException, Message, Producer

from streams.codec import encode
from streams.publish import partition_of
from streams.topics import DEPOTS, ROUTES, TICKS, VEHICLES, Topic
from tests.e2e.product import PARTITIONS
from tests.faults.fleet_day import depot_record
from tests.faults.known_stream import KnownStream, tick_value

DELIVERED_WITHIN_MS = 300_000


class Feeder(Thread):
    """Sends the reference data, then minute by minute of the day, as even as the broker allows.

    The producer is idempotent: what it sends again after the broker was away is there once.
    """

    def __init__(self, servers: str, stream: KnownStream, within_s: float, prefix: str = "") -> None:
        super().__init__(daemon=True)
        self._producer = Producer(
            {
                "bootstrap.servers": servers,
                "enable.idempotence": True,
                "compression.type": "lz4",
                "linger.ms": 5,
                "queue.buffering.max.messages": 1_000_000,
                "message.timeout.ms": DELIVERED_WITHIN_MS,
                "reconnect.backoff.max.ms": 500,
                "log_level": 0,
            }
        )
        self._stream = stream
        self._within_s = within_s
        self._prefix = prefix
        self._failures: list[str] = []
        self.share = 0.0

    def run(self) -> None:
        """Send it all."""
        self._send(DEPOTS, "D1", encode(depot_record()))
        for vehicle in self._stream.vehicles:
            self._send(VEHICLES, vehicle.vehicle_id, encode(vehicle.vehicle))
            self._send(ROUTES, vehicle.route.shift_id, encode(vehicle.route), vehicle.vehicle_id)
        self._producer.flush()
        slices = self._stream.slices
        for number, one in enumerate(slices, 1):
            began_s = time.monotonic()
            for message in one.messages:
                self._send(message.topic, message.key, message.value)
            self._producer.flush()
            for partition in range(PARTITIONS):
                self._produce(TICKS, None, tick_value(one.now_s, partition), partition)
            self._producer.flush()
            self.share = number / len(slices)
            time.sleep(max(0.0, self._within_s / len(slices) - (time.monotonic() - began_s)))

    def finish(self) -> None:
        """Wait until all is sent; raises ``KafkaException`` where a record was not taken."""
        self.join()
        if self._failures:
            raise KafkaException(f"{len(self._failures)} records were not taken: {self._failures[0]}")

    def _send(self, topic: Topic, key: str, value: bytes, partition_key: str | None = None) -> None:
        self._produce(topic, key, value, partition_of(partition_key or key, PARTITIONS))

    def _produce(self, topic: Topic, key: str | None, value: bytes, partition: int) -> None:
        self._producer.produce(
            self._prefix + topic.name, value, key, partition, on_delivery=self._on_delivery
        )

    def _on_delivery(self, error: object, message: Message) -> None:
        if error is not None:
            self._failures.append(str(error))
