import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from threading import Event as Signal
from threading import Thread
from uuid import UUID

import click
import msgspec
import pytest
from click.testing import CliRunner
from kafka import KafkaConsumer, TopicPartition
from rich.console import Console, RenderableType

from pipelines.commands.proposals import command, pick
from pipelines.proposals.decide import command_for, is_carried_out, issue
from pipelines.proposals.standing import Standing, State, standings
from pipelines.proposals.tables import as_list, as_page, page_json
from routing.changes import AlternativeKind, Effects, EtaChange
from routing.plan import Unassigned
from streams.events.dispatch import Command, CommandKind, Outcome, OutcomeStatus, Proposal
from streams.events.reference import Acceptance
from streams.judge import Emission
from streams.publish import Publisher
from streams.topics import COMMANDS, PROPOSALS, TICKS
from tests.conftest import Topics
from tests.factories import at, route, shift
from tests.streams.dispatch.world import World, choice, delay, depot_record, doorstep, proposal, tick

EFFECTS = Effects(
    duration_delta_s=-720.0,
    distance_delta_m=-3400.0,
    cost_delta=-8.5,
    co2e_delta_kg=-1.25,
    lateness_delta_s=-900.0,
    saved_stop_ids=("s2",),
    changes=(EtaChange("s2", at("12:15"), at("11:40"), 900.0, 0.0, "A", "B"),),
    reasons=("stop s2 is reached in time again",),
)


def waiting_proposal() -> tuple[World, Proposal]:
    """A depot where people decide, and the proposal that waits there."""
    world = World()
    world.plan_day(route(doorstep(1), doorstep(2), shift=shift("A")), route(doorstep(3), shift=shift("B")))
    world.tick("08:00")
    world.say(depot_record(Acceptance.ASK, effective="08:00"), delay(judged="09:00"))
    world.tick("09:02")
    answer = proposal(world.pending, route(doorstep(2), doorstep(1), shift=shift("A")))
    answer = msgspec.structs.replace(answer, effects=EFFECTS, proposal_id="abcdef-1")
    world.say(answer)
    return world, answer


def outcome(
    of: Proposal, status: OutcomeStatus, decided: str = "09:10", *, command_id: str = "c", number: int = 1
) -> Outcome:
    return Outcome(
        event_id=UUID(int=number),
        source="test",
        depot_id=of.depot_id,
        command_id=command_id,
        status=status,
        decided_at=at(decided),
        reason="so it was",
        proposal_id=of.proposal_id,
    )


def text(shown: RenderableType) -> str:
    console = Console(file=StringIO(), width=160)
    console.print(shown)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("status", "decided", "state"),
    [
        (OutcomeStatus.ACCEPTED, "09:10", State.ACCEPTED),
        (OutcomeStatus.REJECTED, "09:10", State.REJECTED),
        (OutcomeStatus.REFUSED, "09:10", State.REFUSED),
        (OutcomeStatus.REFUSED, "09:17", State.EXPIRED),
    ],
)
def test_the_outcome_says_where_a_proposal_stands(status: OutcomeStatus, decided: str, state: State) -> None:
    _, answer = waiting_proposal()

    (standing,) = standings([answer], [outcome(answer, status, decided)])

    assert standing.state is state


def test_the_first_outcome_counts_and_a_repeated_proposal_is_one() -> None:
    _, answer = waiting_proposal()
    first = outcome(answer, OutcomeStatus.ACCEPTED)
    second = outcome(answer, OutcomeStatus.REFUSED, number=2)

    (standing,) = standings([answer, answer], [first, second])

    assert (standing.state, standing.outcome) == (State.ACCEPTED, first)


def test_a_proposal_without_an_outcome_waits_and_one_without_routes_needs_none() -> None:
    _, answer = waiting_proposal()
    empty = msgspec.structs.replace(answer, proposal_id="zz", routes=())

    states = {each.proposal.proposal_id: each.state for each in standings([answer, empty], [])}

    assert states == {"abcdef-1": State.WAITING, "zz": State.NOTHING_BETTER}


def test_short_ids_are_as_long_as_it_takes_to_tell_them_apart() -> None:
    _, answer = waiting_proposal()
    others = [msgspec.structs.replace(answer, proposal_id=name) for name in ("abcdef-2", "xyzxyz")]

    found = standings([answer, *others], [])

    assert [each.short_id for each in found] == ["abcdef-1", "abcdef-2", "xyzx"]


def found_two() -> list[Standing]:
    _, answer = waiting_proposal()
    return standings([answer, msgspec.structs.replace(answer, proposal_id="abxyz")], [])


def test_any_beginning_that_is_its_alone_picks_a_proposal() -> None:
    assert pick(found_two(), "abc").proposal.proposal_id == "abcdef-1"


def test_an_unknown_id_names_those_that_wait_and_an_ambiguous_one_its_matches() -> None:
    with pytest.raises(click.BadParameter, match=r"begins with 'nope'; waiting: abcd, abxy"):
        pick(found_two(), "nope")
    with pytest.raises(click.BadParameter, match=r"'ab' is the beginning of several: abcd, abxy"):
        pick(found_two(), "ab")


def test_the_list_shows_what_a_proposal_changes() -> None:
    _, answer = waiting_proposal()

    shown = text(as_list(standings([answer], []), at("09:10")))

    for words in ("abcd", "waiting", "D1", "8 min", "delay", "-12", "-3.4", "-8.50", "-1.25"):
        assert words in shown


def test_the_page_says_who_is_served_when_before_and_after_and_why() -> None:
    _, answer = waiting_proposal()
    answer = msgspec.structs.replace(answer, unassigned=(Unassigned(doorstep(3), "no shift has time"),))
    (standing,) = standings([answer], [])

    shown = text(as_page(standing, at("09:10")))

    for words in (
        "s2",
        "o2",
        "12:15",
        "11:40",
        "15 min",
        "A → B",
        "in time again",
        "s3 is left out: no shift",
    ):
        assert words in shown


NOTHING = choice(AlternativeKind.NOTHING, words="do nothing", outlook="2 stops will be late by up to 15 min")
RESEQUENCE = msgspec.structs.replace(
    NOTHING,
    kind=AlternativeKind.RESEQUENCE,
    words="change the order of shift A",
    outlook="every stop is in time",
    is_proposed=True,
    price_delta_s=-1_800.0,
    duration_delta_s=-720.0,
    distance_delta_m=-3_400.0,
    saved_stop_ids=("s2",),
)
MOVE = msgspec.structs.replace(
    NOTHING,
    kind=AlternativeKind.MOVE,
    words="move 1 stop between shifts A, B",
    outlook="1 stop will be late by up to 5 min",
    price_delta_s=-600.0,
    cost_delta=2.5,
    late_stop_ids=("s3",),
)
CHOICES = (RESEQUENCE, MOVE, NOTHING)


def lines_of_page(answer: Proposal) -> list[str]:
    (standing,) = standings([answer], [])
    return text(as_page(standing, at("09:10"))).splitlines()


def test_the_page_ranks_what_can_be_done_and_marks_what_is_proposed() -> None:
    _, answer = waiting_proposal()

    lines = lines_of_page(msgspec.structs.replace(answer, choices=CHOICES))

    (first,) = [line for line in lines if "change the order of shift A" in line]
    (second,) = [line for line in lines if "move 1 stop between shifts A, B" in line]
    (third,) = [line for line in lines if "do nothing" in line]
    assert first.split()[:3] == ["│", "1", "✓"]
    assert lines.index(first) < lines.index(second) < lines.index(third)
    for words in ("-12", "-3.4", "-30"):
        assert words in first
    assert "2 stops will be late by up to 15 min" in third


def test_the_page_says_of_each_choice_who_is_saved_and_who_becomes_late() -> None:
    _, answer = waiting_proposal()

    shown = "\n".join(lines_of_page(msgspec.structs.replace(answer, choices=CHOICES)))

    assert "in time again: s2" in shown
    assert "becomes late: s3" in shown
    assert "1 stop will be late by up to 5 min" in shown


def test_the_page_says_why_choices_are_missing() -> None:
    _, answer = waiting_proposal()

    lines = lines_of_page(msgspec.structs.replace(answer, choices_note="no time was left"))

    assert "! no time was left" in lines
    assert not any("What can be done" in line for line in lines)


def test_programs_get_the_choices_too() -> None:
    _, answer = waiting_proposal()
    (standing,) = standings([msgspec.structs.replace(answer, choices=CHOICES)], [])

    shown = json.loads(page_json(standing, at("09:10")))

    assert [each["kind"] for each in shown["proposal"]["choices"]] == ["resequence", "move", "nothing"]


class FakeLog:
    """Answers every command at once, or never."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)

    def wait_for(self, cause: UUID, timeout_s: float) -> Outcome | None:
        return next((each for each in self.outcomes if each.causation_id == cause), None)


def test_the_same_word_of_the_same_person_is_one_command() -> None:
    _, answer = waiting_proposal()
    (standing,) = standings([answer], [])

    first = command_for(standing, CommandKind.APPROVE, "ada", at("09:05"))
    again = command_for(standing, CommandKind.APPROVE, "ada", at("09:06"))
    keyed = command_for(standing, CommandKind.APPROVE, "ada", at("09:06"), key="mine")

    assert first.command_id == again.command_id == "approve:abcdef-1:ada"
    assert first.event_id != again.event_id
    assert keyed.command_id == "mine"


def test_silence_is_not_an_outcome() -> None:
    _, answer = waiting_proposal()
    (standing,) = standings([answer], [])
    sent: list[Command] = []

    found = issue(command_for(standing, CommandKind.REJECT, "ada", at("09:05")), sent.append, FakeLog())

    assert found is None
    assert [each.kind for each in sent] == [CommandKind.REJECT]


@pytest.mark.parametrize(
    ("first", "is_done"), [(OutcomeStatus.ACCEPTED, True), (OutcomeStatus.REFUSED, False)]
)
def test_a_repeated_command_is_as_good_as_its_first_outcome(first: OutcomeStatus, is_done: bool) -> None:
    _, answer = waiting_proposal()
    again = outcome(answer, OutcomeStatus.REPEATED, number=2)

    log = FakeLog(outcome(answer, first), again)

    assert is_carried_out(again, log) == is_done


def test_what_was_refused_and_then_done_is_done() -> None:
    _, answer = waiting_proposal()
    refused = outcome(answer, OutcomeStatus.REFUSED)
    done = outcome(answer, OutcomeStatus.ACCEPTED, number=2)
    again = outcome(answer, OutcomeStatus.REPEATED, number=3)

    assert is_carried_out(again, FakeLog(refused, done, again))


@contextmanager
def judging(world: World, topics: Topics) -> Iterator[None]:
    """The judge of ``world`` reads commands from Kafka and publishes what it says, until the end."""
    stopped = Signal()
    name = topics.prefix + COMMANDS.name
    consumer = KafkaConsumer(
        bootstrap_servers=topics.bootstrap_servers, auto_offset_reset="earliest", group_id=None
    )
    consumer.assign([TopicPartition(name, number) for number in range(topics.partitions)])
    publisher = Publisher(topics.bootstrap_servers, topics.prefix, linger_ms=0)

    def judge() -> None:
        while not stopped.is_set():
            for records in consumer.poll(timeout_ms=50).values():
                for record in records:
                    for said in world.read(COMMANDS, record.value, record.key, record.timestamp):
                        assert isinstance(said, Emission)
                        publisher.send(said.topic, said.key, said.event, said.partition_key)
            publisher.flush()

    thread = Thread(target=judge)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(10)
        consumer.close()
        publisher.close()


@pytest.mark.kafka
def test_a_person_lists_shows_and_approves_a_proposal_on_a_real_broker(
    topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", topics.bootstrap_servers)
    monkeypatch.setenv("DOORSTEP_TOPIC_PREFIX", topics.prefix)
    world, answer = waiting_proposal()
    publisher = Publisher(topics.bootstrap_servers, topics.prefix)
    publisher.send(PROPOSALS, answer.depot_id, answer)
    publisher.broadcast(TICKS, lambda partition: tick(at("09:02") + timedelta(minutes=3)))
    publisher.close()
    run = CliRunner().invoke

    listed = json.loads(run(command, ["list", "--json"], catch_exceptions=False).stdout)
    shown = json.loads(run(command, ["show", "abcd", "--json"], catch_exceptions=False).stdout)
    with judging(world, topics):
        approved = run(command, ["approve", "abcd", "--as", "ada"], catch_exceptions=False)
        again = run(command, ["approve", "abcd", "--as", "ada"], catch_exceptions=False)
        rejected = run(command, ["reject", "abcd", "--as", "eve"], catch_exceptions=False)
        unknown = run(command, ["reject", "nope"], catch_exceptions=False)
    after = json.loads(run(command, ["list", "--json"], catch_exceptions=False).stdout)

    assert [(each["proposal_id"], each["state"], each["age_s"]) for each in listed] == [
        ("abcdef-1", "waiting", 180.0)
    ]
    assert shown["proposal"]["effects"]["changes"][0]["stop_id"] == "s2"
    assert (approved.exit_code, approved.stdout) == (0, "accepted: accepted by ada as revision 2\n")
    assert again.exit_code == 0
    assert again.stdout.startswith("repeated: ")
    assert rejected.exit_code == 1
    assert "was decided before" in rejected.stdout
    assert unknown.exit_code == 2
    assert "waiting: none" in unknown.stderr
    assert [each["state"] for each in after] == ["accepted"]
