import asyncio
import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from kafka import KafkaAdminClient

from pipelines.broker import control
from streams.admin import create_topics
from streams.judge import Record
from streams.topics import (
    CHECKPOINTS,
    COMMANDS,
    DEAD_LETTERS,
    GPS_FIXES,
    PROPOSALS,
    SCANS,
    TICKS,
    VERDICTS,
)
from streams.worker.app import GROUP
from streams.worker.checkpoint_log import KafkaCheckpoints
from tests.conftest import Topics
from tests.integration.rolling_worker import BUG, POISON, SOLVING_S, Rolling, RollingJudge, Run
from tests.integration.worker_process import Wire, log_of, running, wired

pytestmark = pytest.mark.kafka


@pytest.fixture
def run(topics: Topics, tmp_path: Path) -> Run:
    return Run(topics.bootstrap_servers, topics.prefix, topics.partitions, str(tmp_path / "worker"))


def judged_calmly(wire: Wire, run: Run) -> dict[str, set[str]]:
    """By place what a judge says that reads each partition's logs from beginning to end, merged."""
    judge, expected = RollingJudge(), {}
    records = {
        topic: wire.read(topic, lambda found, n=count: len(found) >= n)
        for topic, count in ((TICKS, 24), (GPS_FIXES, 240), (SCANS, 48))
    }
    for partition in range(run.partitions):
        state = judge.fresh(partition)
        merged = sorted(
            (record.timestamp, rank, record.offset, topic.name, record.value)
            for rank, topic in enumerate(judge.inputs[:3])
            for record in records[topic]
            if record.partition == partition
        )
        for appended_at_ms, _, offset, topic, value in merged:
            judge.advance(state, Record(topic, partition, offset, appended_at_ms, None, value))
            expected[f"{topic}/{partition}/{offset}"] = {state.digest}
    return expected


def test_a_worker_killed_again_and_again_says_what_a_calm_one_says(run: Run) -> None:
    with wired(run) as wire:
        for block in range(3):
            with running(run) as worker:
                for number in range(80 * block, 80 * block + 80):
                    wire.send(GPS_FIXES, b"fix %d" % number, number % 2)
                    if number % 5 == 0:
                        wire.send(SCANS, b"scan %d" % number, (number // 5) % 2)
                    if number % 10 == 0:
                        wire.send(TICKS, b"tick %d" % number, (number // 10) % 2)
                worker.send_signal(signal.SIGKILL)
        with running(run):
            said = wire.verdicts(240 + 48 + 24)
        expected = judged_calmly(wire, run)

    assert said == expected


def test_poison_is_put_aside_verbatim_and_the_stream_goes_on(run: Run) -> None:
    largest = POISON + b"\xff" * (GPS_FIXES.max_message_bytes - 128 - len(POISON))
    with wired(run) as wire, running(run):
        wire.send(GPS_FIXES, POISON + b"\x00\xfe")
        wire.send(GPS_FIXES, largest)
        wire.send(GPS_FIXES, b"good")
        wire.send(PROPOSALS, POISON + b"\xff" * 8_300_000)

        letters = wire.read(DEAD_LETTERS, lambda found: len(found) == 3)
        said = wire.verdicts(1)

    assert list(said) == ["gps.fixes/0/2"]
    assert {(letter.key, len(letter.value)) for letter in letters} == {
        (b"gps.fixes", 8),
        (b"gps.fixes", len(largest)),
        (b"dispatch.proposals", 8_300_006),
    }
    first = next(letter for letter in letters if len(letter.value) == 8)
    assert first.value == POISON + b"\x00\xfe"
    assert dict(first.headers) == {
        "reason": b"it is poison",
        "topic": b"gps.fixes",
        "partition": b"0",
        "offset": b"0",
        "index": b"0",
    }


def test_sigterm_stops_the_worker_with_everything_in_its_checkpoint(run: Run) -> None:
    with wired(run) as wire, running(replace(run, checkpoint_every_s=60.0)) as worker:
        for number in range(50):
            wire.send(GPS_FIXES, b"fix %d" % number)
        wire.verdicts(50)

        started_s = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        code = worker.wait(10)
        took_s = time.monotonic() - started_s

    store = KafkaCheckpoints(run.servers, run.prefix + CHECKPOINTS.name)
    saved = asyncio.run(store.read(range(run.partitions)))["rolling/0"].checkpoint
    assert (code, took_s < 5) == (0, True)
    assert saved.next_offsets[GPS_FIXES.name] == 50
    assert msgspec.msgpack.decode(saved.state, type=Rolling).digest
    assert committed(run)[f"{run.prefix}gps.fixes/0"] == 50


def committed(run: Run) -> dict[str, int]:
    """The group's offsets, as ordinary tools see them."""
    admin = KafkaAdminClient(bootstrap_servers=run.servers)
    try:
        offsets = admin.list_group_offsets({run.prefix + GROUP: None})[run.prefix + GROUP]
    finally:
        admin.close()
    return {f"{tp.topic}/{tp.partition}": found.offset for tp, found in offsets.items()}


def test_a_worker_whose_broker_is_gone_still_stops_within_ten_seconds(tmp_path: Path) -> None:
    broker = control.start(tmp_path / "kafka", preferred_port=0)
    try:
        run = Run(broker.bootstrap_servers, "", 1, str(tmp_path / "worker"))
        create_topics(run.servers, run.prefix, run.partitions)
        with running(run) as worker:
            with wired(run) as wire:
                wire.send(GPS_FIXES, b"fix")
                wire.verdicts(1)
            os.kill(broker.pid, signal.SIGKILL)
            time.sleep(1)

            started_s = time.monotonic()
            worker.send_signal(signal.SIGTERM)
            worker.wait(15)
            took_s = time.monotonic() - started_s
    finally:
        control.stop(tmp_path / "kafka")

    assert took_s < 10


def test_a_bug_in_a_judge_stops_the_worker_and_names_the_record(run: Run) -> None:
    with wired(run) as wire, running(run) as worker:
        wire.send(GPS_FIXES, b"fix")
        wire.send(GPS_FIXES, BUG)

        code = worker.wait(10)

    assert code == 1
    assert "rolling judge failed on partition 0, between gps.fixes" in log_of(run)
    assert "ZeroDivisionError: a bug in the judge" in log_of(run)


def test_a_slow_solver_holds_up_nobody_and_is_asked_again_after_a_kill(run: Run) -> None:
    request_id = uuid4().hex.encode()
    with wired(run) as wire:
        with running(run) as worker:
            wire.send(COMMANDS, request_id)
            wire.verdicts(1)
            started_s = time.monotonic()
            wire.send(TICKS, b"tick")
            wire.verdicts(2)
            took_s = time.monotonic() - started_s
            worker.send_signal(signal.SIGKILL)
        with running(run):
            proposals = wire.read(PROPOSALS, lambda found: len(found) == 1)
            wire.verdicts(3)
            time.sleep(SOLVING_S + 0.5)
            again = wire.read(PROPOSALS, lambda found: len(found) >= 1)

    assert took_s < SOLVING_S / 2
    assert [record.value for record in proposals] == [request_id]
    assert len(again) == 1


def test_the_live_clock_ticks_in_every_partition(run: Run) -> None:
    with wired(run) as wire, running(replace(run, is_clock_live=True)):
        ticks = wire.read(TICKS, lambda found: len({tick.partition for tick in found}) == run.partitions)
        wire.read(VERDICTS, lambda found: len(found) >= run.partitions)

    assert {tick.key for tick in ticks} == {None}
