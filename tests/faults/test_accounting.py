"""A known stream, while everything is killed that can be: what was sent, and what became of it."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import msgspec
import pyarrow.parquet as pq
import pytest

from streams.events.judgements import (
    AlertKind,
    DelayEvent,
    DelayRule,
    FleetAlert,
    StopVisit,
    Verdict,
    VerdictKind,
    VisitPhase,
)
from streams.lake.manifest import LandedFile, read_manifest
from streams.lake.schema import LANDED
from streams.topics import (
    ALERTS,
    DEAD_LETTERS,
    DELAYS,
    ETAS,
    FLEET_INPUTS,
    NOTICES,
    PROGRESS,
    VERDICTS,
    VISITS,
    Topic,
)
from tests.faults.calm import SAID, Words, calm_run
from tests.faults.deployment import STOPS_WITHIN_S, Deployment
from tests.faults.feeding import Feeder
from tests.faults.known_stream import OBSERVED, KnownStream, known_stream
from tests.faults.plan import Form
from tests.faults.reading import Place, read_topics
from tests.streams.lake.records import parquet_files

pytestmark = [pytest.mark.kafka, pytest.mark.e2e, pytest.mark.timeout(1_800)]

SEED = 20261121
SETTLES_WITHIN_S = 300.0
STAGED = {
    "gps.fixes": "stg_gps_fixes",
    "vehicle.telemetry": "stg_telemetry",
    "delivery.scans": "stg_scans",
}
ALERTED = {
    AlertKind.SILENT,
    AlertKind.IDLING,
    AlertKind.SPEEDING,
    AlertKind.CARGO_TEMPERATURE,
    AlertKind.FAULT_CODE,
    AlertKind.HARSH_BRAKING,
    AlertKind.REFUELLED,
}
each_topic = pytest.mark.parametrize("topic", OBSERVED, ids=lambda topic: topic.name)


@dataclass(frozen=True)
class Aftermath:
    """What was sent, what the faulted run said, what a calm one says, and what is in lake and warehouse."""

    stream: KnownStream
    deployment: Deployment
    said: Words
    calm: Words
    stops: dict[str, tuple[int, float]]
    took_s: dict[str, float]

    def verdicts(self, topic: Topic) -> list[Verdict]:
        """All verdicts on a topic, each once."""
        every = (msgspec.json.decode(raw, type=Verdict) for raw in self.said.events[VERDICTS.name])
        return [verdict for verdict in every if verdict.topic == topic.name]

    def rejected(self, topic: Topic) -> Counter[bytes]:
        """The bytes of the dead letters of a topic, each place once."""
        return Counter(raw for place, raw in self.said.letters.items() if place[0] == topic.name)

    def landed(self, topic: Topic) -> tuple[LandedFile, ...]:
        """The lake's manifest of a topic."""
        return read_manifest(self.deployment.product.home / "lake", topic.name)

    def staged(self, topic: Topic) -> list[tuple[str, str]]:
        """Event id and outcome of each row of a topic's staging table."""
        with duckdb.connect(str(self.deployment.product.warehouse), read_only=True) as warehouse:
            query = f"select event_id::varchar, outcome from staging.{STAGED[topic.name]}"
            return warehouse.execute(query).fetchall()


@pytest.fixture(scope="module")
def aftermath(form: Form, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    """The whole run, once for all tests of this module."""
    watch = Watch()
    stream = known_stream(form.size, SEED)
    watch.lap("making the stream")
    deployment = Deployment(tmp_path_factory.mktemp("faults"))
    try:
        watch.lap("the broker and its topics")
        _run_with_faults(deployment, stream, form)
        watch.lap("sending, under faults")
        servers = deployment.product.servers
        calm = calm_run(one.record for one in read_topics(servers, FLEET_INPUTS))
        watch.lap("the calm run")
        deployment.product.settle(SETTLES_WITHIN_S)
        watch.lap("the worker's rest")
        stops = {"worker": deployment.worker.stop(), "landing": deployment.landing.stop()}
        watch.lap("stopping")
        deployment.product.run("land", "--once")
        watch.lap("landing's rest")
        deployment.product.run("build")
        watch.lap("the build")
        yield Aftermath(stream, deployment, _said(servers), calm, stops, watch.laps_s)
    finally:
        deployment.close()


class Watch:
    """How long each part of the run took."""

    def __init__(self) -> None:
        self.laps_s: dict[str, float] = {}
        self._began_s = time.monotonic()

    def lap(self, name: str) -> None:
        """What took until now was called ``name``."""
        now_s = time.monotonic()
        self.laps_s[name] = round(now_s - self._began_s, 1)
        self._began_s = now_s


def _run_with_faults(deployment: Deployment, stream: KnownStream, form: Form) -> None:
    feeder = Feeder(deployment.product.servers, stream, form.sent_within_s)
    deployment.worker.start()
    deployment.landing.start()
    feeder.start()
    for fault in form.faults:
        while feeder.share < fault.at_share and feeder.is_alive():
            deployment.wait(0.05)
        fault.act(deployment)
    feeder.finish()


def _said(servers: str) -> Words:
    words = Words()
    for one in read_topics(servers, SAID):
        words.events[one.record.topic][one.record.value] += 1
    for letter in read_topics(servers, [DEAD_LETTERS]):
        words.letters[letter.about] = letter.record.value
    return words


def test_all_that_was_planned_was_broken(aftermath: Aftermath, form: Form) -> None:
    deployment = aftermath.deployment

    print(_figures(aftermath))

    acts = Counter(fault.act.__name__ for fault in form.faults)
    assert deployment.worker.kills == acts["kill_worker"]
    assert deployment.landing.kills == acts["kill_landing"]
    assert deployment.broker_kills == acts["take_broker_away"]


def _figures(aftermath: Aftermath) -> str:
    """What ``docs/faults.md`` quotes, one JSON object."""
    stream, deployment, said = aftermath.stream, aftermath.deployment, aftermath.said
    return json.dumps(
        {
            "sent": stream.elements,
            "never sent": sum(sent.missing for sent in stream.sent.values()),
            "duplicates": sum(sent.duplicates for sent in stream.sent.values()),
            "rubbish": sum(sent.rubbish.total() for sent in stream.sent.values()),
            "said": {name: len(events) for name, events in said.events.items()},
            "said again": {name: events.total() - len(events) for name, events in said.events.items()},
            "files": sum(len(aftermath.landed(topic)) for topic in LANDED),
            "kills": (deployment.worker.kills, deployment.landing.kills, deployment.broker_kills),
            "own ends": (deployment.worker.own_ends, deployment.landing.own_ends),
            "stops": aftermath.stops,
            "took_s": aftermath.took_s,
        }
    )


@each_topic
def test_accepted_and_duplicate_and_rejected_are_what_was_sent(aftermath: Aftermath, topic: Topic) -> None:
    sent = aftermath.stream.sent[topic.name]

    accepted = sum(outcome != "duplicate" for _, outcome in aftermath.staged(topic))
    duplicates = sum(verdict.kind is VerdictKind.DUPLICATE for verdict in aftermath.verdicts(topic))
    rejected = aftermath.rejected(topic).total()

    assert (accepted, duplicates, rejected) == (len(sent.ids), sent.duplicates, sent.rubbish.total())
    assert accepted + duplicates + rejected == sent.elements


@each_topic
def test_every_accepted_event_is_once_in_the_staging_table(aftermath: Aftermath, topic: Topic) -> None:
    staged = Counter(event_id for event_id, _ in aftermath.staged(topic))

    assert not set(staged) ^ aftermath.stream.sent[topic.name].ids
    assert staged.most_common(1)[0][1] == 1


@each_topic
def test_rubbish_is_in_the_dead_letters_byte_for_byte(aftermath: Aftermath, topic: Topic) -> None:
    assert aftermath.rejected(topic) == aftermath.stream.sent[topic.name].rubbish


def test_the_same_visits_are_told_as_in_a_calm_run(aftermath: Aftermath) -> None:
    def visits(words: Words) -> set[tuple[str, str]]:
        told = [msgspec.json.decode(raw, type=StopVisit) for raw in words.events[VISITS.name]]
        return {(visit.visit_id, visit.phase) for visit in told}

    assert len(visits(aftermath.calm)) > len(aftermath.stream.vehicles)
    assert visits(aftermath.said) == visits(aftermath.calm)


@pytest.mark.parametrize(("topic", "event_type"), [(DELAYS, DelayEvent), (ALERTS, FleetAlert)])
def test_the_same_alerts_are_raised_and_cleared_as_in_a_calm_run(
    aftermath: Aftermath, topic: Topic, event_type: type[DelayEvent | FleetAlert]
) -> None:
    def alerts(words: Words) -> set[tuple[str, str]]:
        told = [msgspec.json.decode(raw, type=event_type) for raw in words.events[topic.name]]
        return {(alert.alert_id, alert.phase) for alert in told}

    assert {phase for _, phase in alerts(aftermath.calm)} >= {"raised", "cleared"}
    assert alerts(aftermath.said) == alerts(aftermath.calm)


def test_the_calm_run_has_words_of_every_kind(aftermath: Aftermath) -> None:
    """What no run ever says, no run can lose."""
    calm = aftermath.calm.events

    visits = {msgspec.json.decode(raw, type=StopVisit).phase for raw in calm[VISITS.name]}
    delays = {msgspec.json.decode(raw, type=DelayEvent).rule for raw in calm[DELAYS.name]}
    alerts = {msgspec.json.decode(raw, type=FleetAlert).kind for raw in calm[ALERTS.name]}
    verdicts = {msgspec.json.decode(raw, type=Verdict).kind for raw in calm[VERDICTS.name]}

    assert visits >= {VisitPhase.ARRIVED, VisitPhase.DEPARTED, VisitPhase.CORRECTED}
    assert delays >= {DelayRule.AT_RISK, DelayRule.LATE, DelayRule.MISSED}
    assert alerts >= ALERTED
    assert verdicts >= {
        VerdictKind.DUPLICATE,
        VerdictKind.REPEAT,
        VerdictKind.FLAGGED,
        VerdictKind.CLOCK_CORRECTED,
    }
    assert calm[ETAS.name]
    assert calm[PROGRESS.name]
    assert calm[NOTICES.name]


@pytest.mark.parametrize("topic", SAID, ids=lambda topic: topic.name)
def test_every_word_is_that_of_a_calm_run(aftermath: Aftermath, topic: Topic) -> None:
    said, calm = aftermath.said.events[topic.name], aftermath.calm.events[topic.name]

    assert set(said) == set(calm)
    assert max(calm.values(), default=1) == 1


def test_the_same_letters_are_put_aside_as_in_a_calm_run(aftermath: Aftermath) -> None:
    assert aftermath.said.letters == aftermath.calm.letters


@pytest.mark.parametrize("topic", LANDED, ids=lambda topic: topic.name)
def test_every_file_of_the_lake_is_whole_and_in_the_manifest(aftermath: Aftermath, topic: Topic) -> None:
    lake = aftermath.deployment.product.home / "lake"
    files = aftermath.landed(topic)

    assert {file.path for file in files} == {
        path for path in parquet_files(lake) if path.startswith(f"{topic.name}/")
    }
    for file in files:
        assert pq.read_table(lake / file.path).num_rows == file.rows
        assert (lake / file.path).stat().st_size == file.size_bytes


@each_topic
def test_every_offset_landed_once(aftermath: Aftermath, topic: Topic) -> None:
    by_partition: dict[int, list[tuple[int, int]]] = {}
    for file in aftermath.landed(topic):
        by_partition.setdefault(file.partition, []).append((file.first_offset, file.last_offset))

    for ranges in by_partition.values():
        ranges.sort()
        ends = [0, *(last + 1 for _, last in ranges[:-1])]
        assert [first for first, _ in ranges] == ends


def test_worker_and_landing_stop_in_time_and_in_peace(aftermath: Aftermath) -> None:
    for name, (code, took_s) in aftermath.stops.items():
        assert code == 0, f"{name} ended with {code}"
        assert took_s < STOPS_WITHIN_S, f"{name} took {took_s:.1f} s to stop"


def test_verdicts_speak_of_each_duplicate_once(aftermath: Aftermath) -> None:
    places: Counter[Place] = Counter()
    for topic in OBSERVED:
        for verdict in aftermath.verdicts(topic):
            if verdict.kind is VerdictKind.DUPLICATE:
                places[verdict.topic, verdict.partition, verdict.offset, verdict.index] += 1

    assert places.most_common(1)[0][1] == 1
