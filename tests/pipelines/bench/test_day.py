from pathlib import Path

from click.testing import CliRunner

from pipelines.bench.page import Performance, read_performance, render_performance
from pipelines.bench.routing.day import DayPlan, DayRun, day_goals, day_table
from pipelines.bench.routing.kept import RoutingFigures
from pipelines.commands.bench import command
from tests.pipelines.bench.figures import MACHINE
from tests.pipelines.bench.test_page import PAGE


def planned(seconds: float, cost: float, wall_s: float = 300.0, left_out: int = 0) -> DayPlan:
    return DayPlan(
        seconds=seconds,
        wall_s=wall_s,
        iterations=1_000,
        left_out=left_out,
        violations=0,
        vehicles=100,
        distance_m=1e6,
        duration_s=3.6e6,
        cost=cost,
    )


def run(*plans: DayPlan, n_stops: int = 5_000) -> DayRun:
    return DayRun(machine=MACHINE, n_shifts=100, n_stops=n_stops, n_cores=2, seed=1, plans=plans)


def test_quality_is_shown_against_the_cheapest_whole_plan() -> None:
    table = day_table(run(planned(30.0, 110.0), planned(300.0, 100.0), planned(10.0, 50.0, left_out=3)))

    assert [row[-1] for row in table.rows] == ["10.0%", "0.0%", "-"]


def test_a_large_day_is_asked_for_in_five_minutes_and_whole() -> None:
    (fine,) = day_goals(run(planned(30.0, 110.0), planned(300.0, 100.0)))
    (late,) = day_goals(run(planned(300.0, 100.0, wall_s=301.0)))
    (partial,) = day_goals(run(planned(300.0, 100.0, left_out=1)))

    assert (fine.measured, fine.is_met) == ("300 s, 0 stops left out, 0 violations", True)
    assert not late.is_met
    assert not partial.is_met
    assert day_goals(run(planned(300.0, 100.0), n_stops=1_000)) == []
    assert day_goals(None) == []


def test_the_day_stands_on_the_page() -> None:
    figures = RoutingFigures(day=run(planned(300.0, 100.0)))

    written = render_performance(PAGE, Performance(routing=figures))

    assert "Routing (a whole day), measured on" in written
    assert "| a whole day: 100 vehicles, 5,000 stops, 2 cores | planned in 5 minutes |" in written


def test_a_small_day_is_measured_and_kept(tmp_path: Path) -> None:
    kept = tmp_path / "figures.json"
    size = ["--vehicles", "2", "--stops", "10", "--seconds", "0.1", "--seconds", "0.2"]

    result = CliRunner().invoke(command, ["day", *size, "--json", str(kept)], catch_exceptions=False)

    assert "Routing: a whole day" in result.output
    routing = read_performance(kept).routing
    assert routing is not None
    assert routing.day is not None
    assert [plan.left_out for plan in routing.day.plans] == [0, 0]
