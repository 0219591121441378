"""The generated part of ``docs/performance.md``, from the JSON that stands beside it."""

from pathlib import Path

import msgspec

from pipelines.bench.streams.figures import Figures, Machine
from pipelines.bench.streams.tables import Table, tables
from routing.errors import ConfigurationError

BEGIN, END = "<!-- figures: written by `make docs` from performance.json -->", "<!-- end of figures -->"


def read_figures(path: Path) -> Figures:
    """The figures of a JSON file. Raises ``ConfigurationError`` where it holds something else."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Figures)
    except msgspec.DecodeError as error:
        raise ConfigurationError(f"{path} holds no figures of `doorstep bench streams`: {error}") from error


def write_figures(figures: Figures, path: Path) -> None:
    """The figures as JSON, two spaces deep."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")


def render_performance(page: str, figures: Figures) -> str:
    """``page`` with the figures between its marks; what stands around them is kept."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ConfigurationError(f"docs/performance.md has no lines {BEGIN!r} and {END!r}")
    parts = [_machine_text(figures.machine), *map(_section, tables(figures)), *_left_out(figures)]
    return f"{before}{BEGIN}\n\n" + "\n\n".join(parts) + f"\n\n{END}{after}"


def _machine_text(machine: Machine) -> str:
    packages = ", ".join(f"{name} {version}" for name, version in machine.packages.items())
    pinned = (
        "the consumer pinned to one core, the broker and all else to the rest"
        if machine.is_pinned
        else "nothing pinned to a core"
    )
    return (
        f"Measured on {machine.measured_on}: {machine.cpu}, {machine.cores} cores, "
        f"{machine.memory_gib:g} GiB, {machine.system}, Python {machine.python}; {packages}; {pinned}."
    )


def _section(table: Table) -> str:
    rule = "|".join("---" if place == 0 else "--:" for place in range(len(table.heads)))
    lines = [f"| {' | '.join(table.heads)} |", f"|{rule}|"]
    lines += [f"| {' | '.join(row)} |" for row in table.rows]
    return f"## {table.title}\n\n{table.note}\n\n" + "\n".join(lines)


def _left_out(figures: Figures) -> list[str]:
    return ["Left out: " + "; ".join(figures.left_out) + "."] if figures.left_out else []
