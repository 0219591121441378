"""How long from a cause's append on Kafka to what is said of it: on its topic, and in a reader's hands."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event, Thread
from time import sleep, time

import msgspec
import numpy as np
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from pipelines.bench.streams.cores import Cores, started_on
from pipelines.bench.streams.figures import Latency, LatencyRun
from pipelines.bench.streams.filling import (
    INPUT_TOPICS,
    WARM_S,
    Filler,
    fill_morning,
    fill_prelude,
    send_marks,
)
from pipelines.bench.streams.kafka import PARTITIONS, Log, read_all
from pipelines.bench.streams.marks import wait_for_marks
from pipelines.bench.streams.own_worker import LEEWAY_S, running_worker
from pipelines.bench.streams.pace import PacedLoad
from pipelines.bench.streams.rounds import Rounds
from routing.errors import DoorstepError
from streams.topics import ALERTS, DELAYS, TICKS, VISITS

WATCHED = {VISITS.name: "visits", DELAYS.name: "delays", ALERTS.name: "alerts"}
SETTLING_SHARE = 0.2
"""The first part of the run is left out: buffers fill, the worker finds its pace."""

ID_BEGINS, ID_ENDS = len('{"event_id":"'), len('{"event_id":"') + 36
"""Where the id stands in what the benchmark sends."""

REST_S = 2.0


class Caused(msgspec.Struct):
    """What is wanted of a judgement."""

    causation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """A judgement as a reader got it; times in epoch milliseconds."""

    what: str
    cause: str
    appended_ms: float
    in_hands_ms: float


class Reader:
    """Reads what the worker says as it comes, until stopped."""

    def __init__(self, log: Log) -> None:
        self.heard: list[Heard] = []
        self._consumer = Consumer(
            {
                "bootstrap.servers": log.servers,
                "group.id": f"{log.prefix}bench-latency",
                "enable.auto.commit": False,
                "log_level": 0,
            }
        )
        self._prefix = log.prefix
        places = [(log.prefix + topic, partition) for topic in WATCHED for partition in range(PARTITIONS)]
        self._consumer.assign([TopicPartition(*place, OFFSET_BEGINNING) for place in places])
        self._stopped = Event()
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Read no more."""
        self._stopped.set()
        self._thread.join()
        self._consumer.close()

    def _read(self) -> None:
        decode = msgspec.json.Decoder(Caused).decode
        while not self._stopped.is_set():
            message = self._consumer.poll(0.1)
            if message is None or message.error() is not None:
                continue
            in_hands_ms = time() * 1000
            cause = decode(message.value() or b"").causation_id
            if cause is not None:
                topic = (message.topic() or "").removeprefix(self._prefix)
                self.heard.append(Heard(WATCHED[topic], cause, message.timestamp()[1], in_hands_ms))


def measure_latency(
    log: Log, rounds: Rounds, cores: Cores, events_per_s: float, lasts_s: float
) -> LatencyRun:
    """Send at that rate for that long to a worker whose vehicles have all left."""
    filler = Filler(log)
    fill_prelude(filler, rounds, is_batched=False)
    fill_morning(filler, rounds)
    with running_worker(log, cores) as worker:
        within_s = LEEWAY_S + rounds.scale.vehicles / 50
        wait_for_marks(log, worker, send_marks(filler, "morning", WARM_S), within_s)
        reader = Reader(log)
        began_ms = time() * 1000
        sent_per_s = _send(log, rounds, cores, events_per_s, lasts_s)
        wait_for_marks(log, worker, send_marks(filler, "evening", WARM_S), LEEWAY_S)
        sleep(REST_S)
        reader.stop()
    appended_ms = _appends(log, {heard.cause for heard in reader.heard})
    first_ms = _settled_ms(appended_ms, began_ms)
    return LatencyRun(
        wanted_per_s=events_per_s,
        sent_per_s=sent_per_s,
        lasted_s=lasts_s,
        latencies=list(_latencies(reader.heard, appended_ms, first_ms)),
    )


def _send(log: Log, rounds: Rounds, cores: Cores, events_per_s: float, lasts_s: float) -> float:
    load = PacedLoad(log=log, scale=rounds.scale, events_per_s=events_per_s, lasts_s=lasts_s)
    command = [sys.executable, "-m", "pipelines.bench.streams.pace", msgspec.json.encode(load).decode()]
    with started_on(set(cores.others)):
        try:
            done = subprocess.run(
                command,
                env=dict(os.environ),
                capture_output=True,
                text=True,
                check=False,
                timeout=LEEWAY_S + 10 * lasts_s,
            )
        except subprocess.TimeoutExpired as error:
            raise DoorstepError(f"the paced load of {lasts_s:.0f} s did not end") from error
    if done.returncode != 0:
        raise DoorstepError(f"the paced load ended with code {done.returncode}: {done.stderr[-2000:]}")
    return float(done.stdout)


def _appends(log: Log, wanted: set[str]) -> dict[str, float]:
    """When each cause was appended, first; epoch milliseconds."""
    found: dict[str, float] = {}
    for message in read_all(log, *INPUT_TOPICS, TICKS.name):
        event_id = (message.value() or b"")[ID_BEGINS:ID_ENDS].decode()
        if event_id in wanted:
            found.setdefault(event_id, message.timestamp()[1])
    return found


def _settled_ms(appended_ms: dict[str, float], began_ms: float) -> float:
    """From when on causes count."""
    times = [at_ms for at_ms in appended_ms.values() if at_ms >= began_ms]
    if not times:
        raise DoorstepError("the worker said nothing of what was sent: the load is too short")
    return min(times) + SETTLING_SHARE * (max(times) - min(times))


def _latencies(heard: list[Heard], appended_ms: dict[str, float], first_ms: float) -> Iterator[Latency]:
    for what in WATCHED.values():
        of_it = [each for each in heard if each.what == what and appended_ms.get(each.cause, 0) >= first_ms]
        if not of_it:
            continue
        causes = np.array([appended_ms[each.cause] for each in of_it])
        to_topic = np.percentile(np.array([each.appended_ms for each in of_it]) - causes, [50, 99])
        to_hands = np.percentile(np.array([each.in_hands_ms for each in of_it]) - causes, [50, 99])
        yield Latency(
            what=what,
            count=len(of_it),
            append_p50_ms=float(to_topic[0]),
            append_p99_ms=float(to_topic[1]),
            hands_p50_ms=float(to_hands[0]),
            hands_p99_ms=float(to_hands[1]),
        )
