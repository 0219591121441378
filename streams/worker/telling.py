"""What a judge said, as lines of the log that name the event: for those who follow one."""

import logging
from collections.abc import Iterable

from streams.events.judgements import DelayEvent, FleetAlert
from streams.judge import DeadLetter, Emission

log = logging.getLogger(__name__)


def tell(outputs: Iterable[Emission | DeadLetter]) -> None:
    """Log alerts, delays and dead letters at level info; nothing is done below it."""
    if not log.isEnabledFor(logging.INFO):
        return
    for output in outputs:
        if isinstance(output, DeadLetter):
            _tell_letter(output)
        elif isinstance(output.event, DelayEvent | FleetAlert):
            _tell_alert(output.event)


def _tell_letter(letter: DeadLetter) -> None:
    record = letter.record
    place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
    log.info("dead letter: %s", letter.reason, extra={**place, "index": letter.index})


def _tell_alert(event: DelayEvent | FleetAlert) -> None:
    rule = event.rule if isinstance(event, DelayEvent) else event.kind
    log.info(
        "%s %s: %s",
        rule.value,
        event.phase.value,
        event.evidence,
        extra={
            "event_id": str(event.event_id),
            "alert_id": event.alert_id,
            "causation_id": None if event.causation_id is None else str(event.causation_id),
            "depot_id": event.depot_id,
            "vehicle_id": event.vehicle_id,
        },
    )
