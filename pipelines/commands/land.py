"""``doorstep land``: write Kafka's topics to Parquet."""

import os
import signal
import time
from threading import Event as Flag
from types import FrameType

import click

from pipelines.broker.address import require_kafka
from pipelines.settings import Settings
from routing.errors import ConfigurationError
from streams.lake.landing import Rhythm, land
from streams.lake.schema import LANDED
from streams.lake.source import KafkaSource
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
def command(once: bool, names: tuple[str, ...], every_s: float) -> None:
    """Write Kafka's topics to Parquet, from where the lake ends, until SIGTERM or Ctrl-C."""
    settings = Settings.from_env(os.environ)
    stop = Flag()

    def on_signal(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    source = KafkaSource(require_kafka(settings), settings.topic_prefix)
    try:
        totals = land(
            source,
            settings.lake,
            tuple(BY_NAME[name] for name in names) or LANDED,
            once=once,
            rhythm=Rhythm(every_s=every_s),
            is_stopped=stop.is_set,
            monotonic_s=time.monotonic,
            say=lambda line: click.echo(line, err=True),
        )
    except OSError as error:
        raise ConfigurationError(
            f"the lake {settings.lake} can't be written: {error.strerror or error}; nothing is lost: "
            "once that is mended, start landing again, and it goes on from what has landed"
        ) from error
    finally:
        source.close()
    click.echo(f"landed {totals}", err=True)
