"""``doorstep topics``: make Kafka's topics as the table says."""

import os
from collections import Counter

import click

from pipelines.broker.address import require_kafka
from pipelines.settings import Settings
from routing.errors import ConfigurationError
from streams.admin import TopicReport, TopicState, create_topics


@click.group()
def command() -> None:
    """Create Kafka's topics."""


@command.command()
def create() -> None:
    """Create what is missing, set what differs; doing it twice changes nothing."""
    settings = Settings.from_env(os.environ)
    reports = create_topics(require_kafka(settings), settings.topic_prefix, settings.partitions)
    for report in reports:
        if report.state is not TopicState.PRESENT:
            click.echo(_line(report))
    counts = Counter(report.state for report in reports)
    click.echo(", ".join(f"{counts[state]} {state}" for state in TopicState if counts[state]))
    if differing := counts[TopicState.DIFFERS]:
        raise ConfigurationError(
            f"DOORSTEP_PARTITIONS is {settings.partitions}, but {differing} topics have another number"
        )


def _line(report: TopicReport) -> str:
    return f"{report.name}: {report.state}" + (f" ({report.detail})" if report.detail else "")
