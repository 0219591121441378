"""Do the contestants say the same? Visits with their arrivals, and stops that are going to be late.

The subset that is compared: visits at planned stops whose arrival lies ``SETTLED_S`` or more before the
log's end, and stops that were said to be late at any time. Dwell rules differ: the kernel wants 45 s
within a stop's radius, Doorstep two minutes, and both tell the arrival as of the first of these seconds;
so visits shorter than two minutes would differ, and the log has none.
"""

import msgspec

from pipelines.bench.peers.kernel import Said
from pipelines.bench.streams.figures import Agreement
from pipelines.bench.streams.kafka import Log, read_all
from streams.events.judgements import DelayEvent, DelayRule, StopVisit, VisitPhase
from streams.topics import DELAYS, VISITS

PEERS_TOLERANCE_S = 0.0
OWN_TOLERANCE_S = 30.0
"""Scans tell Doorstep of arrivals that the kernel sees in fixes alone, one to three fixes apart."""

SETTLED_S = 300.0
"""Before the log's end: by then either has said its word on an arrival, whatever its dwell."""

VISITS_OF, LATE_OF = "visits", "stops said to be late"

Times = dict[tuple[str, str], float]
"""By vehicle and stop, epoch seconds: of a visit the arrival, of a late stop the first ETA that was late."""


class Statements(msgspec.Struct, frozen=True):
    """What one contestant said."""

    visits: Times
    late: Times


def peer_statements(log: Log, topic: str) -> Statements:
    """What a peer said."""
    decode = msgspec.json.Decoder(Said).decode
    said = Statements({}, {})
    for message in read_all(log, topic):
        each = decode(message.value() or b"")
        if each.late is None:
            said.visits[each.vehicle_id, each.stop_id] = each.arrived_s
        elif each.late:
            said.late.setdefault((each.vehicle_id, each.stop_id), each.arrived_s)
    return said


def own_statements(log: Log) -> Statements:
    """What Doorstep said: of each visit at a stop its last word, of each late stop its first."""
    return Statements(_own_visits(log), _own_late(log))


def _own_visits(log: Log) -> Times:
    decode = msgspec.json.Decoder(StopVisit).decode
    found: Times = {}
    for message in read_all(log, VISITS.name):
        visit = decode(message.value() or b"")
        key = visit.vehicle_id, visit.stop_id
        if visit.phase is VisitPhase.WITHDRAWN:
            found.pop(key, None)
        elif not visit.is_depot:
            found[key] = visit.arrived_at.timestamp()
    return found


def _own_late(log: Log) -> Times:
    decode = msgspec.json.Decoder(DelayEvent).decode
    found: Times = {}
    for message in read_all(log, DELAYS.name):
        delay = decode(message.value() or b"")
        if delay.rule in (DelayRule.LATE, DelayRule.MISSED):
            found.setdefault((delay.vehicle_id, delay.stop_id), delay.p50_at.timestamp())
    return found


def settled(here: Times, reference: Times, until_s: float) -> tuple[Times, Times]:
    """Both without the visits that nobody puts at ``until_s`` or before."""
    kept = {key for times in (here, reference) for key, at_s in times.items() if at_s <= until_s}
    return (
        {key: at_s for key, at_s in here.items() if key in kept},
        {key: at_s for key, at_s in reference.items() if key in kept},
    )


def compare(
    name: str, what: str, here: Times, reference: Times, log_events: int, tolerance_s: float | None
) -> Agreement:
    """Key by key; with a tolerance of ``None`` the times may lie anywhere."""
    gaps_s = [abs(here[key] - reference[key]) for key in here.keys() & reference.keys()]
    same = sum(tolerance_s is None or gap_s <= tolerance_s for gap_s in gaps_s)
    return Agreement(
        name=name,
        what=what,
        log_events=log_events,
        tolerance_s=tolerance_s,
        same=same,
        apart=len(gaps_s) - same,
        only_here=len(here.keys() - reference.keys()),
        only_in_reference=len(reference.keys() - here.keys()),
        largest_gap_s=max(gaps_s, default=0.0),
    )
