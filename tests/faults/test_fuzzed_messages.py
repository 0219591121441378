"""Messages that are nearly right, each accepted or a dead letter: at the judges, and through a worker."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from confluent_kafka import Producer
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.dispatch.judge import DispatchJudge
from streams.events.judgements import Verdict, VerdictKind
from streams.fleet.judge import FleetJudge
from streams.judge import DeadLetter, Emission, Record, run_of
from streams.lake.manifest import read_manifest
from streams.topics import BY_NAME, DEAD_LETTERS, DISPATCH_INPUTS, FLEET_INPUTS, TICKS, VERDICTS, Topic
from streams.validate import read
from tests.e2e.product import PARTITIONS, Product
from tests.factories import at
from tests.faults.deployment import wait_until_ready
from tests.faults.fuzz import VALUES, Fuzzed, fuzzed, templates
from tests.faults.known_stream import OBSERVED
from tests.faults.plan import Form
from tests.faults.reading import Place, read_topics

SEED = 41
RUN = 997
APPENDED_AT_MS = int(at("23:00").timestamp() * 1000)
OBSERVED_NAMES = {topic.name for topic in OBSERVED}
INPUTS: tuple[Topic, ...] = tuple(dict.fromkeys((*FLEET_INPUTS, *DISPATCH_INPUTS)))
RANKS = {topic.name: rank for rank, topic in enumerate(INPUTS)}


@dataclass
class Expected:
    """By the contracts, one element at a time: what must be put aside, what was there before, what counts."""

    letters: dict[Place, bytes] = field(default_factory=dict)
    duplicates: set[Place] = field(default_factory=set)
    accepted: Counter[str] = field(default_factory=Counter)
    _seen: set[tuple[int, bytes]] = field(default_factory=set)

    def take(self, record: Record) -> None:
        """Reckon with the next record of its partition."""
        event_type = BY_NAME[record.topic].event
        assert event_type is not None
        for number, element in enumerate(read(record, event_type)):
            place = (record.topic, record.partition, record.offset, number)
            if isinstance(element, DeadLetter):
                self.letters[place] = element.raw
                continue
            self.accepted[record.topic] += 1
            event_id = (record.partition, element.event.event_id.bytes)
            if record.topic in OBSERVED_NAMES and event_id in self._seen:
                self.duplicates.add(place)
            if record.topic in OBSERVED_NAMES:
                self._seen.add(event_id)


def records(messages: list[Fuzzed]) -> list[Record]:
    """One partition's log of them."""
    return [
        Record(message.topic.name, 0, offset, APPENDED_AT_MS, message.key, message.value)
        for offset, message in enumerate(messages)
    ]


def judged(judge: FleetJudge | DispatchJudge, log: list[Record]) -> tuple[dict[Place, bytes], set[Place]]:
    """The dead letters and the duplicates that the judge tells of, run by run, over a restart each time."""
    letters: dict[Place, bytes] = {}
    duplicates: set[Place] = set()
    ranks = tuple(topic.name for topic in judge.inputs)
    saved = judge.save(judge.fresh(0))
    for begin in range(0, len(log), RUN):
        state = judge.load(saved)
        for output in judge.advance_run(state, run_of(log[begin : begin + RUN], ranks)):
            if isinstance(output, DeadLetter):
                origin = output.record
                letters[origin.topic, origin.partition, origin.offset, output.index] = output.raw
            else:
                duplicates |= duplicate_places(output)
        saved = judge.save(state)
    return letters, duplicates


def duplicate_places(output: Emission) -> set[Place]:
    event = output.event
    if not isinstance(event, Verdict) or event.kind is not VerdictKind.DUPLICATE:
        return set()
    return {(event.topic, event.partition, event.offset, event.index)}


def of_the_observed(places: dict[Place, bytes]) -> dict[Place, bytes]:
    return {place: raw for place, raw in places.items() if place[0] in OBSERVED_NAMES}


@pytest.mark.timeout(1_800)
def test_what_the_fleet_judge_gets_it_accepts_or_puts_aside(form: Form) -> None:
    log = records([one for one in fuzzed(form.fuzzed, SEED) if one.topic in FLEET_INPUTS])
    expected = Expected()
    for record in log:
        expected.take(record)

    letters, duplicates = judged(FleetJudge(), log)

    print(f"{len(log)} messages: {len(letters)} letters, {sum(expected.accepted.values())} events")
    assert of_the_observed(letters) == of_the_observed(expected.letters)
    assert expected.letters.items() <= letters.items()
    assert duplicates == expected.duplicates
    assert min(len(letters), len(duplicates), min(expected.accepted[one.name] for one in OBSERVED)) > 100


@pytest.mark.timeout(1_800)
def test_what_the_dispatch_judge_gets_it_accepts_or_puts_aside(form: Form) -> None:
    own = set(DISPATCH_INPUTS) - {TICKS}  # the fleet judge tells of those, for both
    messages = [one for one in fuzzed(form.fuzzed * 3, SEED) if one.topic in own]
    log = records(messages[: form.fuzzed // 10])
    expected = Expected()
    for record in log:
        expected.take(record)

    letters, _ = judged(DispatchJudge(), log)

    assert expected.letters.items() <= letters.items()
    assert sum(expected.accepted.values()) > 50


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(VALUES),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
TEMPLATES = [one for one in templates() if one.topic in FLEET_INPUTS]


@st.composite
def shaped(draw: st.DrawFn) -> Fuzzed:
    """A message of any shape, or a right one of which some fields have any shape."""
    template = draw(st.sampled_from(TEMPLATES))
    message: object = msgspec.json.decode(template.value)
    if draw(st.integers(0, 3)) == 0:
        message = draw(ANYTHING)
    elif isinstance(message, dict):
        for name in draw(st.lists(st.sampled_from(list(message)), min_size=1, max_size=3)):
            message[name] = draw(ANYTHING)
    value = msgspec.json.encode([message] if draw(st.booleans()) else message)
    return Fuzzed(template.topic, template.key, value)


@pytest.mark.timeout(1_800)
def test_messages_of_any_shape_are_accepted_or_put_aside(form: Form) -> None:
    @settings(max_examples=form.examples, derandomize=True)
    @given(st.lists(shaped(), min_size=1, max_size=12))
    def holds(messages: list[Fuzzed]) -> None:
        log = records(messages)
        expected = Expected()
        for record in log:
            expected.take(record)

        letters, duplicates = judged(FleetJudge(), log)

        assert of_the_observed(letters) == of_the_observed(expected.letters)
        assert duplicates == expected.duplicates

    holds()


@pytest.fixture
def product(kafka: str, tmp_path: Path) -> Product:
    """An empty deployment with its topics."""
    deployment = Product(tmp_path, kafka, f"f{uuid4().hex[:10]}.")
    deployment.run("topics", "create")
    return deployment


def send(product: Product, messages: list[Fuzzed]) -> None:
    """All of them, by turns to each partition: what one judge calls new, another must not have seen."""
    producer = Producer({"bootstrap.servers": product.servers, "queue.buffering.max.messages": 1_000_000})
    for number, one in enumerate(messages):
        producer.produce(product.prefix + one.topic.name, one.value, one.key, number % PARTITIONS)
    assert producer.flush(60) == 0


@pytest.mark.kafka
@pytest.mark.e2e
@pytest.mark.timeout(1_800)
def test_what_a_worker_and_landing_get_they_accept_or_put_aside(form: Form, product: Product) -> None:
    send(product, list(fuzzed(form.fuzzed_through_a_worker, SEED)))

    with product.running("worker") as worker:
        wait_until_ready(product)
        product.settle(600.0)
        assert worker.poll() is None, (product.home / "worker.log").read_text()[-3_000:]
    product.run("land", "--once")

    expected = Expected()
    # As the worker merges them: an id may come in two topics, and the later one is the duplicate.
    log = [one.record for one in read_topics(product.servers, INPUTS, product.prefix)]
    for record in sorted(log, key=lambda one: (one.appended_at_ms, RANKS[one.topic], one.offset)):
        expected.take(record)
    said = read_topics(product.servers, [DEAD_LETTERS], product.prefix)
    letters = {one.about: one.record.value for one in said if one.about[0] in OBSERVED_NAMES}
    words = read_topics(product.servers, [VERDICTS], product.prefix)
    verdicts = [msgspec.json.decode(one.record.value, type=Verdict) for one in words]
    landed = {
        topic.name: sum(file.rows for file in read_manifest(product.home / "lake", topic.name))
        for topic in INPUTS
    }
    assert letters == of_the_observed(expected.letters)
    assert {one.about for one in said} >= set(expected.letters)
    assert {
        (one.topic, one.partition, one.offset, one.index)
        for one in verdicts
        if one.kind is VerdictKind.DUPLICATE
    } == expected.duplicates
    assert {name: rows for name, rows in landed.items() if rows} == dict(expected.accepted)
