"""``doorstep tell``: what people know and no device says: shifts that go on no more, roads slow or closed."""

import os
from datetime import UTC, datetime
from uuid import uuid4

import click

from pipelines.moments import Moment
from pipelines.proposals.saying import AS_WHOM, KEY, REASON, open_log, say, this_user
from pipelines.settings import Settings
from routing.changes import Outage
from routing.plan import Location
from routing.slow_zones import LEAST_SHARE, LONGEST, SlowZone
from streams.events.dispatch import Command, CommandKind

SOURCE = "doorstep.cli"


class Place(click.ParamType):
    """Latitude and longitude in degrees, with a comma between them."""

    name = "LAT,LON"

    def convert(
        self, value: str | Location, param: click.Parameter | None, ctx: click.Context | None
    ) -> Location:
        """The place."""
        if isinstance(value, Location):
            return value
        try:
            lat_deg, lon_deg = map(float, value.split(","))
            return Location(lat_deg, lon_deg)
        except ValueError as error:
            self.fail(f"{value!r} is no place such as 41.15,-8.61: {error}", param, ctx)


DEPOT = click.option("--depot", "depot_id", required=True, metavar="DEPOT", help="Whose dispatch is told.")


@click.group()
def command() -> None:
    """Tell dispatch what no device says. Exit code 0: noted, 1: refused, 3: no word within 10 s."""


@command.command()
@click.argument("shift_id", metavar="SHIFT")
@DEPOT
@click.option("--transfer", type=Place(), help="Where others can take over what is on board.")
@click.option("--from", "from_at", type=Moment(), help="From when on; at once, if not given.")
@AS_WHOM
@REASON
@KEY
@click.pass_context
def out(
    context: click.Context,
    shift_id: str,
    depot_id: str,
    transfer: Location | None,
    from_at: datetime | None,
    issued_by: str | None,
    reason: str,
    key: str | None,
) -> None:
    """SHIFT goes on no more: its vehicle broke down, or its driver is gone. Others are asked for at once."""
    try:
        outage = Outage(shift_id, transfer, from_at)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    _tell(context, _word(CommandKind.OUT_OF_ACTION, depot_id, issued_by, reason, key, outage=outage))


@command.command()
@click.argument("shift_id", metavar="SHIFT")
@DEPOT
@AS_WHOM
@REASON
@KEY
@click.pass_context
def back(
    context: click.Context,
    shift_id: str,
    depot_id: str,
    issued_by: str | None,
    reason: str,
    key: str | None,
) -> None:
    """SHIFT goes on after all. What others were given meanwhile stays theirs."""
    _tell(context, _word(CommandKind.BACK_IN_ACTION, depot_id, issued_by, reason, key, shift_id=shift_id))


@command.command()
@click.argument("centre", type=Place())
@DEPOT
@click.option("--radius", "radius_m", type=float, required=True, metavar="METRES")
@click.option("--from", "from_at", type=Moment(), required=True)
@click.option(
    "--until",
    "until_at",
    type=Moment(),
    required=True,
    help=f"{LONGEST.days} days after --from at the latest.",
)
@click.option("--share", type=float, help=f"Of the usual speed, {LEAST_SHARE:g} to 1; closed, if not given.")
@AS_WHOM
@REASON
@KEY
@click.pass_context
def roads(
    context: click.Context,
    centre: Location,
    depot_id: str,
    radius_m: float,
    from_at: datetime,
    until_at: datetime,
    share: float | None,
    issued_by: str | None,
    reason: str,
    key: str | None,
) -> None:
    """Around CENTRE (LAT,LON) roads are slow or closed for a while, 3 days at most.

    A better plan is asked for at once. `doorstep tell clear` takes it back, by the key that is printed.
    """
    try:
        speed = LEAST_SHARE if share is None else share
        zone = SlowZone(centre, radius_m, from_at, until_at, speed, is_closed=share is None)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    _tell(context, _word(CommandKind.SLOW_ZONE, depot_id, issued_by, reason, key, slow_zone=zone))


@command.command()
@click.argument("zone_id", metavar="ROADS")
@DEPOT
@AS_WHOM
@REASON
@KEY
@click.pass_context
def clear(
    context: click.Context,
    zone_id: str,
    depot_id: str,
    issued_by: str | None,
    reason: str,
    key: str | None,
) -> None:
    """ROADS, the key that `doorstep tell roads` printed, are as usual again.

    A plan that reckons with that is asked for at once.
    """
    _tell(context, _word(CommandKind.ROADS_CLEAR, depot_id, issued_by, reason, key, zone_id=zone_id))


def _word(
    kind: CommandKind,
    depot_id: str,
    issued_by: str | None,
    reason: str,
    key: str | None,
    *,
    outage: Outage | None = None,
    shift_id: str | None = None,
    slow_zone: SlowZone | None = None,
    zone_id: str | None = None,
) -> Command:
    """Each telling is a command of its own, unless it has a ``key``."""
    event_id = uuid4()
    return Command(
        event_id=event_id,
        source=SOURCE,
        command_id=key or str(event_id),
        depot_id=depot_id,
        kind=kind,
        issued_at=datetime.now(UTC),
        issued_by=issued_by or this_user(),
        reason=reason,
        outage=outage,
        shift_id=shift_id,
        slow_zone=slow_zone,
        zone_id=zone_id,
    )


def _tell(context: click.Context, word: Command) -> None:
    settings = Settings.from_env(os.environ)
    with open_log(settings) as log:
        context.exit(say(word, settings, log))
