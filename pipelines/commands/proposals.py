"""``doorstep proposals``: list, show, approve or reject re-optimisation proposals."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime

import click

from pipelines.console import table_console
from pipelines.proposals.decide import command_for
from pipelines.proposals.log import DecisionLog
from pipelines.proposals.saying import AS_WHOM, KEY, REASON, open_log, say, this_user
from pipelines.proposals.standing import Standing, State, matching, standings
from pipelines.proposals.tables import as_list, as_page, list_json, page_json
from pipelines.settings import Settings
from streams.events.dispatch import MOST_CHOICES, CommandKind

AS_JSON = click.option("--json", "is_json", is_flag=True, help="For programs.")
PROPOSAL = click.argument("proposal_id", metavar="PROPOSAL")


@click.group()
def command() -> None:
    """List, show, approve or reject re-optimisation proposals."""


@command.command(name="list")
@click.option("--all", "is_all", is_flag=True, help="Also those that needed no decision.")
@AS_JSON
def list_proposals(is_all: bool, is_json: bool) -> None:
    """All proposals with their state, oldest first."""
    with open_log(Settings.from_env(os.environ)) as log:
        found = standings(log.proposals, log.outcomes)
        now = _now(log)
    shown = [each for each in found if is_all or each.state is not State.NOTHING_BETTER]
    if is_json:
        click.echo(list_json(shown, now))
    elif shown:
        table_console().print(as_list(shown, now))
    else:
        click.echo("no proposals")


@command.command()
@PROPOSAL
@AS_JSON
def show(proposal_id: str, is_json: bool) -> None:
    """One proposal: what it changes, for whom, and why; and what else could be done, ranked.

    Any beginning of its id that is its alone will do.
    """
    with open_log(Settings.from_env(os.environ)) as log:
        standing = pick(standings(log.proposals, log.outcomes), proposal_id)
        now = _now(log)
    if is_json:
        click.echo(page_json(standing, now))
    else:
        table_console().print(as_page(standing, now))


@command.command()
@PROPOSAL
@AS_WHOM
@REASON
@KEY
@click.option(
    "--choice",
    metavar="N",
    type=click.IntRange(1, MOST_CHOICES),
    help="Instead of what is proposed: the choice that `show` lists under this number.",
)
@click.pass_context
def approve(
    context: click.Context,
    proposal_id: str,
    issued_by: str | None,
    reason: str,
    key: str | None,
    choice: int | None,
) -> None:
    """Make a proposal the plan. Exit code 0: accepted, 1: refused, 3: no word within 10 s."""
    context.exit(_decide(CommandKind.APPROVE, proposal_id, issued_by, reason, key, choice))


@command.command()
@PROPOSAL
@AS_WHOM
@REASON
@KEY
@click.pass_context
def reject(
    context: click.Context, proposal_id: str, issued_by: str | None, reason: str, key: str | None
) -> None:
    """Decline a proposal. Exit code 0: rejected, 1: refused, 3: no word within 10 s."""
    context.exit(_decide(CommandKind.REJECT, proposal_id, issued_by, reason, key))


def pick(found: Sequence[Standing], prefix: str) -> Standing:
    """The one proposal whose id begins with ``prefix``; an error of usage lists those that are waiting."""
    matches = matching(found, prefix)
    if len(matches) == 1:
        return matches[0]
    if matches:
        names = ", ".join(each.short_id for each in matches[:10])
        raise click.BadParameter(f"{prefix!r} is the beginning of several: {names}", param_hint="PROPOSAL")
    waiting = ", ".join(each.short_id for each in found if each.state is State.WAITING)
    raise click.BadParameter(
        f"no proposal's id begins with {prefix!r}; waiting: {waiting or 'none'}", param_hint="PROPOSAL"
    )


def _decide(
    kind: CommandKind,
    proposal_id: str,
    issued_by: str | None,
    reason: str,
    key: str | None,
    choice: int | None = None,
) -> int:
    settings = Settings.from_env(os.environ)
    with open_log(settings) as log:
        standing = pick(standings(log.proposals, log.outcomes), proposal_id)
        word = command_for(standing, kind, issued_by or this_user(), datetime.now(UTC), reason, key, choice)
        return say(word, settings, log)


def _now(log: DecisionLog) -> datetime:
    """The day's clock where it speaks, as ages are those of the day being lived."""
    return log.now_at or datetime.now(UTC)
