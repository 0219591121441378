"""A table of figures, written once for the terminal and for the page."""

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table as RichTable


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under heads, with a sentence on what they are."""

    title: str
    note: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def show(console: Console, table: Table) -> None:
    """Print it."""
    shown = RichTable(title=table.title, caption=table.note, title_justify="left", caption_justify="left")
    for place, head in enumerate(table.heads):
        shown.add_column(head, justify="left" if place == 0 else "right")
    for row in table.rows:
        shown.add_row(*row)
    console.print(shown)


def markdown(table: Table) -> str:
    """A section of a page."""
    rule = "|".join("---" if place == 0 else "--:" for place in range(len(table.heads)))
    lines = [f"| {' | '.join(table.heads)} |", f"|{rule}|"]
    lines += [f"| {' | '.join(row)} |" for row in table.rows]
    return f"## {table.title}\n\n{table.note}\n\n" + "\n".join(lines)
