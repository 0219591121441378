"""The generated part of ``docs/performance.md``, from the JSON that stands beside it."""

from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from pipelines.bench.landing.figures import LandingFigures
from pipelines.bench.landing.tables import landing_tables
from pipelines.bench.routing.kept import RoutingFigures, machines_of, merged, reasons_left_out, routing_tables
from pipelines.bench.streams.figures import Figures, Machine
from pipelines.bench.streams.tables import tables
from pipelines.bench.table import markdown
from pipelines.bench.warehouse.figures import WarehouseFigures
from pipelines.bench.warehouse.goals import left_out
from pipelines.bench.warehouse.tables import warehouse_tables
from routing.errors import ConfigurationError

BEGIN, END = "<!-- figures: written by `make docs` from performance.json -->", "<!-- end of figures -->"
NOT_MEASURED = "Nothing has been measured yet: `make bench` does it and writes the figures here."


class Performance(Struct, frozen=True, kw_only=True):
    """What stands in the JSON file: the last figures of each benchmark."""

    streams: Figures | None = None
    landing: LandingFigures | None = None
    routing: RoutingFigures | None = None
    warehouse: WarehouseFigures | None = None


def read_performance(path: Path) -> Performance:
    """The figures of a JSON file, none where there is no file.

    Raises ``ConfigurationError`` where it holds something else.
    """
    if not path.exists():
        return Performance()
    try:
        return msgspec.json.decode(path.read_bytes(), type=Performance)
    except msgspec.DecodeError as error:
        raise ConfigurationError(f"{path} holds no figures of `doorstep bench`: {error}") from error


def keep_figures(path: Path, figures: Figures | LandingFigures | RoutingFigures | WarehouseFigures) -> None:
    """Write one benchmark's figures; the others' stay as they are in the file. Raises as reading does.

    Routing is several benchmarks: what was measured anew takes the place of the same, the rest stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    known = read_performance(path)
    if isinstance(figures, Figures):
        known = replace(known, streams=figures)
    elif isinstance(figures, LandingFigures):
        known = replace(known, landing=figures)
    elif isinstance(figures, WarehouseFigures):
        known = replace(known, warehouse=figures)
    else:
        known = replace(known, routing=merged(known.routing or RoutingFigures(), figures))
    path.write_bytes(msgspec.json.format(msgspec.json.encode(known), indent=2) + b"\n")


def render_performance(page: str, performance: Performance) -> str:
    """``page`` with the figures between its marks; what stands around them is kept."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ConfigurationError(f"docs/performance.md has no lines {BEGIN!r} and {END!r}")
    parts = [
        *_streams_parts(performance.streams),
        *_landing_parts(performance.landing),
        *_routing_parts(performance.routing),
        *_warehouse_parts(performance.warehouse),
    ] or [NOT_MEASURED]
    return f"{before}{BEGIN}\n\n" + "\n\n".join(parts) + f"\n\n{END}{after}"


def _streams_parts(figures: Figures | None) -> list[str]:
    if figures is None:
        return []
    shown = map(markdown, tables(figures))
    return [_machine_text("Streams", figures.machine), *shown, *_left_out(figures.left_out)]


def _landing_parts(figures: LandingFigures | None) -> list[str]:
    if figures is None:
        return []
    shown = map(markdown, landing_tables(figures))
    return [_machine_text("Landing", figures.machine), *shown, *_left_out(figures.left_out)]


def _routing_parts(figures: RoutingFigures | None) -> list[str]:
    if figures is None:
        return []
    machines = [_machine_text(f"Routing ({what})", machine) for what, machine in machines_of(figures)]
    shown = map(markdown, routing_tables(figures))
    return [*machines, *shown, *_left_out(reasons_left_out(figures))]


def _warehouse_parts(figures: WarehouseFigures | None) -> list[str]:
    if figures is None:
        return []
    shown = map(markdown, warehouse_tables(figures))
    return [_machine_text("Warehouse", figures.machine), *shown, *_left_out(list(left_out(figures)))]


def _machine_text(what: str, machine: Machine) -> str:
    packages = ", ".join(f"{name} {version}" for name, version in machine.packages.items())
    pinned = (
        "the consumer pinned to one core, the broker and all else to the rest"
        if machine.is_pinned
        else "nothing pinned to a core"
    )
    return (
        f"{what}, measured on {machine.measured_on}: {machine.cpu}, {machine.cores} cores, "
        f"{machine.memory_gib:g} GiB, {machine.system}, Python {machine.python}; {packages}; {pinned}; "
        f"load before the run {machine.load_before:.1f}."
    )


def _left_out(left_out: list[str]) -> list[str]:
    return ["Left out: " + "; ".join(left_out) + "."] if left_out else []
