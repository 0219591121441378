"""What is kept of routing's benchmarks: runs side by side, each with its machine."""

from collections.abc import Iterator

from msgspec import Struct

from pipelines.bench.routing.day import DayRun, day_goals, day_table
from pipelines.bench.routing.figures import PlanRun
from pipelines.bench.routing.goals import offers_goals, plan_goals
from pipelines.bench.routing.offers import OffersFigures, offers_table
from pipelines.bench.routing.replan import ReplanRun
from pipelines.bench.routing.replan_tables import replan_goals, replan_tables
from pipelines.bench.routing.tables import plan_tables
from pipelines.bench.streams.figures import Machine
from pipelines.bench.streams.goals import goals_table
from pipelines.bench.table import Table


class RoutingFigures(Struct, frozen=True, kw_only=True):
    """The last runs: of each set and its seconds, of re-planning each fleet, of each other benchmark."""

    plans: tuple[PlanRun, ...] = ()
    replans: tuple[ReplanRun, ...] = ()
    day: DayRun | None = None
    offers: OffersFigures | None = None


def merged(known: RoutingFigures, new: RoutingFigures) -> RoutingFigures:
    """What was measured anew in the place of the same; the rest as it was."""
    plans = {(run.set_name, run.seconds): run for run in (*known.plans, *new.plans)}
    replans = {(run.wish.n_shifts, run.wish.n_open): run for run in (*known.replans, *new.replans)}
    return RoutingFigures(
        plans=tuple(plans[key] for key in sorted(plans)),
        replans=tuple(replans[key] for key in sorted(replans)),
        day=new.day or known.day,
        offers=new.offers or known.offers,
    )


def machines_of(figures: RoutingFigures) -> Iterator[tuple[str, Machine]]:
    """Each machine (or day, or load) once, with what was measured there."""
    named = [(f"{run.set_name} in {run.seconds:g} s", run.machine) for run in figures.plans]
    named += [(f"re-planning {run.wish.n_open:,} stops", run.machine) for run in figures.replans]
    if figures.day is not None:
        named.append(("a whole day", figures.day.machine))
    if figures.offers is not None:
        named.append(("offers", figures.offers.machine))
    machines: list[Machine] = []
    for _, machine in named:
        if machine not in machines:
            machines.append(machine)
    for machine in machines:
        yield ", ".join(what for what, its in named if its == machine), machine


def routing_tables(figures: RoutingFigures) -> Iterator[Table]:
    """All tables that the figures fill."""
    found = [
        *plan_goals(figures.plans),
        *replan_goals(figures.replans),
        *day_goals(figures.day),
        *offers_goals(figures.offers),
    ]
    if found:
        note = "Of the instances that were planned: the tables below say how many."
        yield goals_table(found, "Routing: what was asked for", note)
    yield from plan_tables(figures.plans)
    for run in figures.replans:
        yield from replan_tables(run)
    if figures.day is not None:
        yield day_table(figures.day)
    if figures.offers is not None:
        yield offers_table(figures.offers)


def reasons_left_out(figures: RoutingFigures) -> list[str]:
    """Who did not plan, and why; the same once."""
    return list(dict.fromkeys(why for run in figures.plans for why in run.left_out))
