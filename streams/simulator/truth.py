"""What really happened, for tests and experiments alone: nothing else may read it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from streams.events.delivery import FailureReason
from streams.simulator.demand import Order
from streams.simulator.duty import Driver, Happening, What
from streams.simulator.engine import Counters
from streams.simulator.outbox import Message


class OrderOutcome(StrEnum):
    """How an order's day ended; ``open`` was never attempted."""

    DELIVERED = "delivered"
    FAILED = "failed"
    OPEN = "open"


class OrderTruth(msgspec.Struct, kw_only=True):
    """One order: its outcome, when, by whom, and after how many attempts."""

    order_id: str
    stop_id: str
    depot_id: str
    promised_from: datetime
    promised_until: datetime
    outcome: OrderOutcome = OrderOutcome.OPEN
    decided_at: datetime | None = None
    returned_at: datetime | None = None
    vehicle_id: str | None = None
    failure_reason: FailureReason | None = None
    attempts: int = 0

    @property
    def is_late(self) -> bool:
        """Delivered, but after the promise."""
        return self.decided_at is not None and (
            self.outcome is OrderOutcome.DELIVERED and self.decided_at > self.promised_until
        )


class StopTruth(msgspec.Struct, kw_only=True):
    """One call at one door."""

    stop_id: str
    vehicle_id: str
    arrived_at: datetime
    departed_at: datetime | None = None


class VehicleTruth(msgspec.Struct, kw_only=True):
    """What one van drove and burnt on the day."""

    vehicle_id: str
    shift_id: str
    driven_m: float
    idle_s: float
    fuel_used_l: float | None
    energy_used_kwh: float | None
    breakdowns: int


class Summary(msgspec.Struct, kw_only=True):
    """The day in figures: events by topic as they were published, and dirt by kind."""

    service_date: date
    seed: int
    orders: dict[str, int]
    late_orders: int
    events: dict[str, int]
    dirt: dict[str, int]


class Truth:
    """Collects the day as it happens."""

    def __init__(self, orders: Iterable[Order]) -> None:
        self.orders: dict[str, OrderTruth] = {
            order.order_id: OrderTruth(
                order_id=order.order_id,
                stop_id=order.stop_id,
                depot_id=order.depot_id,
                promised_from=order.promise.opens_at,
                promised_until=order.promise.closes_at,
            )
            for order in orders
        }
        self.stops: list[StopTruth] = []
        self.events: Counter[str] = Counter()
        self.breakdowns: Counter[str] = Counter()

    @property
    def orders_done(self) -> int:
        """Orders that are delivered or failed."""
        return sum(order.outcome is not OrderOutcome.OPEN for order in self.orders.values())

    def note(self, happening: Happening, driver: Driver) -> None:
        """Write down what happened to ``driver``."""
        vehicle_id = driver.shift.vehicle.vehicle_id
        match happening.what:
            case What.DELIVERED | What.FAILED:
                order = self.orders[str(happening.order_id)]
                order.outcome = OrderOutcome(happening.what.value)
                order.decided_at, order.vehicle_id = happening.at, vehicle_id
                order.failure_reason = happening.reason
                order.attempts += 1
            case What.RETURNED:
                self.orders[str(happening.order_id)].returned_at = happening.at
            case What.ARRIVED if happening.stop is not None:
                self.stops.append(
                    StopTruth(stop_id=happening.stop.stop_id, vehicle_id=vehicle_id, arrived_at=happening.at)
                )
            case What.LEFT:
                calls = (call for call in reversed(self.stops) if call.vehicle_id == vehicle_id)
                next(calls).departed_at = happening.at
            case What.BROKE_DOWN:
                self.breakdowns[vehicle_id] += 1

    def count(self, messages: Iterable[Message]) -> None:
        """Count what is published."""
        for message in messages:
            self.events[message.topic.name] += message.events

    def write(
        self,
        folder: Path,
        seed: int,
        day: date,
        vans: Iterable[tuple[Driver, Counters, Counters]],
        dirt: Mapping[str, int],
    ) -> None:
        """Write three NDJSON files and ``summary.json``; ``vans`` has counters before and after."""
        folder.mkdir(parents=True, exist_ok=True)
        encoder = msgspec.json.Encoder()
        vehicles = [self._vehicle(*van) for van in vans]
        for name, rows in (("orders", self.orders.values()), ("stops", self.stops), ("vehicles", vehicles)):
            (folder / f"{name}.ndjson").write_bytes(encoder.encode_lines(rows))
        summary = Summary(
            service_date=day,
            seed=seed,
            orders=dict(Counter(order.outcome.value for order in self.orders.values())),
            late_orders=sum(order.is_late for order in self.orders.values()),
            events=dict(self.events),
            dirt=dict(dirt),
        )
        (folder / "summary.json").write_bytes(msgspec.json.format(encoder.encode(summary)))

    def _vehicle(self, driver: Driver, before: Counters, after: Counters) -> VehicleTruth:
        vehicle_id = driver.shift.vehicle.vehicle_id
        return VehicleTruth(
            vehicle_id=vehicle_id,
            shift_id=driver.shift.shift_id,
            driven_m=driver.driven_m,
            idle_s=after.idle_s - before.idle_s,
            fuel_used_l=_used(before.fuel_used_l, after.fuel_used_l),
            energy_used_kwh=_used(before.energy_used_kwh, after.energy_used_kwh),
            breakdowns=self.breakdowns[vehicle_id],
        )


def _used(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before
