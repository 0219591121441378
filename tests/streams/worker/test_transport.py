import asyncio
from dataclasses import dataclass
from math import inf
from time import monotonic

from aiokafka import TopicPartition
from aiokafka.protocol.fetch import FetchRequest

from streams.worker.transport import FetchNotes

TP = TopicPartition("gps.fixes", 3)
OK, NOT_LEADER = 0, 6


@dataclass
class Answer:
    """A fetch's answer, as far as it is read."""

    topics: list[tuple[str, list[tuple[int, int, int, bytes]]]]


def notes_after(error_code: int, end: int, request: object | None = None) -> FetchNotes:
    async def send(node_id: int, request: object) -> Answer:
        await asyncio.sleep(0.02)
        return Answer([(TP.topic, [(TP.partition, error_code, end, b"")])])

    async def scenario() -> FetchNotes:
        notes = FetchNotes(send)
        await notes.send(0, request or FetchRequest(25, 1, 1_000, 0, [], rack_id=""))
        return notes

    return asyncio.run(scenario())


def test_a_log_is_known_as_of_the_moment_when_its_fetch_was_sent() -> None:
    before_s = monotonic()

    asked_at_s = notes_after(OK, end=17).asked_at_s(TP, position=17)

    assert before_s <= asked_at_s <= monotonic() - 0.02


def test_a_log_whose_end_has_not_been_reached_is_not_known() -> None:
    assert notes_after(OK, end=17).asked_at_s(TP, position=16) == -inf


def test_a_refused_fetch_tells_nothing() -> None:
    assert notes_after(NOT_LEADER, end=-1).asked_at_s(TP, position=17) == -inf


def test_other_requests_pass_unread() -> None:
    assert notes_after(OK, end=17, request="heartbeat").asked_at_s(TP, position=17) == -inf


def test_nothing_is_known_after_an_assignment() -> None:
    notes = notes_after(OK, end=17)

    notes.forget()

    assert notes.asked_at_s(TP, position=17) == -inf
