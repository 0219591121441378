"""One day of the city: all vans move together through simulated time, and messages come out.

The same seed, date and plans (each in force from its ``effective_at``) give the same messages.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from streams.events.dispatch import RouteAssignment
from streams.simulator import fate
from streams.simulator.city import City, Van, local
from streams.simulator.demand import Order, orders_of
from streams.simulator.dirt import Dirt, clock_ahead_s
from streams.simulator.driver import advance, follow
from streams.simulator.duty import Driver, Happening, Phase, What, World
from streams.simulator.engine import counters_at_start
from streams.simulator.outbox import Message, Outbox
from streams.simulator.records import order_message, plan_commands, reference_messages
from streams.simulator.roster import shifts_of
from streams.simulator.scanner import Scanner
from streams.simulator.tracker import Tracker
from streams.simulator.truth import Truth

EVENING_HOUR, FIRST_HOUR = 20.5, 6.0
LAST_CALL = timedelta(minutes=30)
"""How long after the start of the last shift a plan may still set somebody off."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the day stands; ``events`` counts what was published since the evening before."""

    now_at: datetime
    vehicles_out: int
    vehicles: int
    orders_done: int
    orders: int
    events: int


@dataclass(slots=True)
class Unit:
    """One van, its driver's state, and its devices."""

    van: Van
    driver: Driver
    tracker: Tracker
    scanner: Scanner


class Day:
    """The day's state; ``advance`` moves it forward and hands out what devices and shops send."""

    def __init__(self, city: City, day: date, orders: int, with_dirt: bool = True) -> None:
        self.city, self.day = city, day
        self.shifts = shifts_of(city, day)
        self.evening_at = local(day - timedelta(days=1), EVENING_HOUR)
        self.starts_at = local(day, FIRST_HOUR)
        self.now_at = self.starts_at
        self.orders: dict[str, Order] = {order.order_id: order for order in orders_of(city, day, orders)}
        self.truth = Truth(self.orders.values())
        self._dirt = Dirt(city, day) if with_dirt else None
        self._world = World(city, fate.traffic_of(city, day))
        self._outbox = Outbox()
        self._at_depot = set(self.orders)
        self._waiting: list[RouteAssignment] = []
        self._units = {
            shift.shift_id: self._unit(index, with_dirt) for index, shift in enumerate(self.shifts)
        }
        for order in self.orders.values():
            self._outbox.put(order_message(order, city.seed))

    def evening(self) -> list[Message]:
        """Reference data, and the orders placed before ``evening_at``."""
        first_at = min((order.placed_at for order in self.orders.values()), default=self.evening_at)
        reference = list(reference_messages(self.city, self.day, self.shifts, first_at))
        return self._count([*reference, *self._outbox.take_until(self.evening_at)])

    def plan_commands(self) -> list[Message]:
        """What asks dispatch for the day's plan, one message a depot that has orders."""
        busy = {order.depot_id for order in self.orders.values() if order.placed_at <= self.evening_at}
        commands = plan_commands(self.city, self.day, self.shifts, self.evening_at)
        return self._count([command for command in commands if command.key in busy])

    def assign(self, assignment: RouteAssignment) -> None:
        """Hand a route to its driver, from its ``effective_at`` on; routes of other days are ignored."""
        if assignment.shift_id in self._units:
            self._waiting.append(assignment)
            self._waiting.sort(key=lambda waiting: (waiting.effective_at, waiting.revision))

    def advance(self, until: datetime) -> list[Message]:
        """Let the city live until then; what reached Kafka by that moment, by time."""
        while self._waiting and self._waiting[0].effective_at <= until:
            self._hand_over(self._waiting.pop(0))
        for unit in self._units.values():
            self._live(unit, until)
        self.now_at = until
        return self._count(self._outbox.take_until(until))

    @property
    def is_over(self) -> bool:
        """Everybody is back, nobody has anything left to set out for."""
        last_start_at = max(shift.starts_at for shift in self.shifts)
        if self._waiting or self.now_at < last_start_at + LAST_CALL:
            return False
        return all(
            unit.driver.phase in (Phase.OFF_DUTY, Phase.HOME) and unit.driver.phase_ends_at is None
            for unit in self._units.values()
        )

    @property
    def progress(self) -> Progress:
        """Where the day stands."""
        return Progress(
            now_at=self.now_at,
            vehicles_out=sum(unit.driver.is_out for unit in self._units.values()),
            vehicles=len(self._units),
            orders_done=self.truth.orders_done,
            orders=len(self.orders),
            events=self.truth.events.total(),
        )

    def write_truth(self, folder: Path) -> None:
        """Write what really happened into ``folder``."""
        vans = (
            (unit.driver, counters_at_start(unit.van, self.day), unit.tracker.counters)
            for unit in self._units.values()
        )
        dirt = {} if self._dirt is None else {kind.value: n for kind, n in self._dirt.counts.items()}
        self.truth.write(folder, self.city.seed, self.day, vans, dirt)

    def _unit(self, index: int, with_dirt: bool) -> Unit:
        city, van, shift = self.city, self.city.vans[index], self.shifts[index]
        driver = Driver(
            shift=shift,
            person=city.drivers[index],
            now_at=self.starts_at,
            place=city.plane.point(shift.start),
            late_start_s=fate.late_start_s(city.seed, shift),
            breakdown=fate.breakdown_of(city.seed, shift, van),
        )
        ahead_s = clock_ahead_s(city.seed, van) if with_dirt else 0.0
        dead_spot = fate.dead_spot_of(city.seed, shift)
        tracker = Tracker(city, van, self.day, self.starts_at, dead_spot, ahead_s)
        return Unit(van, driver, tracker, Scanner(city, van, self.day))

    def _hand_over(self, assignment: RouteAssignment) -> None:
        unit = self._units[assignment.shift_id]
        if assignment.revision <= unit.driver.revision:
            return
        now_at = max(assignment.effective_at, self.now_at)
        self._live(unit, now_at)
        self._step(unit, now_at)
        unit.driver, happened = follow(unit.driver, assignment.route, assignment.revision, assignment.travel)
        self._tell(unit, happened)

    def _live(self, unit: Unit, until: datetime) -> None:
        """Go through all that is due by ``until``: phases that end, and the tracker's looks.

        The driver stays at the last of it, so that how the day is cut into steps changes nothing.
        """
        while min(unit.tracker.due_at, unit.driver.phase_ends_at or unit.tracker.due_at) <= until:
            self._step(unit, max(unit.driver.now_at, unit.tracker.due_at))
            if unit.driver.now_at >= unit.tracker.due_at:
                for message in unit.tracker.report(unit.driver):
                    self._post(message)

    def _step(self, unit: Unit, at: datetime) -> None:
        before = unit.driver
        unit.driver, happened = advance(before, at, self._world, self._at_depot)
        unit.tracker.watch(before, unit.driver)
        self._tell(unit, happened)

    def _tell(self, unit: Unit, happened: tuple[Happening, ...]) -> None:
        for happening in happened:
            self.truth.note(happening, unit.driver)
            if happening.order_id is not None and happening.what is What.LOADED:
                self._at_depot.discard(happening.order_id)
            elif happening.order_id is not None and happening.what in (What.UNLOADED, What.RETURNED):
                self._at_depot.add(happening.order_id)
            order = None if happening.order_id is None else self.orders[happening.order_id]
            scan = unit.scanner.scan(happening, unit.driver, order)
            if scan is not None:
                self._outbox.put(scan)

    def _post(self, message: Message) -> None:
        for spoiled in [message] if self._dirt is None else self._dirt.spoil(message):
            self._outbox.put(spoiled)

    def _count(self, messages: list[Message]) -> list[Message]:
        self.truth.count(messages)
        return messages
