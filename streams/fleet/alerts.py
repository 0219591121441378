"""The word on a vehicle that a person should know, for its depot."""

from streams.events.base import derived_id
from streams.events.judgements import AlertKind, AlertPhase, FleetAlert
from streams.fleet.turn import SOURCE, Turn
from streams.topics import ALERTS


def tell_alert(
    turn: Turn,
    depot_id: str,
    vehicle_id: str,
    kind: AlertKind,
    phase: AlertPhase,
    since: object,
    evidence: str,
    stop_id: str | None = None,
) -> None:
    """Say it. The alert's id is that of vehicle, kind and ``since``, so it stays from raised to cleared."""
    alert_id = str(derived_id(kind, vehicle_id, since))
    told = FleetAlert(
        event_id=turn.derived_id("alert", alert_id, phase),
        source=SOURCE,
        correlation_id=turn.correlation_id,
        causation_id=turn.cause.event_id,
        alert_id=alert_id,
        depot_id=depot_id,
        vehicle_id=vehicle_id,
        kind=kind,
        phase=phase,
        judged_at=turn.now_at,
        evidence=evidence,
        stop_id=stop_id,
    )
    turn.say(ALERTS, depot_id, told)
