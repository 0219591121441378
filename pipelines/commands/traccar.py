"""``doorstep traccar``: carry what a Traccar server forwards to Kafka over to our topics."""

import os
import signal
from threading import Event as Flag
from types import FrameType

import click

from pipelines.broker.address import require_kafka
from pipelines.settings import Settings
from streams.publish import Publisher
from streams.traccar.bridge import carry
from streams.traccar.positions import KafkaPositions


@click.command()
@click.option("--topic", required=True, metavar="TOPIC", help="Where Traccar writes: its forward.topic.")
@click.option("--once", is_flag=True, help="Carry over what is there now, then end.")
def command(topic: str, once: bool) -> None:
    """Carry positions that a Traccar server forwards over to gps.fixes and vehicle.telemetry.

    Goes on where its consumer group stands, until SIGTERM or Ctrl-C.
    """
    settings = Settings.from_env(os.environ)
    stop = Flag()

    def on_signal(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    servers = require_kafka(settings)
    source = KafkaPositions(servers, settings.topic_prefix, topic, to_end_only=once)
    try:
        publisher = Publisher(servers, settings.topic_prefix)
        click.echo(f"carrying {topic} over", err=True)
        try:
            totals = carry(source, publisher, stop.is_set)
        finally:
            publisher.close()
    finally:
        source.close()
    click.echo(f"carried over {totals}", err=True)
