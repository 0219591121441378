"""When each remaining stop will be reached; estimated anew only where something changed."""

from itertools import islice
from math import ceil, isnan

import numpy as np
from numpy.typing import NDArray

from routing.eta import break_rows
from routing.plan import Break
from streams.fleet.columns import NEVER, SECOND_US
from streams.fleet.eta_text import PackedEtaUpdate, etas_text
from streams.fleet.instants import micros
from streams.fleet.outlook import paces, stood_until_us
from streams.fleet.rules import FleetRules
from streams.fleet.state import FleetState, ShiftState, VehicleState
from streams.fleet.turn import SOURCE, Turn, elapsed_s
from streams.topics import ETAS

NO_BREAKS = break_rows(())
TOLD_PACE = 0.02
"""A factor nearer to 1 than this is not worth a word."""


def may_tell(turn: Turn, shift: ShiftState) -> bool:
    """Whether the last ETAs were told so long ago that others may follow."""
    if shift.eta_told_at is None:
        return True
    return elapsed_s(shift.eta_told_at, turn.now_at) >= turn.rules.eta_interval_s


def breaks_left(vehicle: VehicleState, shift: ShiftState) -> NDArray[np.int64]:
    """The breaks not had yet, as `routing.eta` takes them."""
    if not shift.route.breaks:
        return NO_BREAKS
    return break_rows(_breaks_left(vehicle, shift))


def _breaks_left(vehicle: VehicleState, shift: ShiftState) -> list[Break]:
    breaks = sorted(shift.route.breaks, key=lambda due: due.earliest_at)
    return list(islice(breaks, vehicle.record["breaks_taken"], None))


def pass_breaks(turn: Turn, state: FleetState, vehicle: VehicleState, shift: ShiftState) -> None:
    """A break is over when the vehicle stood for most of it, at no stop, or when it is long past."""
    if not shift.route.breaks:
        return
    record, left = vehicle.record, _breaks_left(vehicle, shift)
    while left and _is_over(turn, state, vehicle, left[0]):
        left.pop(0)
        record["breaks_taken"] += 1
        shift.is_eta_due = True
    record["break_us"] = micros(left[0].earliest_at) if left else NEVER
    record["break_s"] = left[0].duration_s if left else 0.0


def _is_over(turn: Turn, state: FleetState, vehicle: VehicleState, due: Break) -> bool:
    record, due_us, now_us = vehicle.record, micros(due.earliest_at), turn.now_us
    if (now_us - due_us) / SECOND_US > due.duration_s + turn.rules.break_forget_s:
        return True
    still_us = int(record["still_since_us"])
    if still_us == NEVER or record["served_stop"]:
        return False
    until_us = stood_until_us(state.records, vehicle.number, now_us)
    return (until_us - max(still_us, due_us)) / SECOND_US >= due.duration_s * turn.rules.break_seen_share


def break_looks_us(rules: FleetRules, vehicle: VehicleState) -> list[int]:
    """The moments at which time alone ends the next break: see `_is_over`."""
    record = vehicle.record
    due_us, duration_us = record["break_us"], record["break_s"] * SECOND_US
    still_us = record["still_since_us"]
    looks_us = [due_us + round(duration_us + rules.break_forget_s * SECOND_US) + 1]
    if still_us != NEVER:
        looks_us.append(max(still_us, due_us) + ceil(duration_us * rules.break_seen_share))
    return looks_us


def tell_etas(turn: Turn, state: FleetState, vehicle: VehicleState, shift: ShiftState) -> None:
    """Tell the estimates of all stops ahead."""
    shift.is_eta_untold, shift.eta_told_at = False, turn.now_at
    told = PackedEtaUpdate(
        event_id=turn.derived_id("eta", vehicle.vehicle_id),
        source=SOURCE,
        correlation_id=turn.correlation_id,
        causation_id=turn.cause.event_id,
        vehicle_id=vehicle.vehicle_id,
        depot_id=shift.depot_id,
        shift_id=shift.route.shift_id,
        plan_revision=shift.route.revision,
        estimated_at=turn.now_at,
        stops=etas_text(shift.route.stops, state.records, vehicle.number, state.stops.records),
        basis=_basis(state, vehicle, shift),
    )
    turn.say(ETAS, vehicle.vehicle_id, told)


def _basis(state: FleetState, vehicle: VehicleState, shift: ShiftState) -> str:
    """What the estimate used, in words."""
    if shift.departed_at is None:
        begins = "from the depot, not departed"
    elif shift.serving is not None:
        begins = "from the stop being served"
    elif isnan(vehicle.record["lat_deg"]):
        begins = "from the depot, no position known"
    else:
        begins = "from the last position"
    route = shift.route
    service = "as planned, else by kind and packages" if route.has_service_times else "as planned"
    leg_pace, service_pace = paces(state.records, vehicle.number, state.limits)
    used = [
        begins,
        f"great circle x {route.detour:g} at the hour's speed{_pace_text(leg_pace)}",
        "windows waited for",
        f"service {service}{_pace_text(service_pace)}",
    ]
    left = len(route.breaks) - vehicle.record["breaks_taken"]
    if left > 0:
        used.append(f"{left} break{'s' if left > 1 else ''} to come")
    return "; ".join(used)


def _pace_text(factor: float) -> str:
    return "" if abs(factor - 1) < TOLD_PACE else f" x {factor:.2f} by today's"
