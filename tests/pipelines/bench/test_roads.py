from pathlib import Path

from click.testing import CliRunner

from pipelines.bench.roads.command import roads
from pipelines.bench.roads.run import measure_roads
from tests.pipelines.roads.town import write_town


def test_a_small_town_is_measured(tmp_path: Path) -> None:
    figures = measure_roads(write_town(tmp_path / "town.osm"), 20, seed=1)

    assert (figures.n_nodes, figures.n_junctions, figures.n_roads, figures.n_many) == (6, 4, 7, 20)
    assert min(figures.build_s, figures.load_s, figures.many_s, figures.hours_s, figures.plain_s) > 0


def test_the_command_shows_a_column_for_each_extract(tmp_path: Path) -> None:
    files = [write_town(tmp_path / name) for name in ("north.osm", "south.osm")]

    result = CliRunner().invoke(roads, [*map(str, files), "--places", "5"], catch_exceptions=False)

    assert result.exit_code == 0
    assert "north.osm" in result.output
    assert "5 x 5 legs, s" in result.output
