"""Why a stop is late: what explains most of the time behind the first plan."""

import numpy as np

from streams.fleet.columns import NEVER, SECOND_US
from streams.fleet.instants import moment
from streams.fleet.state import FleetState, ShiftState, VehicleState
from streams.fleet.turn import Turn, elapsed_s, span_text
from streams.fleet.visits import service_began_at

LATE_START = "late start"
LONG_SERVICE = "long service"
BREAKDOWN = "breakdown"
ADDED_WORK = "added work"
TRAFFIC = "traffic"
BEHIND_PLAN = "behind plan"
PLANNED_LATE = "planned late"
AHEAD_OF_PLAN = "ahead of plan"
PLANNED_EARLY = "planned early"

CAUSES = (
    PLANNED_LATE,
    LATE_START,
    LONG_SERVICE,
    BREAKDOWN,
    ADDED_WORK,
    TRAFFIC,
    BEHIND_PLAN,
    AHEAD_OF_PLAN,
    PLANNED_EARLY,
)
"""By number, as a stop's record has them."""

ON_PLAN_S = 60.0
"""Less than this behind the first plan is on plan."""


def find_cause(
    turn: Turn, state: FleetState, vehicle: VehicleState, shift: ShiftState, place: int
) -> tuple[str, str]:
    """The cause of the lateness of the stop at ``place`` of the route, and its figures in words.

    Start, service, added work and standing still are known; the rest of what the vehicle is behind
    is put down to traffic, or is plainly ``behind plan`` where the route was changed since.
    """
    stop = state.stops.records[vehicle.record["first_stop"] + place]
    behind_s = int(stop["p50_us"] - stop["planned_us"]) / SECOND_US
    if behind_s < ON_PLAN_S:
        return PLANNED_LATE, "on the plan's time"
    enough_s = turn.rules.cause_share * behind_s
    figures = f"{span_text(behind_s)} behind plan"
    start_s = elapsed_s(moment(vehicle.record["shift_starts_us"]), shift.departed_at or turn.now_at)
    service_s = shift.service_over_s + _overrun_s(turn, state, vehicle, shift)
    standing_s = _standing_s(turn, vehicle, shift)
    if start_s >= max(service_s, enough_s):
        said = "has not left yet" if shift.departed_at is None else "left"
        return LATE_START, f"{figures}, {said} {span_text(start_s)} after the shift's start"
    if service_s >= enough_s:
        return LONG_SERVICE, f"{figures}, service took {span_text(service_s)} longer than planned"
    if standing_s >= max(turn.rules.breakdown_after_s, enough_s):
        return BREAKDOWN, f"{figures}, has stood for {span_text(standing_s)} at no stop"
    if shift.route.revision != shift.first_revision:
        return _replanned(state, vehicle, shift, place, enough_s, figures)
    road_s = behind_s - max(start_s, 0) - max(service_s, 0)
    return TRAFFIC, f"{figures}, of which {span_text(road_s)} on the road"


def find_early_cause(turn: Turn, stop: np.void) -> tuple[str, str]:
    """The cause of an early arrival, and its figures in words: the plan, or being ahead of it."""
    planned_s = int(stop["opens_us"] - stop["planned_us"]) / SECOND_US
    ahead_s = int(stop["planned_us"] - stop["delay_arrived_us"]) / SECOND_US
    if planned_s >= turn.rules.early_after_s:
        return PLANNED_EARLY, f"planned to be there {span_text(planned_s)} before it opens"
    return AHEAD_OF_PLAN, f"{span_text(ahead_s)} ahead of plan"


def _replanned(
    state: FleetState, vehicle: VehicleState, shift: ShiftState, place: int, enough_s: float, figures: str
) -> tuple[str, str]:
    """Of a route that was changed: added work where the new plan itself has the stop that much later."""
    begin = vehicle.record["first_stop"]
    stops = state.stops.records[begin : begin + place + 1]
    added = int(np.count_nonzero(stops["is_added"]))
    later_s = int(stops[place]["arrive_us"] - stops[place]["planned_us"]) / SECOND_US
    if added and later_s >= enough_s:
        stop_text = "1 stop" if added == 1 else f"{added} stops"
        return (
            ADDED_WORK,
            f"{figures}, planned {span_text(later_s)} later since {stop_text} came in before it",
        )
    return BEHIND_PLAN, figures


def _overrun_s(turn: Turn, state: FleetState, vehicle: VehicleState, shift: ShiftState) -> float:
    """Seconds that the service under way already takes too long."""
    serving, served = shift.serving, vehicle.record["served_stop"]
    if serving is None or not served:
        return 0.0
    opens_us = state.stops.records[vehicle.record["first_stop"] + served - 1]["opens_us"]
    served_s = elapsed_s(service_began_at(serving, opens_us), turn.now_at)
    return max(0.0, served_s - shift.stop_at(served - 1).service_s)


def _standing_s(turn: Turn, vehicle: VehicleState, shift: ShiftState) -> float:
    """Seconds for which the vehicle has stood at neither a stop nor the depot."""
    still_us = int(vehicle.record["still_since_us"])
    if still_us == NEVER or shift.stay is not None or shift.departed_at is None:
        return 0.0
    return (turn.now_us - still_us) / SECOND_US
