"""What goes wrong with a shift beside its ETAs, told to its depot; what does is judged in `shift_watch`."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from routing.geometry import haversine_m
from routing.plan import Location
from streams.events.judgements import AlertKind, AlertPhase
from streams.fleet.alerts import tell_alert
from streams.fleet.columns import NEVER, SECOND_US
from streams.fleet.instants import moment
from streams.fleet.row import Row
from streams.fleet.shift_watch import (
    NOT_DEPARTED,
    OFF_ROUTE,
    OUT_OF_SEQUENCE,
    OVERDUE,
    STANDING,
    WATCH,
)
from streams.fleet.state import FleetState, ShiftState, VehicleState, own
from streams.fleet.stop_table import StopTable
from streams.fleet.turn import Turn, clock_text, distance_text, span_text

PHASES = (None, AlertPhase.RAISED, AlertPhase.UPDATED, AlertPhase.CLEARED)
WATCH_NAMES = frozenset(WATCH.names or ())


class Watched(NamedTuple):
    """What the words of an alert are made of."""

    turn: Turn
    vehicle: VehicleState
    shift: ShiftState
    watch: np.void
    stops: StopTable

    @property
    def record(self) -> Row:
        """The vehicle's record."""
        return self.vehicle.record

    @property
    def place(self) -> Location | None:
        """Where the vehicle was by its newest fix."""
        lat_deg, lon_deg = float(self.watch["watched_lat_deg"]), float(self.watch["watched_lon_deg"])
        return None if lat_deg != lat_deg else Location(lat_deg, lon_deg)

    def stop_id(self, field: str) -> str | None:
        """The stop that a field of the record names by its place, counted from 1."""
        place = int(self.watch[field] if field in WATCH_NAMES else self.record[field])
        return self.shift.stop_at(place - 1).stop_id if 0 < place <= int(self.record["stop_count"]) else None

    def passed_s(self, since_us: int, until_us: int | None = None) -> float:
        """Seconds from a moment to another, or to now."""
        return ((self.turn.now_us if until_us is None else until_us) - since_us) / SECOND_US


class Condition(NamedTuple):
    """``name`` is that of its fields; ``why_cleared`` may look at what became of the shift."""

    bits: int
    name: str
    kind: AlertKind
    stop: str
    words: Callable[[Watched], str]
    why_cleared: Callable[[Watched], str]


def tell_shift(turn: Turn, state: FleetState, vehicle: VehicleState, shift: ShiftState, said: int) -> None:
    """Tell what `watch_shift` said: what began, lasts or is over."""
    watched = _watched(turn, state, vehicle, shift)
    for condition in CONDITIONS:
        phase = PHASES[said >> condition.bits & 3]
        if phase is AlertPhase.RAISED:
            count = shift.alert_counts.get(condition.kind, 0) + 1
            shift.alert_counts = own(shift.alert_counts)
            shift.alert_counts[condition.kind] = count
        if phase is not None:
            words = condition.why_cleared if phase is AlertPhase.CLEARED else condition.words
            _tell(watched, condition, phase, words(watched))


def end_watch(turn: Turn, state: FleetState, vehicle: VehicleState, shift: ShiftState, why: str) -> None:
    """Clear what is open of a shift that is over."""
    watched = _watched(turn, state, vehicle, shift)
    for condition in CONDITIONS:
        if int(watched.watch[f"{condition.name}_raised_us"]) != NEVER:
            _tell(watched, condition, AlertPhase.CLEARED, why)


def _watched(turn: Turn, state: FleetState, vehicle: VehicleState, shift: ShiftState) -> Watched:
    watch = state.tracks.watches[vehicle.record["track_row"]]
    return Watched(turn, vehicle, shift, watch, state.stops)


def _tell(watched: Watched, condition: Condition, phase: AlertPhase, evidence: str) -> None:
    shift, vehicle = watched.shift, watched.vehicle
    which = f"{shift.route.shift_id} {shift.alert_counts.get(condition.kind, 0)}"
    stop_id = watched.stop_id(condition.stop) if condition.stop else None
    tell_alert(
        watched.turn, shift.depot_id, vehicle.vehicle_id, condition.kind, phase, which, evidence, stop_id
    )


def _waiting(watched: Watched) -> str:
    starts_us, limit_s = watched.record["shift_starts_us"], watched.turn.rules.not_departed_after_s
    begun = (
        f"the shift began at {clock_text(moment(starts_us))}, {span_text(watched.passed_s(starts_us))} ago"
    )
    where = "no position of the vehicle is known"
    if watched.place is not None:
        depot = Location(watched.record["depot_lat_deg"], watched.record["depot_lon_deg"])
        where = f"the vehicle is {distance_text(haversine_m(watched.place, depot))} from the depot"
        seen_us = int(watched.watch["watched_us"])
        if watched.passed_s(seen_us) > watched.turn.rules.silent_after_s:
            where += f", by its last fix at {clock_text(moment(seen_us))}"
    return f"{begun}, and {where}; the limit is {span_text(limit_s)}"


def _departed(watched: Watched) -> str:
    departed_at = watched.shift.departed_at
    return "no stop is left" if departed_at is None else f"departed at {clock_text(departed_at)}"


def _standing(watched: Watched) -> str:
    record, rules = watched.record, watched.turn.rules
    since_us = max(int(watched.watch["stand_us"]), int(watched.watch["worked_us"]))
    stood_s = watched.passed_s(since_us, int(watched.watch["stand_inside_us"]))
    stood = f"has stood for {span_text(stood_s)} at no stop"
    breaks_s = float(watched.watch["stand_break_s"])
    if record["break_us"] != NEVER and record["break_us"] <= watched.turn.now_us:
        breaks_s += record["break_s"]
    limit = f"the limit is {span_text(rules.standing_after_s)}"
    pause = f" beside a break of {span_text(breaks_s)}" if breaks_s else ""
    return f"{stood}, {_way_left(watched)}; {_engine_text(watched)}; {limit}{pause}"


def _engine_text(watched: Watched) -> str:
    """What telemetry says of the engine: standing is not idling."""
    record = watched.record
    seen_us = record["idle_seen_us"]
    if seen_us == NEVER or watched.passed_s(seen_us) > watched.turn.rules.watch_gap_s:
        return "whether the engine runs is not known"
    if record["is_idle"]:
        return "the engine runs"
    return "the engine does not run" if record["is_engine_off"] else "whether the engine runs is not known"


def _moving(watched: Watched) -> str:
    if watched.shift.stay is not None:
        return "is at a stop or the depot"
    return "no stop is left" if not watched.record["next_stop"] else "has moved on, or had work to do"


def _off_route(watched: Watched) -> str:
    rules = watched.turn.rules
    begun = Location(float(watched.watch["leg_from_lat_deg"]), float(watched.watch["leg_from_lon_deg"]))
    ahead = Location(float(watched.watch["leg_to_lat_deg"]), float(watched.watch["leg_to_lon_deg"]))
    gone = "" if watched.place is None else distance_text(haversine_m(begun, watched.place))
    leg = f"the leg is {distance_text(haversine_m(begun, ahead))}"
    excess_m = float(watched.watch["leg_excess_m"])
    excess = f"{distance_text(excess_m)} more than {rules.off_route_factor:g} times that"
    lasts = span_text(watched.passed_s(int(watched.watch["off_route_since_us"])))
    return (
        f"{gone} from where the leg began, {_way_left(watched)}, and {leg}: {excess}, for {lasts}; "
        f"the limit is {distance_text(rules.off_route_m)} for {span_text(rules.off_route_after_s)}"
    )


def _on_route(watched: Watched) -> str:
    if int(watched.watch["off_route_fine_us"]) == NEVER:
        return "the leg is over"
    lasted = span_text(
        watched.passed_s(int(watched.watch["off_route_since_us"]), int(watched.watch["off_route_fine_us"]))
    )
    return f"back on its way to stop {watched.stop_id('next_stop')} after {lasted}"


def _out_of_sequence(watched: Watched) -> str:
    served, passed_over = watched.stop_id("served_first"), watched.stop_id("passed_over")
    done_at = watched.shift.done.get(served or "")
    when = "" if done_at is None else f" at {clock_text(done_at)}"
    count = int(watched.watch["passed_over_count"])
    open_text = "1 stop before it is" if count == 1 else f"{count} stops before it are"
    return (
        f"stop {served}, number {int(watched.watch['served_first'])} of the route, was served{when} while "
        f"{open_text} open, the first of them {passed_over}, number {int(watched.watch['passed_over'])}"
    )


def _in_sequence(watched: Watched) -> str:
    return "no stop is open any more that the route has before one that was served"


def _overdue(watched: Watched) -> str:
    record, rules = watched.record, watched.turn.rules
    expected_us = int(watched.watch["expected_us"])
    heard_us = max(record["heard_us"], int(watched.watch["worked_us"]), record["departed_us"])
    return (
        f"stop {watched.stop_id('next_stop')} was expected by {clock_text(moment(expected_us))} (P90), "
        f"{span_text(watched.passed_s(expected_us))} ago, and nothing has been heard since "
        f"{clock_text(moment(heard_us))}, {span_text(watched.passed_s(heard_us))}; the limits are "
        f"{span_text(rules.overdue_after_s)} and {span_text(rules.overdue_quiet_s)}"
    )


def _heard(watched: Watched) -> str:
    record = watched.record
    if not record["next_stop"]:
        return "no stop is left"
    heard_us = max(record["heard_us"], int(watched.watch["worked_us"]))
    return f"heard at {clock_text(moment(heard_us))}"


def _way_left(watched: Watched) -> str:
    place = watched.record["next_stop"] - 1
    if watched.place is None or place < 0:
        return "with stops left"
    away_m = haversine_m(watched.place, watched.stops.location(watched.record["first_stop"] + place))
    return f"{distance_text(away_m)} from stop {watched.shift.name_of(place)}"


CONDITIONS = (
    Condition(NOT_DEPARTED, "not_departed", AlertKind.NOT_DEPARTED, "", _waiting, _departed),
    Condition(STANDING, "standing", AlertKind.STANDING, "next_stop", _standing, _moving),
    Condition(OFF_ROUTE, "off_route", AlertKind.OFF_ROUTE, "next_stop", _off_route, _on_route),
    Condition(
        OUT_OF_SEQUENCE,
        "out_of_sequence",
        AlertKind.OUT_OF_SEQUENCE,
        "passed_over",
        _out_of_sequence,
        _in_sequence,
    ),
    Condition(OVERDUE, "overdue", AlertKind.OVERDUE, "next_stop", _overdue, _heard),
)
