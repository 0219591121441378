"""``doorstep plan``: plan one day of one depot from a file."""

from pathlib import Path

import click

from pipelines.ranges import FiniteRange
from routing.errors import ConfigurationError

DEFAULT_SECONDS = 5.0

MOST_SEED = 2**32 - 1
"""Solvers draw from as many sequences."""

MOST_EXPLAINED = 50
"""Of so many stops that are left out it is said what would let them in."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--seconds", type=FiniteRange(min=0), help="Search for at most so long.  [default: 5]")
@click.option(
    "--iterations",
    type=click.IntRange(min=0),
    help="Search for at most so many iterations; alone, the plan is the same on every machine.",
)
@click.option(
    "--seed", type=click.IntRange(0, MOST_SEED), default=0, show_default=True, help="Seed of the search."
)
@click.option(
    "--roads",
    type=click.Path(path_type=Path),
    help="Reckon with this road graph, which `doorstep roads build` has made.",
)
@click.option(
    "--learned",
    type=click.Path(path_type=Path),
    help="Reckon with the speeds and service times that this published KPI file has learned of the depot.",
)
@click.option("--json", "is_json", is_flag=True, help="Print plan and evaluation as JSON.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write the plan to this file: VRPLIB's .sol or a map's .geojson where it is named so, else JSON.",
)
def command(
    file: Path,
    seconds: float | None,
    iterations: int | None,
    seed: int,
    roads: Path | None,
    learned: Path | None,
    is_json: bool,
    out: Path | None,
) -> None:
    """Plan the stops of FILE, and say what the evaluator thinks of the plan.

    FILE is Doorstep's own JSON (depot_id, service_date, shifts, stops and, optionally, travel,
    matrix, roads or server, service, carriers and lockers), or has one of the formats of Solomon, Li and Lim,
    and VRPLIB.
    """
    from pipelines.console import table_console
    from pipelines.planning.problem_file import read_problem
    from pipelines.planning.show import as_file, as_json, as_page
    from routing.explain import explain_unassigned
    from routing.problem import StopCriterion
    from routing.solve import solve

    read = read_problem(file, roads, learned)
    if read.learned is not None:
        click.echo(read.learned.words, err=True)
    if out is not None:
        _refuse_unfit(out, file, is_instance=read.instance is not None)
    if seconds is None and iterations is None:
        seconds = DEFAULT_SECONDS
    solution = solve(read.problem, StopCriterion(iterations, seconds), seed)
    if out is not None:
        try:
            out.write_bytes(as_file(solution, read, out.suffix))
        except OSError as error:
            raise ConfigurationError(f"--out {out} can't be written: {error.strerror}") from error
    explanations = explain_unassigned(
        solution.plan,
        read.problem.travel,
        most=MOST_EXPLAINED,
        carriers=read.problem.carriers,
        lockers=read.problem.lockers,
    )
    if is_json:
        click.echo(as_json(solution, explanations))
    else:
        console = table_console()
        page = as_page(solution, console, explanations, read.instance)
        console.print(page, highlight=False, soft_wrap=True)


def _refuse_unfit(out: Path, file: Path, *, is_instance: bool) -> None:
    """Raise ``ConfigurationError`` where ``out`` is of a kind that can't hold a plan of ``file``."""
    if out.suffix == ".sol" and not is_instance:
        raise ConfigurationError(f"--out {out}: a .sol names customers by number, and {file} has none")
    if out.suffix == ".geojson" and is_instance:
        raise ConfigurationError(
            f"--out {out}: a .geojson wants places on the Earth, and {file} has none; "
            ".sol or .json would be right"
        )
