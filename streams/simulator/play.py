"""Plays a day against Kafka: publishes, sends the ticks, waits for plans and hands them to the drivers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from routing.errors import DoorstepError
from streams.events.base import Event, derived_id
from streams.events.dispatch import Command, RouteAssignment
from streams.events.judgements import ClockTick
from streams.simulator.answers import Answers
from streams.simulator.day import Day, Progress
from streams.simulator.listen import Dispatch
from streams.simulator.outbox import Message
from streams.simulator.thinking import HELD_AT_MOST_S, Thinking
from streams.topics import TICKS, Topic

TICK = timedelta(seconds=30)
AFTERWARDS = timedelta(minutes=20)
"""How long the clock goes on when everybody is home, so that silence and late words are judged."""

EVENING_TICK, EVENING_TICK_EVERY_S = timedelta(seconds=10), 0.5
PLAN_WITHIN_S = 60.0
SHOWN_EVERY_S = 1.0
HOLD_STEP_S = 0.02


class Sink(Protocol):
    """Where messages go; ``streams.publish.Publisher`` is one."""

    def send(
        self,
        topic: Topic,
        key: str,
        value: Event | tuple[Event, ...] | bytes,
        partition_key: str | None = None,
    ) -> None:
        """Send one record."""
        ...

    def broadcast(self, topic: Topic, event_for: Callable[[int], Event]) -> None:
        """Send one event to each partition."""
        ...

    def flush(self) -> None:
        """Wait until all is there."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """Wall time: ``speed`` simulated seconds pass in each second of ``monotonic_s``."""

    speed: float
    monotonic_s: Callable[[], float]
    sleep: Callable[[float], None]

    def __post_init__(self) -> None:
        if self.speed <= 0:
            raise ValueError(f"Pace has a speed that is not positive: {self.speed}")


@dataclass(slots=True)
class Stage:
    """What a performance needs: the day, the way to Kafka and back, and the wall's time."""

    day: Day
    sink: Sink
    dispatch: Dispatch
    pace: Pace

    def publish(self, messages: Iterable[Message]) -> None:
        """Send ``messages``."""
        for message in messages:
            self.sink.send(message.topic, message.key, message.value, message.partition_key)

    def tick(self, now_at: datetime) -> None:
        """Tell every partition what time it is."""
        seed = self.day.city.seed

        def event_for(partition: int) -> ClockTick:
            event_id = derived_id("simulated tick", seed, now_at.isoformat(), partition)
            return ClockTick(event_id=event_id, source="simulator", now_at=now_at)

        self.sink.broadcast(TICKS, event_for)


def play(stage: Stage, show: Callable[[Progress], None]) -> None:
    """Play the day from the evening before until 20 minutes after the last return.

    Raises ``DoorstepError`` when dispatch refuses to plan, or does not answer within a minute.
    """
    commands = _ask_for_plans(stage)
    _wait_for_plans(stage, Answers(stage.day.day, stage.day.starts_at, commands))
    clock = _Clock(stage, show)
    while not stage.day.is_over:
        clock.next_tick()
    for _ in range(AFTERWARDS // TICK):
        clock.next_tick()
    stage.sink.flush()
    show(stage.day.progress)


def _ask_for_plans(stage: Stage) -> list[Command]:
    """Depots and orders are there before the wish for a plan: Kafka keeps no order across topics."""
    stage.publish(stage.day.evening())
    stage.tick(stage.day.evening_at)
    stage.sink.flush()
    messages = stage.day.plan_commands()
    stage.publish(messages)
    stage.sink.flush()
    return [message.value for message in messages if isinstance(message.value, Command)]


def _wait_for_plans(stage: Stage, answers: Answers) -> None:
    """Let the evening go on slowly until every depot has its plan and every route has come."""
    patience_ends_s = stage.pace.monotonic_s() + PLAN_WITHIN_S
    now_at = stage.day.evening_at
    while True:
        for word in stage.dispatch.poll():
            answers.hear(word)
            if isinstance(word, RouteAssignment):
                stage.day.assign(word)
        missing = answers.missing
        if not missing:
            return
        if stage.pace.monotonic_s() > patience_ends_s:
            raise DoorstepError(f"{missing} within {PLAN_WITHIN_S:.0f} s: is `doorstep worker` running?")
        now_at += EVENING_TICK
        stage.tick(now_at)
        stage.pace.sleep(EVENING_TICK_EVERY_S)


class _Clock:
    """Walks through the day tick by tick, no faster than the pace, and waits for those who think."""

    def __init__(self, stage: Stage, show: Callable[[Progress], None]) -> None:
        self._stage, self._show = stage, show
        self._due_s = self._shown_s = stage.pace.monotonic_s()
        self._thinking = Thinking()

    def next_tick(self) -> None:
        """Wait for the next tick's moment, then publish all that came before it, and the tick."""
        stage, until = self._stage, self._stage.day.now_at + TICK
        self._due_s += TICK.total_seconds() / stage.pace.speed
        if self._due_s > (now_s := stage.pace.monotonic_s()):
            stage.pace.sleep(self._due_s - now_s)
        self._listen()
        self._hold()
        stage.publish(stage.day.advance(until))
        stage.tick(until)
        if (now_s := stage.pace.monotonic_s()) - self._shown_s >= SHOWN_EVERY_S:
            self._shown_s = now_s
            self._show(stage.day.progress)

    def _listen(self) -> None:
        for word in self._stage.dispatch.poll():
            self._thinking.hear(word)
            if isinstance(word, RouteAssignment):
                self._stage.day.assign(word)

    def _hold(self) -> None:
        """Let the day stand still while an answer is due; what is held is not caught up later."""
        pace, began_s = self._stage.pace, self._stage.pace.monotonic_s()
        while self._thinking.holds(self._stage.day.now_at):
            if pace.monotonic_s() - began_s > HELD_AT_MOST_S:
                self._thinking.give_up()
                break
            pace.sleep(HOLD_STEP_S)
            self._listen()
        self._due_s += pace.monotonic_s() - began_s
