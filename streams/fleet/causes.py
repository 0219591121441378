"""Why a stop is late: what explains most of the time behind the first plan."""

from datetime import datetime

from streams.fleet.rules import FleetRules
from streams.fleet.state import ShiftState
from streams.fleet.turn import elapsed_s, span_text
from streams.fleet.visits import service_began_at

LATE_START = "late start"
LONG_SERVICE = "long service"
TRAFFIC = "traffic"
BEHIND_PLAN = "behind plan"
PLANNED_LATE = "planned late"

ON_PLAN_S = 60.0
"""Less than this behind the first plan is on plan."""


def find_cause(
    shift: ShiftState, stop_id: str, p50_at: datetime, now_at: datetime, rules: FleetRules
) -> tuple[str, str]:
    """The cause and its figures, in words.

    Start and service are known; the rest of what the vehicle is behind is put down to traffic, or is
    plainly ``behind plan`` where the route was changed since, and so is not comparable.
    """
    behind_s = elapsed_s(shift.planned_at.get(stop_id, p50_at), p50_at)
    if behind_s < ON_PLAN_S:
        return PLANNED_LATE, "on the plan's time"
    start_s = _late_start_s(shift, now_at)
    service_s = shift.service_over_s + _overrun_s(shift, now_at)
    figures = f"{span_text(behind_s)} behind plan"
    if start_s >= max(service_s, rules.cause_share * behind_s):
        said = "has not left yet" if shift.departed_at is None else "left"
        return LATE_START, f"{figures}, {said} {span_text(start_s)} after the shift's start"
    if service_s >= rules.cause_share * behind_s:
        return LONG_SERVICE, f"{figures}, service took {span_text(service_s)} longer than planned"
    if shift.assignment.revision != shift.first_revision:
        return BEHIND_PLAN, figures
    return (
        TRAFFIC,
        f"{figures}, of which {span_text(behind_s - max(start_s, 0) - max(service_s, 0))} on the road",
    )


def _late_start_s(shift: ShiftState, now_at: datetime) -> float:
    return elapsed_s(shift.assignment.route.shift.starts_at, shift.departed_at or now_at)


def _overrun_s(shift: ShiftState, now_at: datetime) -> float:
    """Seconds that the service under way already takes too long."""
    serving = shift.serving
    stop = None if serving is None else shift.find_stop(serving.stop_id, None)
    if serving is None or stop is None:
        return 0.0
    return max(0.0, elapsed_s(service_began_at(serving, stop), now_at) - stop.service_s)
