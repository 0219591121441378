"""A solution as a table for a terminal, and as JSON for programs."""

from collections.abc import Sequence

import msgspec
from rich.console import Console, Group, RenderableType
from rich.table import Table

from pipelines.planning.geojson import as_geojson
from pipelines.planning.problem_file import ReadProblem
from routing.evaluation import HandOverEvaluation, RouteEvaluation
from routing.explain import Explanation
from routing.instances.instance import Instance
from routing.instances.sol import as_sol
from routing.plan import Route, RoutePlan
from routing.problem import Solution, Work
from routing.remedies import Remedy
from routing.words import in_words

CLOCK = "%H:%M"

NAMES = ("shift", "vehicle")

HEADINGS = (
    *NAMES,
    "leaves",
    "back",
    "stops",
    "packages",
    "kg",
    "m3",
    "km",
    "hours",
    "waits min",
    "cost",
    "kg CO2e",
)

FAR_TOO_WIDE = 10_000

FEW_HEADINGS = ("shift", "leaves", "back", "stops", "km", "hours", "cost")
"""What is shown where all of it would be cut."""


def as_page(
    solution: Solution,
    console: Console,
    explanations: Sequence[Explanation] = (),
    instance: Instance | None = None,
) -> RenderableType:
    """The routes with the evaluator's figures, then what is left out, what would let it in, what is wrong.

    Of the figures there are as many as fit on the ``console``.
    """
    table = _table(solution, HEADINGS)
    unbounded = console.options.update(width=FAR_TOO_WIDE)
    if console.measure(table, options=unbounded).maximum > console.width:
        table = _table(solution, FEW_HEADINGS)
    return Group(
        table,
        *_orders(solution),
        *_totals(solution),
        *_in_its_unit(solution, instance),
        *_words(solution, explanations),
    )


def _table(solution: Solution, headings: Sequence[str]) -> Table:
    table = Table(title=_title(solution), title_justify="left")
    for heading in headings:
        table.add_column(heading, justify="left" if heading in NAMES else "right")
    for route, judged in zip(solution.plan.routes, solution.evaluation.routes, strict=True):
        if route.visits:
            row = dict(zip(HEADINGS, _row(route, judged), strict=True))
            table.add_row(*(row[heading] for heading in headings))
    return table


def _orders(solution: Solution) -> list[str]:
    """A line a shift: its stops as they are served."""
    return [
        f"{route.shift.shift_id}: {', '.join(route.stop_ids)}"
        for route in solution.plan.routes
        if route.visits
    ]


class LeftOut(msgspec.Struct, frozen=True):
    """Stops that are served together or not at all, and what would let them in, smallest change first."""

    stop_ids: tuple[str, ...]
    constraint: str
    remedies: tuple[Remedy, ...]
    words: tuple[str, ...]


class Report(msgspec.Struct, frozen=True):
    """What ``--json`` prints: plan, the evaluator's figures and words, and ways in for who is left out."""

    plan: RoutePlan
    is_feasible: bool
    distance_m: float
    duration_s: float
    lateness_s: float
    overrun_s: float
    cost: float
    co2e_kg: float
    violations: tuple[str, ...]
    routes: tuple[RouteEvaluation, ...]
    solver: str
    iterations: int
    solved_in_s: float
    skipped_price: float
    work: tuple[Work, ...]
    left_out: tuple[LeftOut, ...]
    handed_over: tuple[HandOverEvaluation, ...]


def as_json(solution: Solution, explanations: Sequence[Explanation] = ()) -> str:
    """The plan, what the evaluator says of it, and what would let in who is left out."""
    evaluation = solution.evaluation
    report = Report(
        plan=solution.plan,
        is_feasible=evaluation.is_feasible,
        distance_m=evaluation.distance_m,
        duration_s=evaluation.duration_s,
        lateness_s=evaluation.lateness_s,
        overrun_s=evaluation.overrun_s,
        cost=evaluation.cost,
        co2e_kg=evaluation.co2e_kg,
        violations=tuple(violation.words for violation in evaluation.violations),
        routes=evaluation.routes,
        solver=solution.solver,
        iterations=solution.iterations,
        solved_in_s=solution.duration_s,
        skipped_price=evaluation.skipped_price,
        work=solution.work,
        left_out=tuple(
            LeftOut(each.stop_ids, each.constraint, each.remedies, tuple(way.words for way in each.remedies))
            for each in explanations
        ),
        handed_over=evaluation.handed_over,
    )
    return msgspec.json.encode(report).decode()


def as_file(solution: Solution, read: ReadProblem, suffix: str) -> bytes:
    """The plan as a file: ``.sol`` for an instance, ``.geojson`` for a map, else JSON."""
    if suffix == ".sol" and read.instance is not None:
        return as_sol(read.instance, solution).encode()
    if suffix == ".geojson":
        return as_geojson(solution.plan, read.problem.travel)
    return msgspec.json.encode(solution.plan)


def _title(solution: Solution) -> str:
    plan = solution.plan
    return f"Plan of {plan.depot_id} on {plan.service_date}"


def _row(route: Route, judged: RouteEvaluation) -> tuple[str, ...]:
    shift = route.shift
    return (
        shift.shift_id,
        shift.vehicle.vehicle_id,
        f"{shift.starts_at:{CLOCK}}",
        f"{judged.ends_at:{CLOCK}}",
        str(len(route.visits)),
        str(judged.peak_packages),
        f"{judged.peak_kg:g}",
        f"{judged.peak_m3:g}",
        f"{judged.distance_m / 1000:.3f}",
        f"{judged.duration_s / 3600:.2f}",
        f"{judged.wait_s / 60:.0f}",
        f"{judged.cost:.2f}",
        f"{judged.co2e_kg:.2f}",
    )


def _totals(solution: Solution) -> list[str]:
    evaluation = solution.evaluation
    served = sum(len(route.visits) for route in solution.plan.routes)
    used = sum(1 for route in solution.plan.routes if route.visits)
    return [
        f"{served} stops on {used} of {len(solution.plan.routes)} shifts, "
        f"{_handed_over(solution)}{len(solution.plan.unassigned)} without a place: "
        f"{evaluation.distance_m / 1000:.3f} km, {evaluation.duration_s / 3600:.2f} h, "
        f"{evaluation.cost:.2f} cost, {evaluation.co2e_kg:.2f} kg CO2e{_overtime(evaluation.overtime_s)}",
        *(
            f"{each.solver} {each.task}: {each.iterations} iterations in {each.duration_s:.1f} s"
            + (", and this is its plan" if each.is_chosen else "")
            for each in solution.work
        ),
        f"{solution.duration_s:.1f} s in all",
    ]


def _overtime(overtime_s: float) -> str:
    return f", {in_words(overtime_s)} of overtime" if overtime_s else ""


def _handed_over(solution: Solution) -> str:
    count = len(solution.plan.handed_over)
    return f"{count} handed over to carriers, " if count else ""


def _in_its_unit(solution: Solution, instance: Instance | None) -> list[str]:
    if instance is None:
        return []
    return [
        f"distance in the unit of {instance.name}: {instance.distance(solution.evaluation.distance_m):.2f}"
    ]


def _words(solution: Solution, explanations: Sequence[Explanation]) -> list[str]:
    explained = {each.stop_ids[0]: each for each in explanations}
    handed_over = [
        f"→ {each.stop_id} is handed over to carrier {each.carrier_id}: {each.cost:.2f} cost, "
        f"{each.co2e_kg:.2f} kg CO2e"
        for each in solution.evaluation.handed_over
    ]
    dropped = [
        f"→ {visit.stop.stop_id} is dropped at locker {visit.stop.at_locker} by shift {route.shift.shift_id}"
        for route in solution.plan.routes
        for visit in route.visits
        if visit.stop.at_locker is not None
    ]
    left_out = [
        line
        for each in solution.plan.unassigned
        for line in (
            f"✗ {each.stop.stop_id} is left out: {each.reason}",
            *_ways_in(explained.get(each.stop.stop_id)),
        )
    ]
    violations = [f"! {violation.words}" for violation in solution.evaluation.violations]
    return [*handed_over, *dropped, *left_out, *(violations or ["the evaluator finds nothing wrong with it"])]


def _ways_in(explanation: Explanation | None) -> list[str]:
    if explanation is None:
        return []
    together = f" with {', '.join(explanation.stop_ids[1:])}" if explanation.stop_ids[1:] else ""
    return [f"    {each.words}{together}" for each in explanation.remedies]
