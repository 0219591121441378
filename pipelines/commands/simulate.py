"""``doorstep simulate``: play a simulated delivery day onto Kafka."""

import os
import signal
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import FrameType

import click
import msgspec

from pipelines.broker.address import require_kafka
from pipelines.cli import EXIT_INTERRUPTED
from pipelines.settings import Settings
from streams.publish import Publisher
from streams.simulator.city import TIME_ZONE, build_city
from streams.simulator.day import Day, Progress
from streams.simulator.listen import DispatchListener
from streams.simulator.play import Pace, Stage, play

DEFAULT_DAY = "2026-10-13"


@click.command()
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), default=DEFAULT_DAY, show_default=True)
@click.option("--seed", default=1, show_default=True, help="The same seed and date are the same day.")
@click.option("--depots", type=click.IntRange(1), default=2, show_default=True)
@click.option("--vehicles", type=click.IntRange(1), default=24, show_default=True)
@click.option("--orders", type=click.IntRange(0), default=300, show_default=True)
@click.option("--speed", type=click.FloatRange(0, min_open=True), default=600.0, show_default=True)
@click.option("--no-dirt", is_flag=True, help="Devices make no mistakes.")
@click.option("--truth", type=click.Path(file_okay=False, path_type=Path), help="Folder of what happened.")
@click.option("--progress-json", is_flag=True, help="One JSON line a second, for programs.")
def command(
    day: datetime,
    seed: int,
    depots: int,
    vehicles: int,
    orders: int,
    speed: float,
    no_dirt: bool,
    truth: Path | None,
    progress_json: bool,
) -> None:
    """Play a simulated delivery day onto Kafka, at SPEED times real time.

    The day is its own clock: run the worker with DOORSTEP_CLOCK=external.
    """
    settings = Settings.from_env(os.environ)
    if vehicles < depots:
        raise click.BadParameter(f"{depots} depots need at least as many vehicles, not {vehicles}")
    signal.signal(signal.SIGTERM, _interrupt)
    simulated = Day(build_city(seed, depots, vehicles), _past(day.date()), orders, not no_dirt)
    pace = Pace(speed, time.monotonic, time.sleep)
    try:
        _play(settings, simulated, pace, progress_json)
    except KeyboardInterrupt:
        click.echo("simulation stopped before the end of its day", err=True)
        sys.exit(EXIT_INTERRUPTED)
    simulated.write_truth(truth or settings.home / "truth")


def _play(settings: Settings, day: Day, pace: Pace, progress_json: bool) -> None:
    servers = require_kafka(settings)
    listener = DispatchListener(servers, settings.topic_prefix)
    publisher = Publisher(servers, settings.topic_prefix)
    try:
        play(Stage(day, publisher, listener, pace), _show_json if progress_json else _show_line)
    finally:
        listener.close()
        publisher.close(timeout_s=1.0)


def _past(day: date) -> date:
    """``day``, if it is over everywhere: what lies ahead of Kafka's clock is a dead letter."""
    today = datetime.now(UTC).date()
    if day >= today:
        raise click.BadParameter(f"{day} is not over yet; only days before {today} can be played")
    return day


def _show_json(progress: Progress) -> None:
    local = replace(progress, now_at=progress.now_at.astimezone(TIME_ZONE))
    click.echo(msgspec.json.encode(local))


def _show_line(progress: Progress) -> None:
    click.echo(
        f"{progress.now_at.astimezone(TIME_ZONE):%H:%M}  "
        f"{progress.vehicles_out} of {progress.vehicles} vans out, "
        f"{progress.orders_done} of {progress.orders} orders done, {progress.events:,} events"
    )


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
