"""The word on an input event that was not simply accepted."""

from datetime import datetime

from streams.events.base import derived_id
from streams.events.judgements import Verdict, VerdictKind
from streams.fleet.turn import SOURCE, Cause
from streams.judge import Emission, Record
from streams.topics import VERDICTS


def verdict(
    record: Record,
    index: int,
    cause: Cause,
    kind: VerdictKind,
    rule: str,
    evidence: str = "",
    corrected_at: datetime | None = None,
) -> Emission:
    """A verdict on element ``index`` of ``record``; one place has at most one verdict a rule."""
    place = (record.topic, record.partition, record.offset, index)
    said = Verdict(
        event_id=derived_id("verdict", cause.event_id, *place, rule),
        source=SOURCE,
        correlation_id=cause.correlation_id,
        causation_id=cause.event_id,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        index=index,
        kind=kind,
        rule=rule,
        judged_event_id=str(cause.event_id),
        evidence=evidence,
        corrected_at=corrected_at,
    )
    return Emission(VERDICTS, ",".join(map(str, place)), said)
