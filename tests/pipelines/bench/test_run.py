"""The whole run with contestants that only pretend: who is asked for what, and what becomes of failures."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Never

import pytest

from pipelines.bench.streams import run as streams_run
from pipelines.bench.streams.agreement import Statements
from pipelines.bench.streams.contestants import CEILING, FAUST, PEERS, PLAIN_LOOP, Peer
from pipelines.bench.streams.cores import Cores
from pipelines.bench.streams.figures import Figures, Inside, Latency, LatencyRun, MemoryFigure, Throughput
from pipelines.bench.streams.filling import Filled
from pipelines.bench.streams.kafka import Log
from pipelines.bench.streams.own_worker import WorkerRun
from pipelines.bench.streams.rounds import STARTS_AT
from pipelines.bench.streams.run import LATENCY, PARTS, Bench, Wish
from pipelines.bench.streams.tables import tables
from routing.errors import DoorstepError, KafkaUnavailable
from tests.pipelines.bench.figures import run

INSIDE = Inside(
    events=1000, vehicles=10, read_us=2.0, without_routes_us=3.0, with_routes_us=13.0, told_us=1.0, said=120
)
EARLY_S = STARTS_AT.timestamp() + 60
VISITED, LATE = ("van", "first"), ("van", "second")
SAID = Statements({VISITED: EARLY_S}, {LATE: EARLY_S})


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    @contextmanager
    def no_log(servers: str, *_: object) -> Iterator[Log]:
        yield Log(servers, "bench-1.")

    def own(*_: object) -> Statements:
        return Statements({VISITED: EARLY_S + 12}, {LATE: EARLY_S, ("van", "third"): EARLY_S})

    def peer_run(peer: Peer, *_: object) -> Throughput:
        return run(peer.title, 2.0)

    for name, value in (
        ("fresh_log", no_log),
        ("fill", lambda *_: filled()),
        ("write_peer_plans", lambda *_: None),
        ("why_absent", lambda *_: None),
        ("measure_peer", peer_run),
        ("peer_statements", lambda *_: SAID),
        ("own_statements", own),
        ("measure_worker", lambda *_: WorkerRun(run("Doorstep", 1.0), 10**8, 2 * 10**8)),
        ("measure_latency", lambda *_: latency()),
        ("measure_inside", lambda *_: INSIDE),
        ("measure_memory", lambda *_: [MemoryFigure(what="event id", count=9, bytes_each=16.0)]),
    ):
        monkeypatch.setattr(streams_run, name, value)
    return monkeypatch


def filled() -> Filled:
    return Filled(1000, 1000, 850, 100, 50, 100, 100, 340_000, 5, 3, 900, 0.5, 10, frozenset(), frozenset())


def latency() -> LatencyRun:
    one = Latency(
        what="delays", count=9, append_p50_ms=20.0, append_p99_ms=90.0, hands_p50_ms=21.0, hands_p99_ms=91.0
    )
    return LatencyRun(wanted_per_s=100.0, sent_per_s=99.0, lasted_s=5.0, latencies=[one])


def measured(*parts: str) -> Figures:
    wish = Wish(1000, 10, 1, frozenset(parts or PARTS), False, Path("none"))
    return Bench("no servers", Cores(None, ()), wish, lambda _: None).measure(
        datetime(2026, 11, 21, tzinfo=UTC)
    )


def fails(*_: object) -> Never:
    raise DoorstepError("it ended with code 1")


@pytest.mark.usefixtures("pretended")
def test_everything_is_measured_and_stands_in_a_table() -> None:
    figures = measured()

    names = {run.name for run in figures.singles}
    assert names == {"Doorstep", *(peer.title for peer in PEERS)} == {run.name for run in figures.batches}
    assert [fleet.vehicles for fleet in figures.scaling] == [10, 10, 100]
    assert figures.left_out == []
    assert [table.title for table in tables(figures)] == [
        "Streams: what was asked for",
        "One event a message",
        "Device batches: 20 fixes a message",
        "Do they say the same?",
        "Latency",
        "Memory",
        "Where the time goes",
        "As the fleet grows",
    ]


@pytest.mark.usefixtures("pretended")
def test_doorsteps_visits_may_lie_apart_by_a_scan_and_its_late_stops_may_be_more() -> None:
    visits, late = measured("doorstep").agreements

    assert (visits.same, visits.apart, visits.largest_gap_s) == (1, 0, 12.0)
    assert (late.tolerance_s, late.same, late.only_here, late.only_in_reference) == (None, 1, 1, 0)


def test_a_worker_that_fails_is_named_and_the_others_go_on(pretended: pytest.MonkeyPatch) -> None:
    pretended.setattr(streams_run, "measure_worker", fails)

    figures = measured("doorstep", CEILING.name, LATENCY)

    assert [run.name for run in figures.singles] == [CEILING.title]
    assert [why.partition(":")[0] for why in figures.left_out] == ["Doorstep", "latency"]


def test_without_the_plain_loop_nothing_is_compared(pretended: pytest.MonkeyPatch) -> None:
    def no_loop(peer: Peer, *_: object) -> Throughput:
        return fails() if peer is PLAIN_LOOP else run(peer.title, 2.0)

    pretended.setattr(streams_run, "measure_peer", no_loop)

    figures = measured("doorstep", "loop")

    assert [run.name for run in figures.singles] == ["Doorstep"]
    assert figures.agreements == []
    assert [why.partition(":")[0] for why in figures.left_out] == [PLAIN_LOOP.title]


def test_a_log_that_kafka_does_not_take_leaves_out_its_contest_alone(pretended: pytest.MonkeyPatch) -> None:
    def refuses(*_: object) -> Never:
        raise KafkaUnavailable("Kafka did not take 7 messages")

    pretended.setattr(streams_run, "fill", refuses)

    figures = measured("doorstep", FAUST.name, "memory")

    assert figures.singles == []
    assert [each.what for each in figures.memory] == ["event id"]
    assert [why.partition(":")[0] for why in figures.left_out] == ["the contest", "the contest of the slow"]
