"""``doorstep offers``: which windows can be promised to a new customer of a planned day."""

from pathlib import Path

import click

from pipelines.ranges import FiniteRange

FILE = click.Path(path_type=Path)


@click.command()
@click.argument("file", type=FILE)
@click.option("--plan", type=FILE, required=True, help="The plan, as `doorstep plan FILE --out` writes JSON.")
@click.option("--order", type=FILE, required=True, help="The new order: its stop and, optionally, windows.")
@click.option("--progress", type=FILE, help="How far the shifts are; nobody has begun, if not given.")
@click.option(
    "--hours",
    type=FiniteRange(min=0.25, max=24),
    default=2.0,
    show_default=True,
    help="Length of the windows over the day that are tried where the order names none.",
)
@click.option(
    "--roads", type=FILE, help="Reckon with this road graph, which `doorstep roads build` has made."
)
@click.option("--json", "is_json", is_flag=True, help="For programs.")
def command(
    file: Path,
    plan: Path,
    order: Path,
    progress: Path | None,
    hours: float,
    roads: Path | None,
    is_json: bool,
) -> None:
    """Say which windows can be promised to a new customer, and what each of them adds to the plan.

    FILE is the day as `doorstep plan` reads it in Doorstep's own JSON; of it count the travel and
    service times. The order's file is `{"stop": {...}, "windows": [...]}`, with a stop and windows as
    they stand in a day; a window of the stop itself does not count. The progress is an array of
    objects as in a re-optimisation request. Nobody's promise is broken for the new customer, and
    nothing is changed: the plan's file stays as it is.
    """
    from pipelines.console import table_console
    from pipelines.planning.order_desk import read_ask
    from pipelines.planning.show_offers import offers_json, offers_page

    ask = read_ask(file, plan, order, progress, roads, hours)
    found = ask.answer()
    if is_json:
        click.echo(offers_json(ask, found))
    else:
        table_console().print(offers_page(ask, found))
