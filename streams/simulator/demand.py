"""What is ordered for one day: where, how much, promised when, and when it was ordered."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from routing.plan import Location, TimeWindow
from streams.simulator.city import City, local
from streams.simulator.dice import dice
from streams.simulator.roads import Point

MORNING = ((8, 11), (8, 12), (9, 11), (9, 12), (10, 12), (10, 13), (11, 13))
AFTERNOON = ((13, 15), (13, 16), (14, 16), (14, 17), (15, 18), (16, 18), (16, 19), (17, 19))
SAME_DAY = ((15, 18), (16, 18), (16, 19), (17, 19))
ALL_DAY = (8, 19)
SAME_DAY_SHARE, ALL_DAY_SHARE, MORNING_SHARE = 0.08, 0.15, 0.55
"""Of all orders, of the rest, and of the rest of that."""

NEIGHBOUR_SHARE = 0.05
"""Orders that go to the stop of the order before, as in one building."""

SERVICE_S, MORE_PER_PACKAGE_S = 330.0, 45.0


@dataclass(frozen=True, slots=True)
class Parcel:
    """One package of an order."""

    package_id: str
    weight_kg: float


@dataclass(frozen=True, slots=True)
class Order:
    """One order; ``service_s`` is what the shop expects the service to take."""

    order_id: str
    stop_id: str
    depot_id: str
    place: Point
    location: Location
    placed_at: datetime
    promise: TimeWindow
    service_s: float
    parcels: tuple[Parcel, ...]
    customer_ref: str


def orders_of(city: City, day: date, count: int) -> tuple[Order, ...]:
    """The ``count`` orders for ``day``, by the time of ordering."""
    orders: list[Order] = []
    for index in range(count):
        generator = dice(city.seed, day, "order", index)
        order = _order(city, day, index, generator)
        if orders and generator.random() < NEIGHBOUR_SHARE:
            order = _next_door(orders[-1], order)
        orders.append(order)
    return tuple(sorted(orders, key=lambda order: (order.placed_at, order.order_id)))


def _order(city: City, day: date, index: int, generator: Random) -> Order:
    place = city.some_address(generator)
    window, placed_at = _promise(day, generator)
    order_id = f"s{city.seed}-{day:%Y%m%d}-{index + 1:04d}"
    parcels = tuple(
        Parcel(f"{order_id}-p{number + 1}", round(min(30.0, generator.expovariate(1 / 4) + 0.2), 2))
        for number in range(generator.choice((1, 1, 1, 1, 2, 2, 3)))
    )
    return Order(
        order_id=order_id,
        stop_id=f"{order_id}-stop",
        depot_id=city.nearest_depot(place).depot_id,
        place=place,
        location=city.plane.location(place),
        placed_at=placed_at,
        promise=TimeWindow(local(day, window[0]), local(day, window[1])),
        service_s=SERVICE_S + MORE_PER_PACKAGE_S * (len(parcels) - 1),
        parcels=parcels,
        customer_ref=f"c{generator.getrandbits(40):010x}",
    )


def _promise(day: date, generator: Random) -> tuple[tuple[int, int], datetime]:
    """The promised local hours, and when the order was placed."""
    if generator.random() < SAME_DAY_SHARE:
        return generator.choice(SAME_DAY), local(day, generator.uniform(7.0, 11.5))
    placed_at = local(day - timedelta(days=1), generator.uniform(8.0, 19.5))
    if generator.random() < ALL_DAY_SHARE:
        return ALL_DAY, placed_at
    return generator.choice(MORNING if generator.random() < MORNING_SHARE else AFTERNOON), placed_at


def _next_door(neighbour: Order, order: Order) -> Order:
    """``order`` by another customer of the neighbour's building: one stop, one window."""
    return Order(
        order.order_id,
        neighbour.stop_id,
        neighbour.depot_id,
        neighbour.place,
        neighbour.location,
        neighbour.placed_at,
        neighbour.promise,
        order.service_s,
        order.parcels,
        order.customer_ref,
    )
