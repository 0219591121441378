"""``doorstep learn``: let a depot's plans and ETAs reckon with what was learned of it."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from pipelines.broker.address import require_kafka
from pipelines.moments import Moment
from pipelines.planning.depot_records import in_force, read_depots, with_learned
from pipelines.planning.learned import Learned, read_learned
from pipelines.settings import Settings
from streams.events.reference import DepotRecord
from streams.publish import Publisher
from streams.topics import DEPOTS

SERVICE = {"deliver_s": "delivering", "pick_up_s": "picking up", "return_s": "taking back"}


@click.command()
@click.argument("depot")
@click.option(
    "--published",
    type=click.Path(path_type=Path),
    help="The published KPI file; that of your home, if not given.",
)
@click.option("--from", "at", type=Moment(), help="When it comes into force.  [default: now]")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
def command(depot: str, published: Path | None, at: datetime | None, dry_run: bool) -> None:
    """Put learned speeds by the hour and service times into the record of DEPOT.

    Plans that are made from then on reckon with them, and so do the ETAs of their routes. Hours and kinds
    of stop that too little was seen of stay as the record has them.
    """
    settings = Settings.from_env(os.environ)
    from_at = at or datetime.now(UTC)
    learned = read_learned(published or settings.published, depot)
    bootstrap = require_kafka(settings)
    before = in_force(read_depots(bootstrap, settings.topic_prefix), depot, from_at)
    after = with_learned(before, learned, from_at)
    for line in describe(before, after, learned):
        click.echo(line)
    if dry_run:
        click.echo("nothing was changed")
        return
    publisher = Publisher(bootstrap, settings.topic_prefix, linger_ms=0)
    publisher.send(DEPOTS, after.depot_id, after)
    publisher.close()
    click.echo(f"in force from {from_at.isoformat(timespec='seconds')}")


def describe(before: DepotRecord, after: DepotRecord, learned: Learned) -> list[str]:
    """What changes, in words: km/h on the road by UTC hour, and seconds of service."""
    lines = [f"{after.depot_id} {learned.words}"]
    changed = [
        f"{hour:02d} h {old * 3.6:.1f} -> {new * 3.6:.1f}"
        for hour, (old, new) in enumerate(zip(before.travel.speeds_mps, after.travel.speeds_mps, strict=True))
        if old != new
    ]
    lines.append(f"km/h by UTC hour: {', '.join(changed) or 'as before'}")
    for name, words in SERVICE.items():
        if name in learned.service_s:
            old_s = None if before.service is None else getattr(before.service, name)
            old = "not said" if old_s is None else f"{old_s:.0f}"
            lines.append(f"seconds of {words}: {old} -> {learned.service_s[name]:.0f}")
    return lines
