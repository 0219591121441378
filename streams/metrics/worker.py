"""The worker's metrics. Counted by run and not by event, so that they cost the hot path next to nothing."""

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from streams.events.judgements import DelayEvent, FleetAlert, StopVisit, Verdict, VerdictKind
from streams.judge import DeadLetter, Emission, Run
from streams.reason_kinds import kind_of

ACCEPTED, REJECTED = "accepted", "rejected"

_IDENTITY = b'"event_id"'
"""Stands once in every event: so an array's events are counted without reading it."""

_BEHIND_ARRAYS = b"\\"
"""The least that sorts behind all that begins with ``[``, and before ``{``."""

_BY_WEIGHT = (VerdictKind.DUPLICATE, VerdictKind.REPEAT, VerdictKind.NOT_JUDGED, VerdictKind.FLAGGED)
"""An event of which several verdicts speak counts as the first of these; a corrected clock is accepted."""

_LATENCY_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_SOLVING_S = (0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60)
_SAVING_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class WorkerMetrics:
    """One worker's registry, and the methods by which it is told what happened.

    ``now_ms`` is the wall clock as Kafka's appends have it, milliseconds since 1970.
    """

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self.registry = CollectorRegistry()
        self._now_ms = now_ms
        self._events = Counter(
            "doorstep_events", "Events by what became of them.", ("topic", "outcome"), registry=self.registry
        )
        self._verdicts = Counter(
            "doorstep_verdicts",
            "Words on single events, several on some.",
            ("kind", "rule"),
            registry=self.registry,
        )
        self._letters = Counter(
            "doorstep_dead_letters", "What breaks its contract.", ("topic", "reason"), registry=self.registry
        )
        self._alerts = Counter(
            "doorstep_alerts", "Delays and alerts about vehicles.", ("rule", "phase"), registry=self.registry
        )
        self._latency = Histogram(
            "doorstep_detection_latency_seconds",
            "From Kafka's append of the oldest record of a run to the delays, alerts and visits of that run.",
            buckets=_LATENCY_S,
            registry=self.registry,
        )
        self._late = Counter(
            "doorstep_merged_late",
            "Records that came after younger ones were judged.",
            _PLACE,
            registry=self.registry,
        )
        self._lag = Gauge(
            "doorstep_lag_records",
            "Records on Kafka that are not judged.",
            (*_PLACE, "topic"),
            registry=self.registry,
        )
        self._delay = Gauge(
            "doorstep_watermark_delay_seconds",
            "Age of the youngest judged record while some wait, else 0.",
            _PLACE,
            registry=self.registry,
        )
        self._checkpoint_bytes = Gauge(
            "doorstep_checkpoint_bytes", "Size of the last checkpoint.", _PLACE, registry=self.registry
        )
        self._checkpoint_s = Histogram(
            "doorstep_checkpoint_seconds",
            "Making a checkpoint.",
            ("judge",),
            buckets=_SAVING_S,
            registry=self.registry,
        )
        self._solver_s = Histogram(
            "doorstep_solver_seconds", "Answering one request.", buckets=_SOLVING_S, registry=self.registry
        )
        self._partitions = Gauge(
            "doorstep_assigned_partitions", "Partition numbers judged here.", registry=self.registry
        )
        self._judged_through_ms: dict[tuple[str, int], int] = {}

    def assigned(self, partitions: int) -> None:
        """So many partition numbers are judged here from now on; what was said of others is forgotten."""
        self._partitions.set(partitions)
        self._judged_through_ms.clear()
        for gauge in (self._lag, self._delay, self._checkpoint_bytes):
            gauge.clear()

    def judged(self, judge: str, run: Run, outputs: Sequence[Emission | DeadLetter]) -> None:
        """A judge was through with a run, and said ``outputs``."""
        said = _Said.of(outputs)
        counts = _events_by_topic(run)
        for (topic, outcome), count in said.exceptions().items():
            self._events.labels(topic, outcome).inc(count)
            counts[topic] -= count
        for topic, count in counts.items():
            self._events.labels(topic, ACCEPTED).inc(max(0, count))
        self._judged_through_ms[judge, run.partition] = int(run.appended_ms[-1])
        self._tell(said, (self._now_ms() - int(run.appended_ms[0])) / 1000)

    def waiting(self, judge: str, partition: int, lags: Mapping[str, int]) -> None:
        """How many records of each topic wait for a judge."""
        for topic, lag in lags.items():
            self._lag.labels(judge, partition, topic).set(lag)
        through_ms = self._judged_through_ms.get((judge, partition))
        is_behind = through_ms is not None and any(lags.values())
        delay_s = (self._now_ms() - (through_ms or 0)) / 1000 if is_behind else 0.0
        self._delay.labels(judge, partition).set(max(0.0, delay_s))

    def merged_late(self, judge: str, partition: int, count: int) -> None:
        """Records came after younger ones had been judged."""
        self._late.labels(judge, partition).inc(count)

    def saved(self, judge: str, partition: int, size_bytes: int, took_s: float) -> None:
        """A checkpoint was made."""
        self._checkpoint_bytes.labels(judge, partition).set(size_bytes)
        self._checkpoint_s.labels(judge).observe(took_s)

    def solved(self, took_s: float) -> None:
        """A request has its answer, whatever it is."""
        self._solver_s.observe(took_s)

    def _tell(self, said: "_Said", latency_s: float) -> None:
        for letter in said.letters:
            self._letters.labels(letter.record.topic, kind_of(letter.reason)).inc()
        for (kind, rule), count in Tally(map(_KIND_AND_RULE, said.verdicts)).items():
            self._verdicts.labels(kind, rule).inc(count)
        for event in said.detected:
            self._detected(event, latency_s)

    def _detected(self, event: DelayEvent | FleetAlert | StopVisit, latency_s: float) -> None:
        self._latency.observe(max(0.0, latency_s))
        if not isinstance(event, StopVisit):
            rule = event.rule if isinstance(event, DelayEvent) else event.kind
            self._alerts.labels(rule, event.phase).inc()


_PLACE = ("judge", "partition")
_KIND_AND_RULE = attrgetter("kind", "rule")
_EVENT_PLACE = attrgetter("topic", "partition", "offset", "index")


@dataclass(frozen=True, slots=True)
class _Said:
    """What a judge said of a run, as far as it is counted."""

    letters: list[DeadLetter]
    verdicts: list[Verdict]
    detected: list[DelayEvent | FleetAlert | StopVisit]

    @staticmethod
    def of(outputs: Iterable[Emission | DeadLetter]) -> "_Said":
        """``outputs`` by what they are."""
        said = _Said([], [], [])
        for output in outputs:
            if isinstance(output, DeadLetter):
                said.letters.append(output)
                continue
            event = output.event
            # Asked with isinstance, a Struct takes ten times as long to say that it is of another type.
            if type(event) is Verdict:
                said.verdicts.append(event)
            elif type(event) is StopVisit or type(event) is DelayEvent or type(event) is FleetAlert:
                said.detected.append(event)
        return said

    def exceptions(self) -> Tally[tuple[str, str]]:
        """By topic and outcome the events that were not simply accepted, each once."""
        found: Tally[tuple[str, str]] = Tally()
        for letter in self.letters:
            found[letter.record.topic, REJECTED] += 1
        weights: dict[tuple[str, int, int, int], int] = {}
        for verdict in self.verdicts:
            if verdict.kind in _BY_WEIGHT:
                event, weight = _EVENT_PLACE(verdict), _BY_WEIGHT.index(verdict.kind)
                weights[event] = min(weights.get(event, weight), weight)
        for (topic, weight), count in Tally((event[0], weight) for event, weight in weights.items()).items():
            found[topic, _BY_WEIGHT[weight].value] += count
        return found


def _events_by_topic(run: Run) -> Tally[str]:
    """How many events the records of a run hold; of what is no event, one a record."""
    records = np.bincount(run.ranks, minlength=len(run.topics))
    counts = Tally({run.topics[rank]: int(records[rank]) for rank in np.flatnonzero(records)})
    for place in _array_places(run.values):
        counts[run.topics[run.ranks[place]]] += max(1, run.values[place].count(_IDENTITY)) - 1
    return counts


def _array_places(values: list[bytes]) -> Iterator[int]:
    """Where arrays stand; an object sorts behind all of them, which one comparison a value tells."""
    is_array_or_less = np.fromiter(map(_BEHIND_ARRAYS.__gt__, values), np.bool_, len(values))
    return (place for place in np.flatnonzero(is_array_or_less).tolist() if values[place][:1] == b"[")
