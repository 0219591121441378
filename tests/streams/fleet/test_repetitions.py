"""What holds when a log is read again: after a restart, in other runs, or a part of it twice."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from streams.codec import encode
from streams.events.judgements import Verdict
from streams.fleet.judge import FleetJudge
from streams.fleet.saved import SavedFleet
from streams.judge import DeadLetter, Emission, run_of
from streams.topics import GPS_FIXES, SCANS, TELEMETRY
from tests.factories import at
from tests.streams.fleet.any_day import DAYS, Step, play


def bytes_of(said: list[Emission | DeadLetter]) -> list[bytes]:
    return [encode(one.event) if isinstance(one, Emission) else one.raw for one in said]


@given(DAYS, st.data())
def test_a_restart_anywhere_changes_nothing_that_is_said_later(
    day: list[tuple[int, Step]], data: st.DataObject
) -> None:
    line = play(day)
    cut = data.draw(st.integers(0, len(line.records)))
    judge, said = FleetJudge(), list[Emission | DeadLetter]()
    state = judge.fresh(0)

    for number, record in enumerate(line.records):
        if number == cut:
            state = FleetJudge().load(judge.save(state))
        said += judge.advance(state, record)

    assert bytes_of(said) == bytes_of(line.said)


@given(DAYS, st.data())
def test_records_in_runs_of_any_length_say_what_they_say_one_by_one(
    day: list[tuple[int, Step]], data: st.DataObject
) -> None:
    line = play(day)
    topics = tuple(topic.name for topic in line.judge.inputs)
    judge, said = FleetJudge(), list[Emission | DeadLetter]()
    state, at_record = judge.fresh(0), 0

    while at_record < len(line.records):
        count = data.draw(st.integers(1, 40))
        said += judge.advance_run(state, run_of(line.records[at_record : at_record + count], topics))
        at_record += count

    assert bytes_of(said) == bytes_of(line.said)
    assert msgpack.decode(judge.save(state), type=SavedFleet) == msgpack.decode(
        judge.save(line.state), type=SavedFleet
    )


@given(DAYS)
def test_what_was_judged_before_changes_nothing_when_it_comes_again(day: list[tuple[int, Step]]) -> None:
    line = play(day)
    judge = line.judge
    observed = [
        record for record in line.records if record.topic in (GPS_FIXES.name, SCANS.name, TELEMETRY.name)
    ]
    line.tick(at("07:55") + timedelta(days=0, hours=6))
    before = judge.save(line.state)

    said = [one for record in observed for one in judge.advance(line.state, record)]

    assert msgpack.decode(judge.save(line.state), type=SavedFleet) == msgpack.decode(before, type=SavedFleet)
    assert all(isinstance(one, Emission) and isinstance(one.event, Verdict) for one in said)
