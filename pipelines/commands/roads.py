"""``doorstep roads``: travel times on real roads, without a server."""

from pathlib import Path

import click


@click.group()
def command() -> None:
    """Build road graphs from OpenStreetMap."""


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Write the road graph to this file."
)
def build(file: Path, out: Path) -> None:
    """Make a road graph from FILE, an OpenStreetMap extract (.osm.pbf, .osm), for `doorstep plan --roads`.

    It holds the roads that a delivery van may drive: one-ways, access, barriers, limits and turn
    restrictions are kept to, ferries are left out, and so is what can't be reached or left.
    """
    from pipelines.roads.file import write_roads
    from pipelines.roads.osm import read_osm
    from pipelines.roads.words import in_sentences
    from routing.errors import ConfigurationError
    from routing.roads.contract import contract

    roads = read_osm(file)
    try:
        graph = contract(roads)
    except ValueError as error:
        raise ConfigurationError(f"{file}: {error}") from error
    write_roads(graph, out)
    for sentence in in_sentences(roads, graph):
        click.echo(sentence)
    click.echo(f"{out}: {out.stat().st_size / 1000:,.0f} kB")
