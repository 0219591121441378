"""The figures of re-planning as tables, and what was asked of it."""

from collections.abc import Callable, Iterator, Sequence
from statistics import fmean, median, quantiles

from pipelines.bench.routing.replan import Judged, ReplanCase, ReplanRun
from pipelines.bench.streams.goals import Goal
from pipelines.bench.table import Table

ASKED_P95_S = {(10, 200): 1.0, (50, 1000): 3.0}
"""By vehicles and open stops."""

MEDIAN_GAP, P95_GAP = 0.02, 0.05

TIME_HEADS = ("what happened", "cases", "open stops", "P50", "P95", "most", "P95 CPU", "solvers")
COST_HEADS = (
    "whose plan",
    "cases",
    "driving and waiting, mean",
    "customers late, mean",
    "minutes late, mean",
    "stops moved, mean",
    "stops out of order, mean",
    "stops left out, mean",
    "new violations, mean",
    "median gap",
    "P95 gap",
    "median gap with changes",
)


def replan_goals(runs: Sequence[ReplanRun]) -> Iterator[Goal]:
    """How fast and how good proposals have to be, by the size of the fleet."""
    for run in runs:
        size = f"{run.wish.n_shifts} vehicles, {run.wish.n_open:,} open stops"
        limit_s = ASKED_P95_S.get((run.wish.n_shifts, run.wish.n_open))
        if limit_s is not None and len(run.cases) > 1:
            p95_s = p95([case.wall_s for case in run.cases])
            partial = sum(case.proposal.left_out > 0 for case in run.cases)
            yield Goal(
                f"proposal: {size}",
                f"P95 under {limit_s:g} s, no stop left out",
                f"{p95_s:.2f} s, stops left out in {partial} of {len(run.cases)}",
                p95_s < limit_s and not partial,
            )
        found = gaps(run.cases, cost)
        if limit_s is not None and len(found) > 1:
            at_median, at_p95 = median(found), p95(found)
            yield Goal(
                f"cost beside {run.wish.rival_s:g} s of PyVRP from scratch: {size}",
                f"median within {100 * MEDIAN_GAP:g}%, P95 within {100 * P95_GAP:g}%",
                f"{100 * at_median:+.1f}%, {100 * at_p95:+.1f}%, {len(found)} cases{_not_counted(run)}",
                at_median <= MEDIAN_GAP and at_p95 <= P95_GAP,
            )


def replan_tables(run: ReplanRun) -> Iterator[Table]:
    """How long proposals took, then what they cost beside PyVRP."""
    wish = run.wish
    size = f"{wish.n_shifts} vehicles, {wish.n_open:,} open stops"
    kinds = dict.fromkeys(case.kind for case in run.cases)
    days = "1 made-up day" if wish.n_days == 1 else f"{wish.n_days} made-up days"
    note = (
        f"One thing goes wrong on {days} under way, half the stops pick-ups and half deliveries on board, "
        f"every second with a window of 2 h; each day was planned in {wish.plan_s:g} s. Wall time of "
        f"`reoptimize` in one process, its search of {wish.seconds:g} s included."
    )
    rows = tuple(_times(kind, [case for case in run.cases if case.kind == kind]) for kind in kinds)
    yield Table(f"Re-planning: {size}", note, TIME_HEADS, rows)
    compared = [case for case in run.cases if case.rival is not None]
    if compared:
        yield Table(f"Re-planning beside PyVRP: {size}", _cost_note(run), COST_HEADS, _costs(compared))


def cost(judged: Judged) -> float:
    """Without what changes cost."""
    return judged.cost_s


def priced(judged: Judged) -> float:
    """With what changes cost."""
    return judged.price_s


def gaps(cases: Sequence[ReplanCase], worth: Callable[[Judged], float]) -> list[float]:
    """How much dearer the proposals are than PyVRP's plans that leave out as many: 0.01 is a hundredth."""
    return [
        worth(case.proposal) / worth(case.rival) - 1
        for case in cases
        if case.rival is not None and case.rival.left_out == case.proposal.left_out
    ]


def p95(figures: Sequence[float]) -> float:
    """The 95th percentile, within what was seen."""
    return quantiles(figures, n=20, method="inclusive")[18]


def _cost_note(run: ReplanRun) -> str:
    return (
        f"PyVRP plans the same rest of the day from scratch in {run.wish.rival_s:g} s on one core: the same "
        "stops, places, frozen legs and loads on board. It knows hard windows only; what it leaves out is "
        "put in where that costs least, then mended by small steps, as Doorstep mends. For it no change has "
        "a price. The evaluator judges all plans. The gap is of driving and waiting (service is the same in "
        "all), plus the policy's price of lateness; what the policy asks for changes is in the last column "
        "alone. New violations are those beyond what doing nothing would leave, below 0 where some are "
        "mended. The gaps are over the cases "
        f"in which both leave out as many stops: {len(gaps(run.cases, cost))}{_not_counted(run)}."
    )


def _not_counted(run: ReplanRun) -> str:
    n_compared = sum(case.rival is not None for case in run.cases)
    return f", {n_compared - len(gaps(run.cases, cost))} not counted"


def _times(kind: str, cases: Sequence[ReplanCase]) -> tuple[str, ...]:
    wall_s, cpu_s = [case.wall_s for case in cases], [case.cpu_s for case in cases]
    solvers = [case.solver or "no change" for case in cases]
    return (
        kind,
        str(len(cases)),
        f"{fmean(case.open_stops for case in cases):.0f}",
        f"{median(wall_s):.2f} s",
        f"{p95(wall_s):.2f} s" if len(cases) > 1 else "-",
        f"{max(wall_s):.2f} s",
        f"{p95(cpu_s):.2f} s" if len(cases) > 1 else "-",
        ", ".join(f"{name} {solvers.count(name)}" for name in dict.fromkeys(solvers)),
    )


def _costs(cases: Sequence[ReplanCase]) -> tuple[tuple[str, ...], ...]:
    rivals = [case.rival for case in cases if case.rival is not None]
    of_cost, of_price = gaps(cases, cost), gaps(cases, priced)
    ours = (
        f"{100 * median(of_cost):+.1f}%" if of_cost else "-",
        f"{100 * p95(of_cost):+.1f}%" if len(of_cost) > 1 else "-",
        f"{100 * median(of_price):+.1f}%" if of_price else "-",
    )
    before = [case.nothing for case in cases]
    return (
        _means("nothing is done", before, before, ("", "", "")),
        _means("Doorstep's proposal", [case.proposal for case in cases], before, ours),
        _means("PyVRP from scratch", rivals, before, ("", "", "")),
    )


def _means(
    whose: str, plans: Sequence[Judged], before: Sequence[Judged], found: tuple[str, str, str]
) -> tuple[str, ...]:
    new = [plan.violations - was.violations for plan, was in zip(plans, before, strict=True)]
    return (
        whose,
        str(len(plans)),
        f"{fmean(plan.road_s for plan in plans) / 3600:.1f} h",
        f"{fmean(plan.late_stops for plan in plans):.1f}",
        f"{fmean(plan.late_s for plan in plans) / 60:.0f}",
        f"{fmean(plan.moved for plan in plans):.1f}",
        f"{fmean(plan.resequenced for plan in plans):.1f}",
        f"{fmean(plan.left_out for plan in plans):.1f}",
        f"{fmean(new):+.1f}",
        *found,
    )
