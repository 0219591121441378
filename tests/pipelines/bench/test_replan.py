from datetime import timedelta
from pathlib import Path

from click.testing import CliRunner

from pipelines.bench.page import Performance, read_performance, render_performance
from pipelines.bench.routing.courier_day import DELAY, NEW_ORDER, TRAVEL, courier_day, mishaps, n_open_of
from pipelines.bench.routing.kept import RoutingFigures, merged
from pipelines.bench.routing.replan import Judged, ReplanCase, ReplanRun, Wish
from pipelines.bench.routing.replan_tables import cost, gaps, p95, priced, replan_goals, replan_tables
from pipelines.commands.bench import command
from routing.changes import Policy
from routing.problem import StopCriterion
from routing.replan_prices import BROKEN_PROMISE_S
from routing.solve import solve
from tests.pipelines.bench.figures import MACHINE
from tests.pipelines.bench.test_page import PAGE


def judged(
    road_s: float, late_s: float = 0.0, late_stops: int = 0, moved: int = 0, left_out: int = 0
) -> Judged:
    return Judged(
        road_s=road_s,
        late_s=late_s,
        late_stops=late_stops,
        violations=late_stops,
        moved=moved,
        resequenced=0,
        left_out=left_out,
    )


def case(proposal: Judged, rival: Judged | None = None, wall_s: float = 0.5) -> ReplanCase:
    return ReplanCase(
        kind=DELAY,
        open_stops=200,
        wall_s=wall_s,
        cpu_s=wall_s,
        solver="insertion",
        nothing=judged(2000.0),
        proposal=proposal,
        rival=rival,
    )


def run(*cases: ReplanCase, n_open: int = 200) -> ReplanRun:
    wish = Wish(
        n_shifts=10,
        n_open=n_open,
        n_days=1,
        n_cases=len(cases),
        seconds=0.3,
        n_compared=2,
        rival_s=60.0,
        plan_s=10.0,
        seed=1,
    )
    return ReplanRun(machine=MACHINE, wish=wish, cases=cases)


def test_one_thing_goes_wrong_when_as_many_stops_are_open_as_asked_for() -> None:
    plan = solve(courier_day(2, 12, 600.0, seed=1), StopCriterion(iterations=30), 1).plan

    late, order = mishaps(plan, n_open=6, n_cases=2, seed=1)

    assert (late.kind, order.kind) == (DELAY, NEW_ORDER)
    assert n_open_of(plan, late.progress) == n_open_of(plan, order.progress) <= 6
    behind = [a.free_at - b.free_at for a, b in zip(late.progress, order.progress, strict=True)]
    assert sorted(behind)[0] == timedelta()
    assert timedelta(minutes=20) <= max(behind) <= timedelta(minutes=90)
    assert not late.changes.new_stops
    assert [stop.stop_id for stop in order.changes.new_stops] == ["new1"]


def test_the_same_seed_is_the_same_day() -> None:
    assert courier_day(2, 12, 600.0, seed=1) == courier_day(2, 12, 600.0, seed=1)
    assert courier_day(2, 12, 600.0, seed=1) != courier_day(2, 12, 600.0, seed=2)
    assert TRAVEL.is_steady, "PyVRP knows one speed alone"


def test_cost_is_driving_and_lateness_and_a_price_has_changes_as_well() -> None:
    plan = judged(1000.0, late_s=60.0, late_stops=1, moved=2)
    usual = Policy()

    assert plan.cost_s == 1000.0 + usual.lateness_weight * (60.0 + BROKEN_PROMISE_S)
    assert plan.price_s == plan.cost_s + 2 * usual.stop_moved_s


def test_gaps_are_against_pyvrp_where_it_was_asked() -> None:
    cases = [case(judged(1010.0, moved=1), judged(1000.0)), case(judged(1.0))]

    assert [round(gap, 3) for gap in gaps(cases, cost)] == [0.01]
    assert [round(gap, 3) for gap in gaps(cases, priced)] == [0.31]


def test_gaps_are_over_the_cases_in_which_both_leave_out_as_many_and_the_others_are_counted() -> None:
    fine = case(judged(1010.0), judged(1000.0))
    partial = case(judged(900.0, left_out=1), judged(1000.0))

    time, gap = replan_goals([run(fine, fine, partial)])
    _, costs = replan_tables(run(fine, partial))
    _, empty = replan_tables(run(partial))

    assert (time.measured, time.is_met) == ("0.50 s, stops left out in 1 of 3", False)
    assert gap.measured == "+1.0%, +1.0%, 2 cases, 1 not counted"
    assert costs.note.endswith("in which both leave out as many stops: 1, 1 not counted.")
    assert [row[7] for row in costs.rows] == ["0.0", "0.5", "0.0"]
    assert costs.rows[1][-3:] == ("+1.0%", "-", "+1.0%")
    assert empty.rows[1][-3:] == ("-", "-", "-")


def test_new_violations_are_those_beyond_doing_nothing() -> None:
    worse = case(judged(1000.0, late_stops=2), judged(1000.0))

    _, costs = replan_tables(run(worse))

    assert dict(zip(costs.heads, costs.rows[1], strict=True))["new violations, mean"] == "+2.0"


def test_beside_pyvrp_only_fleets_that_are_planned_whole_can_stand() -> None:
    size = ["--vehicles", "2", "--stops", "300", "--compare", "1"]

    result = CliRunner().invoke(command, ["replan", *size])

    assert result.exit_code == 2
    assert "--compare goes with fewer than 300 open stops" in " ".join(result.output.split())


def test_time_and_cost_are_held_against_what_was_asked_of_that_fleet() -> None:
    slow = case(judged(1060.0), judged(1000.0), wall_s=1.1)
    fine = case(judged(1010.0), judged(1000.0), wall_s=0.9)

    time, gap = replan_goals([run(slow, fine)])

    assert (time.measured, time.is_met) == ("1.09 s, stops left out in 0 of 2", False)
    assert (gap.measured, gap.is_met) == ("+3.5%, +5.8%, 2 cases, 0 not counted", False)
    assert [goal.is_met for goal in replan_goals([run(fine, fine)])] == [True, True]
    assert list(replan_goals([run(fine, fine, n_open=100)])) == [], "nothing was asked of such a fleet"


def test_percentiles_stay_within_what_was_seen() -> None:
    assert p95([1.0, 2.0]) <= 2.0


def test_tables_say_who_found_what_and_what_is_compared() -> None:
    times, costs = replan_tables(run(case(judged(1000.0, moved=1), judged(1000.0)), case(judged(900.0))))

    assert times.rows == (("delay", "2", "200", "0.50 s", "0.50 s", "0.50 s", "0.50 s", "insertion 2"),)
    assert costs.rows[1] == (
        "Doorstep's proposal",
        "1",
        "0.3 h",
        "0.0",
        "0",
        "1.0",
        "0.0",
        "0.0",
        "+0.0",
        "+0.0%",
        "-",
        "+30.0%",
    )
    assert "hard windows only" in costs.note


def test_fleets_are_kept_side_by_side_and_stand_on_the_page() -> None:
    one, two = run(case(judged(1.0)), n_open=1000), run(case(judged(2.0)))

    kept = merged(RoutingFigures(replans=(one,)), RoutingFigures(replans=(two,)))
    written = render_performance(PAGE, Performance(routing=kept))

    assert kept.replans == (two, one)
    assert "Routing (re-planning 200 stops, re-planning 1,000 stops), measured on" in written
    assert "## Re-planning: 10 vehicles, 1,000 open stops" in written


def test_a_small_fleet_is_measured_and_kept(tmp_path: Path) -> None:
    kept = tmp_path / "figures.json"
    size = ["--vehicles", "2", "--stops", "8", "--days", "1", "--cases", "2", "--compare", "1"]
    times = ["--seconds", "0.05", "--rival-seconds", "0.05", "--plan-seconds", "0.2"]

    arguments = ["replan", *size, *times, "--json", str(kept)]
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)

    assert "Re-planning: 2 vehicles, 8 open stops" in result.output
    routing = read_performance(kept).routing
    assert routing is not None
    first, second = routing.replans[0].cases
    assert first.rival is not None
    assert second.rival is None
    assert first.proposal.left_out == first.rival.left_out == 0
