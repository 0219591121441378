"""From Traccar's topic to ours: read, convert, deliver, and only then commit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from routing.errors import ContractError
from streams.dead_letters import Origin
from streams.events.telematics import GpsFix, Telemetry
from streams.judge import Record
from streams.publish import Outbox
from streams.topics import DEAD_LETTERS, GPS_FIXES, TELEMETRY, Topic
from streams.traccar.adapter import to_events
from streams.traccar.fitted import Fitted
from streams.validate import appended_at
from streams.worker.outbox import fit_dead_letter


class Source(Protocol):
    """Traccar's topic; ``KafkaPositions`` in operation."""

    def poll(self) -> list[Record] | None:
        """The next messages, none for now, or ``None`` at the end of what there was to read."""
        ...

    def follow(self, fitted: Fitted) -> None:
        """Let ``fitted`` take what came of ``reference.devices``."""
        ...

    def commit(self) -> None:
        """All that was polled is done with."""
        ...


@dataclass(slots=True)
class Totals:
    """What one run carried over."""

    messages: int = 0
    fixes: int = 0
    telemetry: int = 0
    letters: int = 0

    def __str__(self) -> str:
        return (
            f"{self.messages:,} messages: {self.fixes:,} fixes, {self.telemetry:,} telemetry, "
            f"{self.letters:,} to dead.letters"
        )


def carry(source: Source, outbox: Outbox, is_stopped: Callable[[], bool]) -> Totals:
    """Carry positions over until stopped, or to the end of what there was to read.

    What was delivered and not committed is carried over again by the next run, under the same ids.
    """
    totals, fitted = Totals(), Fitted()
    while not is_stopped():
        source.follow(fitted)
        records = source.poll()
        if records is None:
            break
        for record in records:
            _carry_one(record, fitted, outbox, totals)
        if records:
            outbox.flush()
            source.commit()
    return totals


def _carry_one(record: Record, fitted: Fitted, outbox: Outbox, totals: Totals) -> None:
    totals.messages += 1
    try:
        converted = to_events(record.value, fitted.vehicle_of, appended_at(record))
    except ContractError as error:
        _bury(record, error, outbox)
        totals.letters += 1
        return
    for event in converted.events:
        outbox.send(_topic(event), event.vehicle_id, event)
        totals.fixes += isinstance(event, GpsFix)
        totals.telemetry += isinstance(event, Telemetry)
    if converted.refused is not None:
        _bury(record, converted.refused, outbox)
        totals.letters += 1


def _topic(event: GpsFix | Telemetry) -> Topic:
    return GPS_FIXES if isinstance(event, GpsFix) else TELEMETRY


def _bury(record: Record, error: ContractError, outbox: Outbox) -> None:
    place = (record.topic, record.partition, record.offset, 0)
    origin = Origin(str(error), *place, key=record.key, rule=error.rule)
    fitting, value = fit_dead_letter(origin, record.topic, record.value)
    outbox.send(DEAD_LETTERS, record.topic, value, headers=fitting.to_headers())
