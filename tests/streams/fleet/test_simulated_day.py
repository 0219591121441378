"""A day of the simulated city, with its dirt, held against what really happened."""

from collections import defaultdict
from datetime import date, datetime, timedelta

import msgspec

from streams.codec import encode
from streams.events.base import Event, derived_id
from streams.events.judgements import ClockTick, DelayEvent, StopVisit, VehicleProgress, Verdict, VerdictKind
from streams.fleet.judge import FleetJudge
from streams.judge import DeadLetter, Emission, Record
from streams.simulator.city import build_city
from streams.simulator.day import Day
from streams.simulator.dirt import DirtKind
from streams.topics import FLEET_INPUTS, ROUTES, TICKS, Topic
from tests.streams.fleet.timeline import events_of
from tests.streams.simulator.planner import assignments_of

TICK = timedelta(seconds=30)
Value = Event | tuple[Event, ...] | bytes


class Log:
    """The fleet's records of one day, merged by append time and topic rank."""

    def __init__(self) -> None:
        self._records: list[tuple[datetime, int, str, str | None, bytes]] = []

    def add(self, sent_at: datetime, topic: Topic, key: str | None, value: Value) -> None:
        if topic not in FLEET_INPUTS:
            return
        if isinstance(value, tuple):
            value = msgspec.json.encode(list(value))
        data = value if isinstance(value, bytes) else encode(value)
        self._records.append((sent_at, FLEET_INPUTS.index(topic), topic.name, key, data))

    def records(self) -> list[Record]:
        in_order = sorted(self._records, key=lambda record: record[:2])
        return [
            Record(topic, 0, offset, int(at.timestamp() * 1000), None if key is None else key.encode(), data)
            for offset, (at, _, topic, key, data) in enumerate(in_order)
        ]


def play(day: Day) -> list[Record]:
    log = Log()
    for assignment in assignments_of(day):
        day.assign(assignment)
        log.add(assignment.effective_at, ROUTES, assignment.shift_id, assignment)
    messages = day.evening()
    ends_at = None
    while ends_at is None or day.now_at < ends_at:
        messages += day.advance(day.now_at + TICK)
        event_id = derived_id("tick", day.now_at.isoformat())
        log.add(day.now_at, TICKS, None, ClockTick(event_id=event_id, source="test", now_at=day.now_at))
        if day.is_over and ends_at is None:
            ends_at = day.now_at + timedelta(minutes=20)
    for message in messages:
        log.add(message.sent_at, message.topic, message.key, message.value)
    return log.records()


def judge_all(records: list[Record]) -> list[Emission | DeadLetter]:
    judge = FleetJudge()
    state = judge.fresh(0)
    return [said for record in records for said in judge.advance(state, record)]


def test_every_call_of_a_dirty_day_is_found_once_and_none_is_invented() -> None:
    day = Day(build_city(5, 1, 3), date(2026, 10, 13), 40)

    said = judge_all(play(day))

    visits: dict[str, dict[str, StopVisit]] = defaultdict(dict)
    for visit in events_of(StopVisit, said):
        if not visit.is_depot:
            visits[visit.stop_id][visit.visit_id] = visit
    assert len(day.truth.stops) > 10
    assert set(visits) == {call.stop_id for call in day.truth.stops}
    for call in day.truth.stops:
        (visit,) = visits[call.stop_id].values()
        assert abs((visit.arrived_at - call.arrived_at).total_seconds()) <= 90
        assert visit.is_confirmed_by_scan
        assert visit.contradiction is None


def test_all_dirt_of_a_day_is_named_and_all_late_calls_were_told() -> None:
    day = Day(build_city(8, 1, 3), date(2026, 10, 13), 40)

    said = judge_all(play(day))

    assert day._dirt is not None
    dirt = day._dirt.counts
    verdicts = events_of(Verdict, said)
    assert sum(verdict.kind is VerdictKind.DUPLICATE for verdict in verdicts) == dirt[DirtKind.DUPLICATE]
    assert sum(verdict.rule == "null_island" for verdict in verdicts) == dirt[DirtKind.NULL_ISLAND]
    assert sum(isinstance(one, DeadLetter) for one in said) == dirt[DirtKind.RUBBISH]
    windows = {
        visit.stop.stop_id: visit.stop.window
        for assignment in assignments_of(day)
        for visit in assignment.route.visits
    }
    late = {
        call.stop_id
        for call in day.truth.stops
        if (window := windows[call.stop_id]) and window.lateness_s(call.arrived_at) > 180
    }
    assert late <= {delay.stop_id for delay in events_of(DelayEvent, said)}
    done = {stop_id for told in events_of(VehicleProgress, said) for stop_id in told.done_stop_ids}
    assert done == {call.stop_id for call in day.truth.stops}
