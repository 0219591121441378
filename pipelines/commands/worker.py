"""``doorstep worker``: judge the streams."""

import gc
import os
import sys
from datetime import UTC, datetime

import click

from pipelines.broker.address import require_kafka
from pipelines.logs import start_logging
from pipelines.settings import Settings
from streams.admin import require_topics
from streams.dispatch.judge import DispatchJudge, pending_requests
from streams.fleet.judge import FleetJudge
from streams.fleet.rehearsal import rehearse
from streams.metrics.health import Health
from streams.metrics.server import LOOPBACK, serve_pages
from streams.metrics.worker import WorkerMetrics
from streams.worker.answer import answer_bytes
from streams.worker.app import Worker, WorkerConfig, build_worker
from streams.worker.lane import bench
from streams.worker.serve import serve


@click.command()
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="warning",
    show_default=True,
    help="What to tell on stderr.",
)
@click.option(
    "--metrics-port",
    type=click.IntRange(1, 65_535),
    help="Serve /metrics, /health and /ready there; without it, nowhere.",
)
@click.option(
    "--metrics-host", default=LOOPBACK, show_default=True, help="The address that they are served at."
)
def command(log_level: str, metrics_port: int | None, metrics_host: str) -> None:
    """Judge the streams until SIGTERM or Ctrl-C; says on stdout when it is ready."""
    settings = Settings.from_env(os.environ)
    start_logging(log_level, is_json=settings.is_log_json)
    metrics, health = WorkerMetrics(lambda: int(_now().timestamp() * 1000)), Health()
    if metrics_port is not None:
        serve_pages(metrics.registry, health, metrics_host, metrics_port)
    servers = require_kafka(settings)
    require_topics(servers, settings.topic_prefix, settings.partitions)
    rehearse(FleetJudge())
    _spare_the_collector()
    _take_turns()

    sys.exit(serve(lambda: _build(settings, servers, metrics, health)))


def _spare_the_collector() -> None:
    """Judges remember millions of objects without a cycle; looking through them took a third of the time."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _take_turns() -> None:
    """Who judges lets the threads that fetch and ask go on after half a millisecond, not after five."""
    sys.setswitchinterval(0.0005)


def _build(settings: Settings, servers: str, metrics: WorkerMetrics, health: Health) -> Worker:
    config = WorkerConfig(
        servers=servers,
        prefix=settings.topic_prefix,
        partitions=settings.partitions,
        data_dir=settings.home / "worker",
        is_clock_live=settings.is_clock_live,
    )
    benches = [bench(FleetJudge()), bench(DispatchJudge(), pending_requests)]
    return build_worker(config, benches, answer_bytes, _now, _say_ready, metrics, health)


def _now() -> datetime:
    return datetime.now(UTC)


def _say_ready(partitions: int) -> None:
    click.echo(f"worker ready: {partitions} partitions")
    sys.stdout.flush()
