"""The pages that are written from the code: ``python -m pipelines.documentation``, or ``make docs``."""

import inspect
from collections.abc import Iterator
from pathlib import Path

import click

from assets.catalogue import CATALOGUE, read_catalogue, render_page
from assets.models.load import load_project
from pipelines.bench.page import read_performance, render_performance
from pipelines.cli import cli
from pipelines.column_lineage import render_lineage
from pipelines.planning.replanning_case import render_case, with_choices
from pipelines.settings import Settings
from pipelines.wiring import MODELS
from streams.rulebook.book import render_rules
from streams.schemas import contract_files
from streams.topics import MIB, TOPICS, Topic

ROOT = Path(__file__).parents[1]
_NOTICE = "<!-- Written by `make docs`; change the code instead. -->\n"


def generated_files() -> dict[Path, str]:
    """Every generated file, relative to the checkout, with what it should hold."""
    contracts = Path("streams", "contracts")
    return {
        Path("dbt_like_models", "lineage.json"): render_lineage(load_project(MODELS)),
        Path("docs", "commands.md"): render_command_docs(),
        Path("docs", "kpis.md"): render_page(read_catalogue(CATALOGUE)),
        Path("docs", "performance.md"): render_performance_docs(),
        Path("docs", "rules.md"): render_rule_docs(),
        Path("docs", "settings.md"): render_settings_docs(),
        Path("docs", "topics.md"): render_topic_docs(),
        **render_replanning_docs(),
        **{contracts / name: text for name, text in contract_files().items()},
    }


def render_command_docs() -> str:
    """All commands with their arguments and options, from click."""
    context = click.Context(cli, info_name="doorstep")
    sections = [section for _, section in _sections(cli, context)]
    return "\n".join([_NOTICE, "# Commands\n", *sections])


def _sections(group: click.Group, context: click.Context) -> Iterator[tuple[str, str]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None:
            raise LookupError(f"{context.command_path} lists {name!r} but does not have it")
        child = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield from _sections(command, child)
        else:
            yield child.command_path, _section(command, child)


def _section(command: click.Command, context: click.Context) -> str:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    lines = [f"## {context.command_path}\n", f"    {usage}\n", inspect.cleandoc(command.help or "") + "\n"]
    records = [parameter.get_help_record(context) for parameter in command.params]
    rows = [f"| `{_cell(option)}` | {_cell(text)} |" for option, text in filter(None, records)]
    if rows:
        lines += ["| option | meaning |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def _cell(text: str) -> str:
    """Text that cannot end its cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")


def render_performance_docs() -> str:
    """The page of figures, with those of the JSON beside it; its prose is written by hand."""
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    return render_performance(page, read_performance(ROOT / "docs" / "performance.json"))


def render_replanning_docs() -> dict[Path, str]:
    """The page on routing with the choices of its example, and the example's pictures before and after."""
    case = render_case(ROOT / "examples" / "replanning")
    page = (ROOT / "docs" / "routing.md").read_text(encoding="utf-8")
    images = Path("docs", "images")
    return {
        Path("docs", "routing.md"): with_choices(page, case.choices),
        images / "replanning-before.svg": case.before,
        images / "replanning-after.svg": case.after,
    }


def render_rule_docs() -> str:
    """The table of rules, from `streams.rulebook`."""
    return "\n".join([_NOTICE, render_rules()])


def render_settings_docs() -> str:
    """The table of settings, from the docstring of ``Settings``."""
    table = [line for line in inspect.cleandoc(Settings.__doc__ or "").splitlines() if line.startswith("|")]
    introduction = "Every setting is an environment variable; there is no configuration file.\n"
    return "\n".join([_NOTICE, "# Settings\n", introduction, *table, ""])


def render_topic_docs() -> str:
    """The table of topics, from ``streams/topics.py``."""
    introduction = (
        "`doorstep topics create` makes them, and brings their configuration up to this table. The time\n"
        "of a record is Kafka's append. Keys are UTF-8; the partition is murmur2 of the key, as Java's\n"
        "clients do it (librdkafka needs `partitioner=murmur2_random`). `DOORSTEP_TOPIC_PREFIX` goes\n"
        "before every name.\n"
    )
    head = ["| topic | key | value | kept | largest message |", "|---|---|---|---|---|"]
    return "\n".join([_NOTICE, "# Topics\n", introduction, *head, *map(_topic_row, TOPICS), ""])


def _topic_row(topic: Topic) -> str:
    value = "bytes"
    if topic.event is not None:
        value = f"[{topic.event.__name__}](../streams/contracts/{topic.name}.json)"
    kept = "the latest of each key" if topic.retention_days is None else f"{topic.retention_days} d"
    return f"| `{topic.name}` | {topic.key} | {value} | {kept} | {topic.max_message_bytes // MIB} MiB |"


def main() -> None:
    """Write every generated file."""
    for path, text in generated_files().items():
        target = ROOT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
