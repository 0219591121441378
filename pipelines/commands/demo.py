"""``doorstep demo``: one simulated delivery day through the real parts."""

import dataclasses
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click


@click.command()
@click.option(
    "--home",
    type=click.Path(path_type=Path),
    default=Path("var/demo"),
    show_default=True,
    help="Folder of the demo; emptied at the start.",
)
@click.option("--seed", default=1, show_default=True, help="Which city and which day.")
@click.option("--speed", default=1500.0, show_default=True, help="Simulated seconds per second.")
@click.option("--vehicles", default=16, show_default=True, help="Vehicles in all depots together.")
@click.option("--orders", default=240, show_default=True, help="Orders of the day.")
def command(home: Path, seed: int, speed: float, vehicles: int, orders: int) -> None:
    """Play one simulated delivery day through the real parts, and show its KPIs.

    Starts the embedded Kafka, the worker, the landing and the simulator; then builds the
    warehouse, prints the KPI table and writes an HTML report. Ctrl-C stops all of it.
    """
    from pipelines.demo.play import Day, play
    from pipelines.settings import Settings

    settings = dataclasses.replace(Settings.from_env(os.environ), home=home.absolute(), is_clock_live=False)
    if settings.kafka_bootstrap_servers:
        # Somebody's cluster: the demo keeps away from whatever is real there, and from earlier demos.
        settings = dataclasses.replace(settings, topic_prefix=f"demo-{datetime.now(UTC):%Y%m%d-%H%M%S}.")
    sys.exit(play(settings, Day(seed=seed, speed=speed, vehicles=vehicles, orders=orders), os.environ))
