"""What was asked of planning, and whether these runs hold it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from pipelines.bench.routing.contestants import OWN, PYVRP
from pipelines.bench.routing.figures import PlanFigure, PlanRun, best_of, mean_gap, not_worse
from pipelines.bench.routing.offers import OffersFigures
from pipelines.bench.routing.references import FEWEST_VEHICLES, LEAST_DISTANCE
from pipelines.bench.streams.goals import Goal

SHARE_NOT_WORSE = 0.9
ORTEC_SET, ORTEC_S, ORTEC_RIVAL_S, ORTEC_GAP = "ortec", 60.0, 600.0, 0.01
OFFERED_WINDOWS, OFFERS_STOPS, OFFERS_P95_MS = 40, 200, 100


@dataclass(frozen=True, slots=True)
class _GapAsked:
    set_name: str
    convention: str
    seconds: float
    most: float
    is_beside_others: bool = False


GAPS_ASKED = (
    _GapAsked("solomon", LEAST_DISTANCE, 1.0, 0.006, is_beside_others=True),
    _GapAsked("solomon", LEAST_DISTANCE, 10.0, 0.0015, is_beside_others=True),
    _GapAsked("homberger", FEWEST_VEHICLES, 60.0, 0.01),
    _GapAsked("li-lim", FEWEST_VEHICLES, 10.0, 0.002),
)


def plan_goals(runs: Sequence[PlanRun]) -> Iterator[Goal]:
    """Every requirement that the runs can answer."""
    plans = [plan for run in runs for plan in run.plans]
    for asked in GAPS_ASKED:
        yield from _gap_goals(asked, plans)
    yield from _ortec_goals([plan for plan in plans if plan.set_name == ORTEC_SET])


def _gap_goals(asked: _GapAsked, plans: Sequence[PlanFigure]) -> Iterator[Goal]:
    place = (asked.set_name, asked.convention, asked.seconds)
    beside = [plan for plan in plans if (plan.set_name, plan.convention, plan.seconds) == place]
    mine = [plan for plan in beside if plan.name == OWN]
    best = {plan.instance: plan.best for plan in mine}
    mean = mean_gap(mine, best)
    if mean is None:
        return
    where = f"{asked.set_name}, {asked.convention}, {asked.seconds:g} s"
    is_whole = all(plan.is_whole for plan in mine)
    yield Goal(
        f"{where}: mean gap to best known",
        f"at most {100 * asked.most:g}%",
        f"{100 * mean:.2f}%{_parts_missing(mine)}",
        is_whole and mean <= asked.most,
    )
    wins, compared = not_worse(OWN, beside)
    if asked.is_beside_others and compared:
        share = wins / compared
        yield Goal(
            f"{where}: not worse than the best of the others",
            f"on {100 * SHARE_NOT_WORSE:g}% of the instances",
            f"on {100 * share:.0f}%, {wins} of {compared}",
            share >= SHARE_NOT_WORSE,
        )


def _ortec_goals(plans: Sequence[PlanFigure]) -> Iterator[Goal]:
    """Against PyVRP alone with ten times the time; all plans of both have to be whole."""
    rival = [plan for plan in plans if (plan.name, plan.seconds) == (PYVRP, ORTEC_RIVAL_S)]
    best = {each.instance: best_of([each]) for each in rival}
    mine = [plan for plan in plans if (plan.name, plan.seconds) == (OWN, ORTEC_S) and plan.instance in best]
    mean = mean_gap(mine, best)
    if mean is not None:
        yield Goal(
            f"ortec, {ORTEC_S:g} s: mean gap to PyVRP alone in {ORTEC_RIVAL_S:g} s, {len(mine)} instances",
            f"at most {100 * ORTEC_GAP:g}%",
            f"{100 * mean:.2f}%{_parts_missing([*mine, *rival])}",
            all(plan.is_whole for plan in (*mine, *rival)) and mean <= ORTEC_GAP,
        )


def _parts_missing(plans: Sequence[PlanFigure]) -> str:
    """What stands behind a mean of whole plans alone."""
    n_whole = sum(plan.is_whole for plan in plans)
    if n_whole < len(plans):
        return f" over {n_whole} whole plans of {len(plans)}"
    used, known = [plan.vehicles for plan in plans], [plan.best_vehicles for plan in plans]
    if plans[0].convention == FEWEST_VEHICLES and None not in known:
        return f" with {fmean(used):.1f} vehicles, the reference has {fmean(filter(None, known)):.1f}"
    return ""


def offers_goals(figures: OffersFigures | None) -> Iterator[Goal]:
    """How fast windows are offered, on a day as large as asked for."""
    if figures is None or figures.wish.n_windows < OFFERED_WINDOWS or figures.wish.n_stops < OFFERS_STOPS:
        return
    for each in figures.figures:
        what = f"offers for {OFFERED_WINDOWS} windows, {OFFERS_STOPS} stops, {each.moment}"
        yield Goal(
            what, f"P95 under {OFFERS_P95_MS} ms", f"{each.p95_ms:.0f} ms", each.p95_ms < OFFERS_P95_MS
        )
