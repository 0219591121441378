"""``doorstep land``: write Kafka's topics to Parquet."""

import logging
import os
import signal
import time
from collections.abc import Callable
from threading import Event as Flag
from types import FrameType

import click

from pipelines.broker.address import require_kafka
from pipelines.landing_page import LandingPage
from pipelines.logs import start_logging
from pipelines.settings import Settings
from routing.errors import ConfigurationError
from streams.lake.landing import Rhythm, land
from streams.lake.schema import LANDED
from streams.lake.source import KafkaSource
from streams.metrics.server import LOOPBACK
from streams.topics import BY_NAME


@click.command()
@click.option("--once", is_flag=True, help="Land what Kafka holds now, then end.")
@click.option(
    "--topic",
    "names",
    multiple=True,
    metavar="TOPIC",
    type=click.Choice([topic.name for topic in LANDED]),
    help="Land this topic alone; may be given several times.",
)
@click.option(
    "--every",
    "every_s",
    type=click.FloatRange(min=0, min_open=True),
    default=Rhythm().every_s,
    show_default=True,
    help="Seconds between writings; longer makes fewer, larger files.",
)
@click.option(
    "--metrics-port",
    type=click.IntRange(1, 65_535),
    help="Serve /metrics, /health and /ready there; without it, nowhere.",
)
@click.option(
    "--metrics-host", default=LOOPBACK, show_default=True, help="The address that they are served at."
)
def command(
    once: bool, names: tuple[str, ...], every_s: float, metrics_port: int | None, metrics_host: str
) -> None:
    """Write Kafka's topics to Parquet, from where the lake ends, until SIGTERM or Ctrl-C."""
    settings = Settings.from_env(os.environ)
    say = _voice(settings)
    stop = Flag()

    def on_signal(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    servers = require_kafka(settings)
    source = KafkaSource(servers, settings.topic_prefix)
    topics = tuple(BY_NAME[name] for name in names) or LANDED
    page = LandingPage(servers, settings.topic_prefix, topics, every_s)
    if metrics_port is not None:
        page.serve(metrics_host, metrics_port)
    try:
        totals = land(
            source,
            settings.lake,
            topics,
            once=once,
            rhythm=Rhythm(every_s=every_s),
            is_stopped=stop.is_set,
            monotonic_s=time.monotonic,
            say=say,
            watcher=page.watch,
        )
    except OSError as error:
        raise ConfigurationError(
            f"the lake {settings.lake} can't be written: {error.strerror or error}; nothing is lost: "
            "once that is mended, start landing again, and it goes on from what has landed"
        ) from error
    finally:
        page.close()
        source.close()
    say(f"landed {totals}")


def _voice(settings: Settings) -> Callable[[str], None]:
    """How landing speaks: plain lines, or lines of JSON, on stderr."""
    if not settings.is_log_json:
        return lambda line: click.echo(line, err=True)
    start_logging("info", is_json=True)
    return logging.getLogger("streams.lake").info
