import pytest

from pipelines.bench.landing.figures import BATCHES, OWN, SINGLES, LandingFigures
from pipelines.bench.landing.tables import landing_goals
from pipelines.bench.streams.contestants import CEILING, FAUST, RIVALS
from pipelines.bench.streams.figures import Figures, Latency, LatencyRun, MemoryFigure, Scaling
from pipelines.bench.streams.goals import goals
from tests.pipelines.bench.figures import MACHINE, run, writing

QUIX, BYTEWAX = RIVALS


def verdicts(figures: Figures) -> list[tuple[str, bool]]:
    return [(goal.measured, goal.is_met) for goal in goals(figures)]


@pytest.mark.parametrize(("events", "is_met"), [(400_000, True), (399_999, False)])
def test_single_events_are_asked_for_by_wall_time(events: int, is_met: bool) -> None:
    figures = Figures(machine=MACHINE, singles=[run("Doorstep", 1.0, events=events, wall_s=2.0)])

    (goal,) = goals(figures)

    assert goal.asked == "200,000 events/s (the goal is 300,000)"
    assert goal.is_met is is_met


def test_batches_are_held_against_their_own_figure() -> None:
    figures = Figures(machine=MACHINE, batches=[run("Doorstep", 1.0, events=700_000, wall_s=2.0)])

    assert verdicts(figures) == [("350,000 events/s", False)]


def test_ratios_are_by_cpu_time_and_the_better_rival_counts() -> None:
    own = run("Doorstep", 1.0, events=1_000_000, wall_s=1.0)
    others = [run(FAUST.title, 26.0, 1_000_000), run(QUIX.title, 3.0, 1_000_000)]
    others += [run(BYTEWAX.title, 1.4, 1_000_000), run(CEILING.title, 0.2, 1_000_000)]

    _, faust, rival, ceiling = goals(Figures(machine=MACHINE, singles=[own, *others]))

    assert (faust.measured, faust.is_met) == ("26.00 times", True)
    assert (rival.measured, rival.is_met) == ("1.40 times", False)
    assert rival.what.endswith("Bytewax")
    assert (ceiling.measured, ceiling.is_met) == ("0.20 times", True)


def test_without_doorstep_nothing_is_judged() -> None:
    assert verdicts(Figures(machine=MACHINE, singles=[run(FAUST.title, 1.0)])) == []


def test_latency_memory_and_the_large_fleet_are_judged() -> None:
    slow = Latency(
        what="delays", count=9, append_p50_ms=20.0, append_p99_ms=251.0, hands_p50_ms=21.0, hands_p99_ms=252.0
    )
    fleets = [
        Scaling(vehicles=size, stops=3, run=run("Doorstep", 1.0), resident_mb=900.0, peak_mb=999.0)
        for size in (10_000, 100_000)
    ]
    figures = Figures(
        machine=MACHINE,
        latency=LatencyRun(wanted_per_s=1.0, sent_per_s=1.0, lasted_s=1.0, latencies=[slow]),
        memory=[MemoryFigure(what="event id", count=9, bytes_each=16.0)],
        scaling=fleets,
    )

    assert verdicts(figures) == [("20 ms, 251 ms", False), ("16 B", True), ("999 MB at its peak", True)]


def test_landing_is_asked_for_rows_from_kafka() -> None:
    runs = [writing(SINGLES, OWN, wall_s=2.0), writing(BATCHES, OWN, wall_s=2.1), writing("other", OWN)]

    found = list(landing_goals(LandingFigures(machine=MACHINE, runs=runs, stages=[], left_out=[])))

    assert [goal.is_met for goal in found] == [True, False]
