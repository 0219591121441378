from collections.abc import Callable
from datetime import date, timedelta

import msgspec
import pytest
from msgspec.structs import replace

from routing.errors import DoorstepError
from streams.events.base import Event, derived_id
from streams.events.dispatch import Command, Outcome, OutcomeStatus, PlanRevision, RouteAssignment
from streams.events.judgements import ClockTick
from streams.events.telematics import GpsFix
from streams.simulator.city import build_city
from streams.simulator.day import Day, Progress
from streams.simulator.listen import Word
from streams.simulator.play import Pace, Stage, play
from streams.topics import COMMANDS, TICKS, Topic
from tests.streams.simulator.planner import assignments_of
from tests.streams.simulator.test_thinking import answer, question

DATE = date(2026, 10, 13)
PARTITIONS = 3


class Wall:
    """A wall clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def monotonic_s(self) -> float:
        return self.now_s

    def sleep(self, duration_s: float) -> None:
        self.now_s += duration_s


class Kafka:
    """Remembers what was sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, object]] = []

    def send(
        self,
        topic: Topic,
        key: str,
        value: Event | tuple[Event, ...] | bytes,
        partition_key: str | None = None,
    ) -> None:
        self.sent.append((topic.name, value))

    def broadcast(self, topic: Topic, event_for: Callable[[int], Event]) -> None:
        for partition in range(PARTITIONS):
            self.sent.append((topic.name, event_for(partition)))

    def flush(self) -> None:
        return

    @property
    def ticks(self) -> list[ClockTick]:
        return [value for name, value in self.sent if name == TICKS.name and isinstance(value, ClockTick)]


class Planner:
    """Says its words once a command has been sent."""

    def __init__(self, kafka: Kafka, answer: Callable[[list[Command]], list[Word]]) -> None:
        self._kafka, self._answer = kafka, answer
        self._has_spoken = False

    def poll(self) -> list[Word]:
        asked = [value for name, value in self._kafka.sent if name == COMMANDS.name]
        if not asked or self._has_spoken:
            return []
        self._has_spoken = True
        return self._answer([command for command in asked if isinstance(command, Command)])


def plans_of(day: Day) -> list[Word]:
    routes = [each for each in assignments_of(day) if each.route.visits]
    revisions = [
        PlanRevision(
            event_id=derived_id("test plan", depot.depot_id),
            source="test",
            depot_id=depot.depot_id,
            service_date=day.day,
            revision=1,
            base_revision=None,
            effective_at=day.evening_at,
            routes=tuple(each.route for each in routes if each.depot_id == depot.depot_id),
            travel=routes[0].travel,
            reason="test",
        )
        for depot in day.city.depots
    ]
    return [*routes, *revisions]


def stage(
    answer: Callable[[Day, list[Command]], list[Word]], speed: float = 600.0
) -> tuple[Stage, Kafka, Wall]:
    day, kafka, wall = Day(build_city(3, 1, 3), DATE, 12), Kafka(), Wall()
    planner = Planner(kafka, lambda commands: answer(day, commands))
    return Stage(day, kafka, planner, Pace(speed, wall.monotonic_s, wall.sleep)), kafka, wall


def test_a_day_takes_its_length_divided_by_the_speed() -> None:
    performance, _, wall = stage(lambda day, _: plans_of(day), speed=600)
    shown: list[Progress] = []

    play(performance, shown.append)

    simulated_s = (performance.day.now_at - performance.day.starts_at).total_seconds()
    assert wall.now_s - 100.0 == pytest.approx(simulated_s / 600, abs=2.0)
    assert len(shown) == pytest.approx(simulated_s / 600, abs=4)
    assert shown[-1].orders_done > 8
    assert shown[-1].vehicles_out == 0


def test_every_partition_hears_every_tick_and_time_never_goes_back() -> None:
    performance, kafka, _ = stage(lambda day, _: plans_of(day))

    play(performance, lambda _: None)

    moments = [tick.now_at for tick in kafka.ticks]
    assert moments == sorted(moments)
    assert all(moments.count(moment) == PARTITIONS for moment in set(moments))
    day_moments = sorted({moment for moment in moments if moment > performance.day.starts_at})
    assert day_moments[1] - day_moments[0] == timedelta(seconds=30)


def test_no_message_of_the_day_is_sent_after_a_tick_that_is_past_it_by_more_than_a_tick() -> None:
    performance, kafka, _ = stage(lambda day, _: plans_of(day))

    play(performance, lambda _: None)

    now_at = performance.day.evening_at
    for _, value in kafka.sent:
        if isinstance(value, ClockTick):
            now_at = value.now_at
        elif isinstance(value, GpsFix):
            assert value.received_at > now_at - timedelta(seconds=61)


def test_the_clock_goes_on_for_twenty_minutes_after_the_last_return() -> None:
    performance, kafka, _ = stage(lambda day, _: plans_of(day))

    play(performance, lambda _: None)

    last_moved_at = max(
        value.fix_at for _, value in kafka.sent if isinstance(value, GpsFix) and value.ignition_on
    )
    assert timedelta(minutes=20) <= kafka.ticks[-1].now_at - last_moved_at


def test_without_an_answer_the_error_names_the_depot_and_the_worker() -> None:
    performance, _, wall = stage(lambda day, commands: [])

    with pytest.raises(
        DoorstepError, match=r"no plan of 2026-10-13 for s3-depot-1 .* within 60 s: is `doorstep worker`"
    ):
        play(performance, lambda _: None)
    assert wall.now_s - 100.0 < 65


def test_a_plan_without_its_routes_is_an_error_that_names_the_shifts() -> None:
    performance, _, _ = stage(
        lambda day, _: [word for word in plans_of(day) if not isinstance(word, RouteAssignment)]
    )

    with pytest.raises(DoorstepError, match=r"no route for shift s3-van-01-20261013"):
        play(performance, lambda _: None)


def test_a_refusal_is_told_at_once_with_its_reason() -> None:
    def refuse(day: Day, commands: list[Command]) -> list[Word]:
        return [
            Outcome(
                event_id=derived_id("test"),
                source="test",
                causation_id=commands[0].event_id,
                depot_id=commands[0].depot_id,
                command_id=commands[0].command_id,
                status=OutcomeStatus.REFUSED,
                decided_at=day.evening_at,
                reason="the depot is closed",
            )
        ]

    performance, _, wall = stage(refuse)

    with pytest.raises(DoorstepError, match="the depot is closed"):
        play(performance, lambda _: None)
    assert wall.now_s == pytest.approx(100.0, abs=1.0)


def test_a_plan_from_a_clock_that_is_past_the_day_is_an_error_that_says_what_to_do() -> None:
    def plan_late(day: Day, commands: list[Command]) -> list[Word]:
        return [
            msgspec.structs.replace(word, effective_at=day.starts_at + timedelta(hours=12))
            if isinstance(word, PlanRevision)
            else word
            for word in plans_of(day)
        ]

    performance, _, _ = stage(plan_late)

    with pytest.raises(DoorstepError, match=r"clock has gone past this day; play a later date"):
        play(performance, lambda _: None)


def test_a_pace_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="not positive"):
        Pace(0.0, Wall().monotonic_s, Wall().sleep)


class SlowSolver(Planner):
    """Asks one question at ``asked_at`` and answers it ``takes_s`` wall seconds later, or never."""

    def __init__(self, day: Day, kafka: Kafka, wall: Wall, takes_s: float | None) -> None:
        super().__init__(kafka, lambda _: plans_of(day))
        self._wall, self._takes_s = wall, takes_s
        self._asked_at = day.starts_at + timedelta(hours=2)
        self._asked_s: float | None = None

    def poll(self) -> list[Word]:
        if (words := super().poll()) or not (ticks := self._kafka.ticks):
            return words
        if self._asked_s is None and ticks[-1].now_at >= self._asked_at:
            self._asked_s = self._wall.now_s
            return [replace(question(), requested_at=self._asked_at)]
        if self._asked_s and self._takes_s and self._wall.now_s >= self._asked_s + self._takes_s:
            return [answer()]
        return []


@pytest.mark.parametrize(("takes_s", "held_s"), [(3.0, 3.0), (None, 10.0)])
def test_the_day_stands_still_while_a_solver_thinks_but_not_for_ever(
    takes_s: float | None, held_s: float
) -> None:
    quick, _, quick_wall = stage(lambda day, _: plans_of(day))
    slow, kafka, slow_wall = stage(lambda day, _: plans_of(day))
    slow.dispatch = SlowSolver(slow.day, kafka, slow_wall, takes_s)

    play(quick, lambda _: None)
    play(slow, lambda _: None)

    assert slow_wall.now_s - quick_wall.now_s == pytest.approx(held_s, abs=0.3)
