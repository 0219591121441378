"""Puts the worker together: a Faust app whose agents hand what they read to the lanes."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import cast

import faust
from faust.types import StreamT
from yarl import URL

from streams.metrics.health import Health
from streams.metrics.worker import WorkerMetrics
from streams.topics import CHECKPOINTS, PROPOSALS
from streams.worker.answer import insertion_bytes
from streams.worker.checkpoint_log import KafkaCheckpoints
from streams.worker.chunk import Chunk
from streams.worker.ends import LogEnds
from streams.worker.horizons import Horizons
from streams.worker.lane import Bench
from streams.worker.lanes import Lanes
from streams.worker.outbox import Outbox, connect
from streams.worker.slot import Slot, take_slot
from streams.worker.solving import Answer, SolverDesk, SolverPool
from streams.worker.ticks import send_ticks
from streams.worker.transport import SCHEME, ChunkConsumer, ChunkSchema, register

GROUP = "doorstep-worker"
"""The consumer group, after the prefix: where lag can be seen with ordinary tools."""

CHECKPOINT_EVERY_S = 3.0
TICK_EVERY_S = 2.0
MEASURE_EVERY_S = 2.0
SOLVE_WITHIN_S = 60.0
SESSION_S = 15.0
"""After this long without a sign of life, a worker's partitions go to the others."""

CHUNKS_BUFFERED = 8


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """Where the worker reads and writes, and who is the clock; ``data_dir`` is Faust's own folder."""

    servers: str
    prefix: str
    partitions: int
    data_dir: Path
    is_clock_live: bool
    checkpoint_every_s: float = CHECKPOINT_EVERY_S


@dataclass(frozen=True, slots=True)
class Worker:
    """The app, and what is held and closed with it."""

    app: faust.App
    lanes: Lanes
    pool: SolverPool
    slot: Slot


def build_worker(
    config: WorkerConfig,
    benches: Sequence[Bench],
    answer: Answer,
    now: Callable[[], datetime],
    on_ready: Callable[[int], None],
    metrics: WorkerMetrics,
    health: Health,
) -> Worker:
    """The worker, not started. Called within the event loop that is to run it.

    ``answer`` solves a request in another process; ``on_ready`` is told the number of partitions
    at every assignment; ``metrics`` and ``health`` are told what happens.
    """
    slot = take_slot(config.data_dir)
    app = _app(config, slot)
    consumer = cast("ChunkConsumer", app.consumer)
    outbox = Outbox(connect(config.servers), config.prefix, config.partitions)
    pool = SolverPool(answer, SOLVE_WITHIN_S, insertion_bytes)

    async def propose(depot_id: str, proposal: bytes) -> None:
        outbox.send(PROPOSALS, depot_id, proposal)

    def fail(error: BaseException) -> None:
        app.add_future(app.crash(error))

    store = KafkaCheckpoints(config.servers, config.prefix + CHECKPOINTS.name)

    async def solve(request: bytes) -> bytes:
        started_s = monotonic()
        try:
            return await pool.solve(request)
        finally:
            metrics.solved(monotonic() - started_s)

    desk = SolverDesk(solve, propose, fail)
    lanes = Lanes(benches, config.prefix, consumer, store, outbox, desk, on_ready, metrics, health)
    consumer.recovery = lanes
    consumer.log_ends, consumer.horizons = LogEnds(config.servers), Horizons()
    for bench in benches:
        _add_agent(app, bench, lanes, config.prefix)
    _add_timers(app, lanes, outbox, config, now)

    async def give_up(*_: object, **options: object) -> None:
        await lanes.close()

    app.on_partitions_revoked.connect(give_up)
    return Worker(app, lanes, pool, slot)


def _app(config: WorkerConfig, slot: Slot) -> faust.App:
    register()
    app = faust.App(
        config.prefix + GROUP,
        broker=[URL(f"{SCHEME}://{address.strip()}") for address in config.servers.split(",")],
        datadir=config.data_dir,
        loop=asyncio.get_running_loop(),
        autodiscover=False,
        consumer_group_instance_id=slot.instance_id,
        broker_session_timeout=SESSION_S,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        stream_buffer_maxsize=CHUNKS_BUFFERED,
    )
    app.finalize()
    return app


def _add_agent(app: faust.App, bench: Bench, lanes: Lanes, prefix: str) -> None:
    async def judge(stream: StreamT[Chunk]) -> None:
        async for chunk in stream:
            await lanes.take(bench.name, chunk)

    names = [prefix + topic for topic in bench.topics]
    topic = app.topic(*names, schema=ChunkSchema(), acks=False, maxsize=CHUNKS_BUFFERED)
    app.agent(topic, name=bench.name)(judge)


def _add_timers(
    app: faust.App,
    lanes: Lanes,
    outbox: Outbox,
    config: WorkerConfig,
    now: Callable[[], datetime],
) -> None:
    app.task(lanes.follow_news)
    app.task(lanes.ask_ends)
    app.task(partial(lanes.keep_saved, config.checkpoint_every_s))
    app.task(partial(lanes.keep_measured, MEASURE_EVERY_S))
    if config.is_clock_live:

        async def tell_time() -> None:
            send_ticks(outbox, lanes.partitions, now())

        app.timer(TICK_EVERY_S)(tell_time)
