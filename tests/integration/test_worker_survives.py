import asyncio
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from pipelines.broker import control
from streams.admin import create_topics
from streams.topics import CHECKPOINTS, GPS_FIXES, TICKS
from streams.worker.checkpoint_log import KafkaCheckpoints
from tests.conftest import Topics
from tests.integration.rolling_worker import GROW, GROWN_BYTES, Rolling, Run
from tests.integration.worker_process import log_of, running, wired

pytestmark = pytest.mark.kafka

AWAY_S = 3.0


def test_a_worker_waits_for_a_broker_that_is_away_and_goes_on(tmp_path: Path) -> None:
    broker = control.start(tmp_path / "kafka", preferred_port=0)
    try:
        run = Run(broker.bootstrap_servers, "", 1, str(tmp_path / "worker"))
        create_topics(run.servers, run.prefix, run.partitions)
        with running(run) as worker:
            with wired(run) as wire:
                for number in range(20):
                    wire.send(GPS_FIXES, b"fix %d" % number)
                before = wire.verdicts(20)
            os.kill(broker.pid, signal.SIGKILL)
            time.sleep(AWAY_S)
            back = control.start(tmp_path / "kafka", preferred_port=broker.port)
            assert back.port == broker.port, "another program took the port"
            with wired(run) as wire:
                for number in range(20):
                    wire.send(TICKS, b"tick %d" % number)
                said = wire.verdicts(40)
            is_alive = worker.poll() is None
    finally:
        control.stop(tmp_path / "kafka")

    assert is_alive, log_of(run)
    assert said.items() >= before.items()
    assert all(len(words) == 1 for words in said.values())


def test_a_state_larger_than_one_record_survives_a_kill(topics: Topics, tmp_path: Path) -> None:
    run = Run(topics.bootstrap_servers, topics.prefix, topics.partitions, str(tmp_path / "worker"))
    with wired(run) as wire:
        with running(run) as worker:
            wire.send(GPS_FIXES, b"fix")
            wire.send(GPS_FIXES, GROW)
            wire.verdicts(2)
            worker.send_signal(signal.SIGTERM)
            worker.wait(10)
        with running(replace(run, checkpoint_every_s=60.0)) as worker:
            wire.send(GPS_FIXES, b"fix")
            said = wire.verdicts(3)
            worker.send_signal(signal.SIGKILL)

    store = KafkaCheckpoints(run.servers, run.prefix + CHECKPOINTS.name)
    saved = asyncio.run(store.read(range(run.partitions)))["rolling/0"].checkpoint
    state = msgspec.msgpack.decode(saved.state, type=Rolling)
    assert saved.next_offsets[GPS_FIXES.name] == 2
    assert len(state.weight) == GROWN_BYTES
    assert {state.digest} == said["gps.fixes/0/1"]
