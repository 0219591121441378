"""What a new plan changes for whom, in figures and in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from routing.changes import Effects, EtaChange
from routing.evaluation import Evaluation, ViolationKind, VisitEvaluation
from routing.words import in_words

NOTICEABLE_S = 1.0
"""An arrival that shifts by less is the same."""

LATE_S = 1.0
"""A stop that is late by less is in time."""


@dataclass(frozen=True, slots=True)
class _Arrival:
    shift_id: str
    arrive_at: datetime
    lateness_s: float


def effects_of(before: Evaluation, after: Evaluation) -> Effects:
    """The differences, after minus before; reasons begin with what the dispatcher asks first."""
    changes = tuple(_eta_changes(_arrivals(before), _arrivals(after)))
    saved = tuple(each.stop_id for each in changes if _is_saved(each))
    late = tuple(each.stop_id for each in changes if _becomes_late(each))
    duration_delta_s = after.duration_s - before.duration_s
    return Effects(
        duration_delta_s=duration_delta_s,
        distance_delta_m=after.distance_m - before.distance_m,
        cost_delta=after.cost - before.cost,
        co2e_delta_kg=after.co2e_kg - before.co2e_kg,
        lateness_delta_s=after.lateness_s - before.lateness_s,
        saved_stop_ids=saved,
        late_stop_ids=late,
        changes=changes,
        reasons=tuple(_reasons(changes, saved, late, duration_delta_s)),
    )


def standstill_reason(before: Evaluation) -> str:
    """Why nothing is changed, with what that leaves: who is late, else what else is wrong."""
    wrong = [each.words for each in before.violations]
    left = outlook(before) if _late_visits(before) or not wrong else names(wrong, most=2)
    return f"{left}: no change saves more than it costs"


def outlook(judged: Evaluation) -> str:
    """Who will be late, in words, or is driven to in vain."""
    late = _late_visits(judged)
    n_without = sum(each.kind is ViolationKind.NOT_RELEASED for each in judged.violations)
    if not late and n_without:
        return f"without parcels on board: {count_stops(n_without)}"
    if not late:
        return "every stop is in time"
    return (
        f"{count_stops(len(late))} will be late by up to {in_words(max(visit.lateness_s for visit in late))}"
    )


def _late_visits(judged: Evaluation) -> list[VisitEvaluation]:
    return [visit for route in judged.routes for visit in route.visits if visit.lateness_s > LATE_S]


def _arrivals(evaluation: Evaluation) -> dict[str, _Arrival]:
    return {
        visit.stop_id: _Arrival(route.shift_id, visit.arrive_at, visit.lateness_s)
        for route in evaluation.routes
        for visit in route.visits
    }


def _eta_changes(before: dict[str, _Arrival], after: dict[str, _Arrival]) -> Iterable[EtaChange]:
    for stop_id in dict.fromkeys([*after, *before]):
        was, becomes = before.get(stop_id), after.get(stop_id)
        if was is None or becomes is None or _is_noticeable(was, becomes):
            yield EtaChange(
                stop_id,
                before_at=was.arrive_at if was else None,
                after_at=becomes.arrive_at if becomes else None,
                lateness_before_s=was.lateness_s if was else 0.0,
                lateness_after_s=becomes.lateness_s if becomes else 0.0,
                shift_before=was.shift_id if was else None,
                shift_after=becomes.shift_id if becomes else None,
            )


def _is_noticeable(was: _Arrival, becomes: _Arrival) -> bool:
    shifted_s = abs((becomes.arrive_at - was.arrive_at).total_seconds())
    return shifted_s >= NOTICEABLE_S or was.shift_id != becomes.shift_id


def _is_saved(change: EtaChange) -> bool:
    is_served = change.after_at is not None
    return is_served and change.lateness_before_s > LATE_S and change.lateness_after_s <= LATE_S


def _becomes_late(change: EtaChange) -> bool:
    return change.lateness_after_s > LATE_S and change.lateness_before_s <= LATE_S


def _reasons(
    changes: Sequence[EtaChange], saved: Sequence[str], late: Sequence[str], duration_delta_s: float
) -> Iterable[str]:
    if saved:
        yield f"{count_stops(len(saved))} will be in time again: {names(saved)}"
    if late:
        yield f"{count_stops(len(late))} will become late: {names(late)}"
    for each in changes:
        if each.after_at is None:
            yield f"stop {each.stop_id} leaves shift {each.shift_before}"
        elif each.before_at is None:
            lateness = f", {in_words(each.lateness_after_s)} late" if each.lateness_after_s > LATE_S else ""
            yield f"stop {each.stop_id} joins shift {each.shift_after}{lateness}"
        elif each.shift_before != each.shift_after:
            yield f"stop {each.stop_id} moves from shift {each.shift_before} to {each.shift_after}"
    if abs(duration_delta_s) >= 60:
        more = "more" if duration_delta_s > 0 else "less"
        yield f"{in_words(duration_delta_s)} {more} on the road in all"


def count_stops(count: int) -> str:
    """``"1 stop"``, ``"3 stops"``."""
    return "1 stop" if count == 1 else f"{count} stops"


def names(stop_ids: Sequence[str], most: int = 5) -> str:
    """The ids, the first few of many."""
    shown = ", ".join(stop_ids[:most])
    return shown if len(stop_ids) <= most else f"{shown} and {len(stop_ids) - most} more"
