from pathlib import Path

import pytest

from pipelines.bench.landing.figures import DUCKDB, OWN, SINGLES, LandingFigures, Stage
from pipelines.bench.page import (
    BEGIN,
    END,
    NOT_MEASURED,
    Performance,
    keep_figures,
    read_performance,
    render_performance,
)
from pipelines.bench.routing.figures import PlanFigure, PlanRun
from pipelines.bench.routing.kept import RoutingFigures
from pipelines.bench.routing.references import LEAST_DISTANCE
from pipelines.bench.streams.figures import Figures
from routing.errors import ConfigurationError
from tests.pipelines.bench.figures import MACHINE, run, writing

ROOT = Path(__file__).parents[3]
PAGE = f"# Title\n\n{BEGIN}\nold figures\n{END}\n\nMore prose.\n"
STREAMS = Figures(machine=MACHINE, singles=[run("Doorstep", 1.0)], left_out=["Bytewax: no wheel"])
LANDING = LandingFigures(
    machine=MACHINE,
    runs=[writing(SINGLES, OWN), writing(SINGLES, DUCKDB, wall_s=2.0)],
    stages=[Stage(what="reading", cpu_us_a_row=1.25)],
    left_out=[],
)
ROUTING = RoutingFigures(
    plans=(
        PlanRun(
            machine=MACHINE,
            seed=1,
            set_name="solomon",
            seconds=1.0,
            n_in_set=56,
            plans=(
                PlanFigure(
                    set_name="solomon",
                    instance="C101",
                    convention=LEAST_DISTANCE,
                    name="Doorstep",
                    seconds=1.0,
                    wall_s=1.0,
                    distance=100.5,
                    vehicles=3,
                    left_out=0,
                    violations=0,
                    best=100.0,
                    best_vehicles=3,
                ),
            ),
            left_out=("VROOM: not there",),
        ),
    )
)


def test_the_page_of_figures_is_written_from_the_json_beside_it() -> None:
    page = (ROOT / "docs/performance.md").read_text(encoding="utf-8")

    written = render_performance(page, read_performance(ROOT / "docs/performance.json"))

    assert written == page, "docs/performance.md is not what its JSON says: run `make docs`"


def test_prose_around_the_figures_is_kept() -> None:
    written = render_performance(PAGE, Performance(streams=STREAMS))

    assert written.startswith("# Title\n")
    assert written.endswith("\n\nMore prose.\n")
    assert "| Doorstep | 900 | 450 | 900 |" in written
    assert "Left out: Bytewax: no wheel." in written
    assert "old figures" not in written


def test_both_benchmarks_stand_on_the_page_with_their_machine_and_its_load() -> None:
    written = render_performance(PAGE, Performance(streams=STREAMS, landing=LANDING))

    assert "Streams, measured on 2026-11-21: a processor, 2 cores" in written
    assert "Landing, measured on 2026-11-21: a processor, 2 cores" in written
    assert "load before the run 0.1." in written
    assert f"| {SINGLES} | 500,000 rows/s | 1,000,000 rows/s | yes |" in written
    assert "| DuckDB | 1,000,000 | 500,000 | 666,667 | 40.0 | 2.00x |" in written
    assert "| reading | 1.25 us |" in written


def test_routing_stands_on_the_page_run_by_run() -> None:
    written = render_performance(PAGE, Performance(routing=ROUTING))

    assert "Routing (solomon in 1 s), measured on 2026-11-21: a processor, 2 cores" in written
    assert "## solomon, least distance" in written
    assert "1 of the set's 56 instances" in written
    assert "| Doorstep | 1 | 0.50% | 0.50% | - | 3.0 | 1 of 1 | 1.0 |" in written
    assert "Left out: VROOM: not there." in written


def test_a_page_without_figures_says_how_to_get_them() -> None:
    assert NOT_MEASURED in render_performance(PAGE, Performance())


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="has no lines"):
        render_performance("# Title\n", Performance())


def test_each_benchmark_keeps_the_others_figures(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"

    keep_figures(path, STREAMS)
    keep_figures(path, LANDING)
    keep_figures(path, ROUTING)
    keep_figures(path, STREAMS)

    assert read_performance(path) == Performance(streams=STREAMS, landing=LANDING, routing=ROUTING)


def test_a_file_of_something_else_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    path.write_text("[]")

    with pytest.raises(ConfigurationError, match="holds no figures"):
        keep_figures(path, STREAMS)
    assert path.read_text() == "[]"
