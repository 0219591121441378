"""``doorstep ingest``: turn a CSV, Parquet or NDJSON file into events on Kafka."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import click

from pipelines.broker.address import require_kafka
from pipelines.settings import Settings
from routing.errors import MappingError
from streams.ingest.ingest import Summary, ingest
from streams.ingest.mapping import read_mapping
from streams.publish import Publisher

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=FILE)
@click.option("--mapping", "mapping_file", type=FILE, required=True, help="YAML: which columns become what.")
@click.option("--json", "is_json", is_flag=True, help="Print the summary as JSON.")
def command(file: Path, mapping_file: Path, is_json: bool) -> None:
    """Turn a CSV, Parquet or NDJSON file into events on Kafka."""
    settings = Settings.from_env(os.environ)
    try:
        mapping = read_mapping(mapping_file.read_text(encoding="utf-8"))
    except (MappingError, UnicodeDecodeError) as error:
        raise MappingError(f"{mapping_file}: {error}") from error
    publisher = Publisher(require_kafka(settings), settings.topic_prefix)
    try:
        summary = ingest(file, mapping, publisher, datetime.now(UTC), _show_progress)
    finally:
        publisher.close()
    click.echo(_as_json(summary) if is_json else _as_text(summary))


def _show_progress(summary: Summary) -> None:
    click.echo(f"{summary.rows_read:,} rows read", err=True)


def _as_json(summary: Summary) -> str:
    return json.dumps(
        {
            "rows_read": summary.rows_read,
            "rows_sent": summary.rows_sent,
            "rows_filtered": summary.rows_filtered,
            "rows_dead": dict(summary.dead_rows),
            "first_dead_row": summary.first_dead_row,
            "events": dict(summary.events),
            "clock_at": None if summary.clock_at is None else summary.clock_at.isoformat(),
        },
        indent=2,
    )


def _as_text(summary: Summary) -> str:
    dead = sum(summary.dead_rows.values())
    lines = [
        f"{summary.rows_read:,} rows read: {summary.rows_sent:,} sent, "
        f"{summary.rows_filtered:,} that no event is made of, {dead:,} to dead.letters",
        *(f"  {count:>9,} events to {topic}" for topic, count in summary.events.most_common()),
        *(
            f"  {count:>9,} dead: {rule} (first: row {summary.first_dead_row[rule]:,})"
            for rule, count in summary.dead_rows.most_common()
        ),
    ]
    return "\n".join(lines)
