"""``doorstep dlq``: list, show and replay dead letters."""

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import click

from pipelines.broker.address import require_kafka
from pipelines.dlq.log import LetterLog
from pipelines.dlq.words import as_line, as_list, as_page, as_summary, line_json, list_json, page_json
from pipelines.moments import Moment
from pipelines.settings import Settings
from streams.events.letters import LetterReplayed
from streams.publish import Publisher
from streams.replay import Place, Wanted, by_letter, failed_replay, grouped, once_each, replay
from streams.topics import REPLAYS

F = TypeVar("F", bound=Callable[..., None])

AS_JSON = click.option("--json", "is_json", is_flag=True, help="For programs.")


class LetterPlace(click.ParamType):
    """A letter's ``partition/offset`` on dead.letters, as the list shows it."""

    name = "letter"

    def convert(self, value: str | Place, param: click.Parameter | None, ctx: click.Context | None) -> Place:
        """Partition and offset."""
        if isinstance(value, tuple):
            return value
        if not re.fullmatch(r"[0-9]{1,9}/[0-9]{1,18}", value):
            self.fail(f"{value!r} is not partition/offset, such as 0/42", param, ctx)
        partition, offset = value.split("/")
        return int(partition), int(offset)


def _choosing(function: F) -> F:
    """The options that choose letters, the same for the list and the replay."""
    for option in (
        click.option("--until", type=Moment(), metavar="TIME", help="Letters written before this time."),
        click.option("--since", type=Moment(), metavar="TIME", help="Letters written at this time or later."),
        click.option("--topic", metavar="TOPIC", help="Letters that came from this topic."),
        click.option("--reason", metavar="WORDS", help="Letters whose reason holds these words."),
    ):
        function = option(function)
    return function


@click.group()
def command() -> None:
    """List, show and replay dead letters: messages that break their contract."""


@command.command(name="list")
@_choosing
@click.option("--each", "is_each", is_flag=True, help="One line a letter instead.")
@AS_JSON
def list_letters(
    reason: str | None,
    topic: str | None,
    since: datetime | None,
    until: datetime | None,
    is_each: bool,
    is_json: bool,
) -> None:
    """Dead letters by topic and reason, each with its first and last time and its newest letter."""
    wanted = _wanted(reason, topic, since, until)
    with _open_log(Settings.from_env(os.environ)) as log:
        letters = filter(wanted.takes, log.letters())
        if is_each:
            for letter in once_each(letters):
                click.echo(line_json(letter) if is_json else as_line(letter))
            return
        groups = grouped(letters, by_letter(log.replays()))
    if is_json:
        click.echo(list_json(groups))
    elif groups:
        click.echo(as_list(groups))
    else:
        click.echo("no dead letters")


@command.command()
@click.argument("place", metavar="LETTER", type=LetterPlace())
@AS_JSON
def show(place: Place, is_json: bool) -> None:
    """One letter, by its partition/offset: where it stood, its reason, its bytes."""
    with _open_log(Settings.from_env(os.environ)) as log:
        letter = log.letter_at(place)
        replays = log.replays()
    if letter is None:
        raise click.BadParameter(f"no letter stands at {place[0]}/{place[1]}", param_hint="LETTER")
    render = page_json if is_json else as_page
    own, failed = by_letter(replays).get(letter.letter_id), failed_replay(letter, replays)
    click.echo(render(letter, own, failed))


@command.command(name="replay")
@_choosing
@click.option("--dry-run", "is_dry", is_flag=True, help="Say what would be sent, and send nothing.")
def replay_letters(
    reason: str | None, topic: str | None, since: datetime | None, until: datetime | None, is_dry: bool
) -> None:
    """Send letters' bytes again, to the topic and key they came from; each letter once.

    A letter that was sent again before is left out. One that fails again becomes a new letter, which
    the list counts as failed again.
    """
    settings = Settings.from_env(os.environ)
    wanted = _wanted(reason, topic, since, until)
    servers = require_kafka(settings)
    with LetterLog(servers, settings.topic_prefix) as log:
        replayed = set(by_letter(log.replays()))
        publisher = Publisher(servers, settings.topic_prefix)

        def record(replays: list[LetterReplayed]) -> None:
            for each in replays:
                publisher.send(REPLAYS, each.letter_id, each)
            publisher.flush()

        try:
            summary = replay(
                filter(wanted.takes, log.letters()),
                replayed,
                _send_nothing if is_dry else publisher.append,
                _record_nothing if is_dry else record,
                lambda: datetime.now(UTC),
                topic,
            )
        finally:
            publisher.close()
    click.echo(as_summary(summary, is_dry))


def _send_nothing(topic: str, partition: int, key: bytes | None, value: bytes) -> Callable[[], int]:
    return lambda: 0


def _record_nothing(replays: list[LetterReplayed]) -> None:
    """Leave no trace."""


def _wanted(reason: str | None, topic: str | None, since: datetime | None, until: datetime | None) -> Wanted:
    try:
        return Wanted(reason, topic, since, until)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--until") from error


def _open_log(settings: Settings) -> LetterLog:
    return LetterLog(require_kafka(settings), settings.topic_prefix)
