"""One re-planning case, from an example's folder: the pictures before and after, and what could be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.planning.order_desk import Ask, read_ask
from pipelines.planning.picture import Frame, Scene, draw
from routing.alternatives import Alternative, alternatives
from routing.changes import AlternativeKind, Changes, Policy
from routing.problem import StopCriterion
from routing.reoptimize import Weighed, weigh

ITERATIONS, SEED = 200, 1
BEGIN, END = "<!-- choices: written by `make docs` from examples/replanning -->", "<!-- end of choices -->"


@dataclass(frozen=True, slots=True)
class CasePages:
    """Two SVG pictures and a table in Markdown."""

    before: str
    after: str
    choices: str


def render_case(folder: Path) -> CasePages:
    """The case of ``day.json``, ``plan.json``, ``progress.json`` and the new order in ``order.json``.

    Iterations end the search, so the same files give the same pages.
    """
    day, plan, order, progress = (folder / f"{name}.json" for name in ("day", "plan", "order", "progress"))
    ask = read_ask(day, plan, order, progress)
    changes = Changes((ask.order,))
    stop = StopCriterion(iterations=ITERATIONS)
    weighed = weigh(ask.plan, ask.progress, changes, Policy(), ask.travel, stop, SEED)
    ranked = alternatives(weighed).ranked
    idle = next(each for each in ranked if each.kind is AlternativeKind.NOTHING)
    proposed = next(each for each in ranked if each.is_proposed)
    before, after = _scene_before(weighed, ask), _scene_after(weighed, ask)
    frame = Frame((*before.places, *after.places))
    return CasePages(
        draw("Before: nothing is changed", before, frame, [idle.outlook]),
        draw("After: what is proposed", after, frame, [proposed.words, *proposed.answer.effects.reasons]),
        _table(ranked),
    )


def with_choices(page: str, choices: str) -> str:
    """``page`` with the table between its marks; what stands around them is kept.

    Raises ``ValueError`` where a mark is missing.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page lacks a mark: {BEGIN} and {END} are to stand around the choices")
    return f"{before}{BEGIN}\n\n{choices}\n{END}{after}"


def _scene_before(weighed: Weighed, ask: Ask) -> Scene:
    situation = weighed.situation
    routes = tuple(rest.route(rest.planned, ask.travel) for rest in situation.rests)
    unserved = tuple(each.stop for each in situation.unassigned_before())
    return Scene(routes, situation.judge_before().routes, ask.progress, unserved)


def _scene_after(weighed: Weighed, ask: Ask) -> Scene:
    situation, tours = weighed.situation, weighed.chosen.tours
    unserved = tuple(each.stop for each in situation.unassigned(tours))
    return Scene(situation.routes(tours), situation.judge(tours).routes, ask.progress, unserved)


def _table(ranked: Sequence[Alternative]) -> str:
    head = ["| | what | and then | min | km | cost | kg CO2e |", "|---|---|---|---:|---:|---:|---:|"]
    return "\n".join([*head, *(_row(rank, each) for rank, each in enumerate(ranked, 1))]) + "\n"


def _row(rank: int, alternative: Alternative) -> str:
    effects = alternative.answer.effects
    return (
        f"| {rank}{' ✓' if alternative.is_proposed else ''} | {alternative.words} | {alternative.outlook} "
        f"| {effects.duration_delta_s / 60:+.0f} | {effects.distance_delta_m / 1000:+.1f} "
        f"| {effects.cost_delta:+.2f} | {effects.co2e_delta_kg:+.2f} |"
    )
