"""Whether a changed route breaks a promise that it did not break before, by the evaluator's figures."""

from itertools import zip_longest
from math import inf

from routing.evaluation import RouteEvaluation, ViolationKind
from routing.plan import Shift
from routing.violations import TOLERANCE_LOAD, TOLERANCE_M, TOLERANCE_S

MEASURED = {
    ViolationKind.LATE,
    ViolationKind.LATE_BREAK,
    ViolationKind.PAST_SHIFT_END,
    ViolationKind.OVER_CAPACITY,
    ViolationKind.OVER_STOPS,
    ViolationKind.OVER_KM,
    ViolationKind.OVER_HOURS,
}
"""Violations with a figure: as they stand they are borne, but not made worse."""


def keeps_promises(shift: Shift, before: RouteEvaluation, after: RouteEvaluation) -> bool:
    """Whether nothing goes wrong after that did not before, and nothing that did gets worse."""
    return (
        _is_no_later(before, after)
        and _has_room(shift, before, after)
        and _is_within_limits(shift, before, after)
        and _other_words(after) <= _other_words(before)
    )


def _is_no_later(before: RouteEvaluation, after: RouteEvaluation) -> bool:
    was_s = {visit.stop_id: visit.lateness_s for visit in before.visits}
    breaks_were_s = [each.lateness_s for each in before.breaks]
    breaks = zip_longest((each.lateness_s for each in after.breaks), breaks_were_s, fillvalue=0.0)
    return (
        all(_is_borne(each.lateness_s, was_s.get(each.stop_id, 0.0)) for each in after.visits)
        and all(_is_borne(late_s, were_s) for late_s, were_s in breaks)
        and _is_borne(after.overrun_s, before.overrun_s)
    )


def _is_borne(late_s: float, was_s: float) -> bool:
    return late_s <= max(TOLERANCE_S, was_s)


def _has_room(shift: Shift, before: RouteEvaluation, after: RouteEvaluation) -> bool:
    vehicle = shift.vehicle
    return (
        after.peak_packages <= max(vehicle.capacity_packages, before.peak_packages)
        and after.peak_kg <= max(vehicle.capacity_kg, before.peak_kg) + TOLERANCE_LOAD
        and after.peak_m3 <= max(vehicle.capacity_m3, before.peak_m3) + TOLERANCE_LOAD
    )


def _is_within_limits(shift: Shift, before: RouteEvaluation, after: RouteEvaluation) -> bool:
    vehicle = shift.vehicle
    most_stops = inf if vehicle.most_stops is None else vehicle.most_stops
    most_m = inf if vehicle.most_km is None else vehicle.most_km * 1000
    return (
        after.whole_stops <= max(most_stops, before.whole_stops)
        and after.whole_distance_m <= max(most_m, before.whole_distance_m) + TOLERANCE_M
    )


def _other_words(judged: RouteEvaluation) -> set[str]:
    return {each.words for each in judged.violations if each.kind not in MEASURED}
