"""Do the contestants say the same? Visits by vehicle and stop, with their times of arrival."""

import msgspec

from pipelines.bench.peers.kernel import Said
from pipelines.bench.streams.figures import Agreement
from pipelines.bench.streams.kafka import Log, read_all
from streams.events.judgements import StopVisit
from streams.topics import VISITS

PEERS_TOLERANCE_S = 0.0
OWN_TOLERANCE_S = 30.0
"""Scans tell Doorstep of arrivals that the kernel sees in fixes alone, one to two fixes apart."""

Visits = dict[tuple[str, str], float]
"""Arrival by vehicle and stop, epoch seconds."""


def peer_visits(log: Log, topic: str) -> Visits:
    """What a peer said."""
    decode = msgspec.json.Decoder(Said).decode
    said = (decode(message.value() or b"") for message in read_all(log, topic))
    return {(each.vehicle_id, each.stop_id): each.arrived_s for each in said if each.late is None}


def own_visits(log: Log) -> Visits:
    """What Doorstep said at last of each visit at a stop."""
    decode = msgspec.json.Decoder(StopVisit).decode
    said = (decode(message.value() or b"") for message in read_all(log, VISITS.name))
    return {
        (visit.vehicle_id, visit.stop_id): visit.arrived_at.timestamp()
        for visit in said
        if not visit.is_depot
    }


def compare(
    name: str, here: Visits, reference_name: str, reference: Visits, log_events: int, tolerance_s: float
) -> Agreement:
    """Visits count as common where the arrivals lie no further apart than ``tolerance_s``."""
    gaps_s = {key: abs(here[key] - reference[key]) for key in here.keys() & reference.keys()}
    common = sum(gap_s <= tolerance_s for gap_s in gaps_s.values())
    return Agreement(
        name=name,
        reference=reference_name,
        log_events=log_events,
        tolerance_s=tolerance_s,
        common=common,
        only_here=len(here) - common,
        only_in_reference=len(reference) - common,
        largest_gap_s=max(gaps_s.values(), default=0.0),
    )
