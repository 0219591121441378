"""``doorstep compact``: merge the lake's small files."""

import os
import signal
from datetime import UTC, datetime, timedelta
from threading import Event as Flag
from types import FrameType

import click

from pipelines.settings import Settings
from streams.lake.compaction import KEPT, compact
from streams.lake.schema import LANDED


@click.command()
@click.option(
    "--keep-minutes",
    type=click.FloatRange(min=0),
    default=KEPT.total_seconds() / 60,
    show_default=True,
    help="How long replaced files stay for readers; longer than your longest build.",
)
def command(keep_minutes: float) -> None:
    """Merge small landed files into large ones, sorted by vehicle and time.

    Landing, building and reading may go on meanwhile. Run it every ten minutes or so.
    """
    settings = Settings.from_env(os.environ)
    stop = Flag()

    def on_signal(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    done = compact(
        settings.lake,
        LANDED,
        now=datetime.now(UTC),
        kept=timedelta(minutes=keep_minutes),
        is_stopped=stop.is_set,
        say=lambda line: click.echo(line, err=True),
    )
    click.echo(str(done), err=True)
