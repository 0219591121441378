"""Starts workers as processes, feeds their topics and reads what they say."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import msgspec
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from streams.events.judgements import Verdict
from streams.topics import VERDICTS, Topic
from tests.integration.rolling_worker import Run

ROOT = Path(__file__).parents[2]
READY_WITHIN_S = 15.0
SAID_WITHIN_S = 15.0


@contextmanager
def running(run: Run) -> Iterator[subprocess.Popen[str]]:
    """A worker that has said that it is ready; killed on the way out if it still runs."""
    log = Path(run.data_dir).with_suffix(".log")
    with log.open("a") as errors:
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.rolling_worker", json.dumps(asdict(run))],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        with worker:
            try:
                assert worker.stdout is not None
                line = worker.stdout.readline()
                assert line == f"worker ready: {run.partitions} partitions\n", log.read_text()
                yield worker
            finally:
                worker.kill()


def log_of(run: Run) -> str:
    """What the workers of ``run`` wrote to stderr."""
    return Path(run.data_dir).with_suffix(".log").read_text()


class Wire:
    """Writes to and reads from the topics of one run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._producer = KafkaProducer(
            bootstrap_servers=run.servers, acks="all", max_request_size=9_000_000, linger_ms=0
        )
        self._consumer = KafkaConsumer(
            bootstrap_servers=run.servers, auto_offset_reset="earliest", max_partition_fetch_bytes=10_000_000
        )

    def send(self, topic: Topic, value: bytes, partition: int = 0) -> None:
        """Append one record and wait for Kafka to have it."""
        self._producer.send(self._run.prefix + topic.name, value, partition=partition).get(10)

    def read(self, topic: Topic, until: Callable[[list[ConsumerRecord]], bool]) -> list[ConsumerRecord]:
        """All records of ``topic`` from its beginning, once ``until`` is content with them."""
        name = self._run.prefix + topic.name
        self._consumer.assign([TopicPartition(name, p) for p in range(self._run.partitions)])
        self._consumer.seek_to_beginning()
        records: list[ConsumerRecord] = []
        deadline_s = time.monotonic() + SAID_WITHIN_S
        while not until(records):
            assert time.monotonic() < deadline_s, f"{len(records)} records on {name}; {log_of(self._run)}"
            for batch in self._consumer.poll(timeout_ms=100).values():
                records += batch
        return records

    def verdicts(self, count: int) -> dict[str, set[str]]:
        """By place what was said of it, once ``count`` places have been spoken of."""
        said: dict[str, set[str]] = {}

        def is_enough(records: list[ConsumerRecord]) -> bool:
            for record in records:
                each = msgspec.json.decode(record.value, type=Verdict)
                said.setdefault(f"{each.topic}/{each.partition}/{each.offset}", set()).add(each.rule)
            return len(said) >= count

        self.read(VERDICTS, is_enough)
        return said

    def close(self) -> None:
        """Disconnect."""
        self._producer.close(timeout=5)
        self._consumer.close()


@contextmanager
def wired(run: Run) -> Iterator[Wire]:
    """A wire that is closed on the way out."""
    wire = Wire(run)
    try:
        yield wire
    finally:
        wire.close()
