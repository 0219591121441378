"""Saying something to dispatch on the command line, and printing what becomes of it."""

from getpass import getuser

import click

from pipelines.broker.address import require_kafka
from pipelines.proposals.decide import WAIT_S, is_carried_out, issue
from pipelines.proposals.log import DecisionLog
from pipelines.settings import Settings
from routing.errors import ConfigurationError
from streams.events.dispatch import Command
from streams.publish import Publisher
from streams.topics import COMMANDS

EXIT_REFUSED, EXIT_SILENCE = 1, 3

AS_WHOM = click.option("--as", "issued_by", metavar="NAME", help="Who says so; your user name, if not given.")
REASON = click.option("--reason", default="", help="Goes on record.")
KEY = click.option("--key", help="Idempotency key: the same key is carried out once.")


def open_log(settings: Settings) -> DecisionLog:
    """What dispatch said so far. Raises ``KafkaUnavailable``."""
    return DecisionLog(require_kafka(settings), settings.topic_prefix)


def say(word: Command, settings: Settings, log: DecisionLog) -> int:
    """Send the command, print its outcome: 0 if it was carried out, 1 if refused, 3 for no word in time."""
    outcome = issue(word, lambda said: _publish(settings, said), log)
    if outcome is None:
        click.echo(
            f"dispatch said nothing within {WAIT_S:.0f} s; the command is on record and will be judged "
            "once `doorstep worker` runs",
            err=True,
        )
        return EXIT_SILENCE
    click.echo(f"{outcome.status}: {outcome.reason}")
    return 0 if is_carried_out(outcome, log) else EXIT_REFUSED


def this_user() -> str:
    """Who sits here. Raises ``ConfigurationError`` where the system does not know."""
    try:
        return getuser()
    except (KeyError, OSError) as error:
        raise ConfigurationError("this user has no name here; say who you are with --as NAME") from error


def _publish(settings: Settings, said: Command) -> None:
    publisher = Publisher(require_kafka(settings), settings.topic_prefix, linger_ms=0)
    publisher.send(COMMANDS, said.depot_id, said)
    publisher.close()
