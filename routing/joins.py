"""Where a stop can join the rides under way, by the windows it may have, and at which price."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from routing.day import Rates, rates_of
from routing.plan import Stop, TimeWindow
from routing.ride import TOLERANCE_US, Point, Ride, micros
from routing.standing import Leftover, unlike
from routing.travel import TravelTimes


class Join(NamedTuple):
    """An order in a gap of a ride, served until ``free_us``; ``number`` is that of the gap."""

    price: float
    number: int
    free_us: int
    ride: Ride
    gap: int


def rides_for(rests: Sequence[Leftover], order: Stop, travel: TravelTimes) -> Iterator[tuple[Ride, Rates]]:
    """The rides that the order may join, with what they cost; of idle shifts that are alike the first."""
    rates = rates_of([rest.shift.vehicle for rest in rests])
    rates_by_shift = {rest.shift.shift_id: each for rest, each in zip(rests, rates, strict=True)}
    for rest in unlike(rests):
        if rest.may_take(order, None):
            ride = Ride(rest, [order], travel).held(rest.held_until([order]))
            yield ride, rates_by_shift[rest.shift.shift_id]


def joins_of(
    rides: Iterable[tuple[Ride, Rates]], order: Stop, windows: Sequence[TimeWindow]
) -> list[list[Join]]:
    """For each window the places in which the order breaks nothing, with their prices."""
    opens_closes = [(micros(each.opens_at), micros(each.closes_at) + TOLERANCE_US) for each in windows]
    joins: list[list[Join]] = [[] for _ in windows]
    number = 0
    for ride, rates in rides:
        fixed = rates.fixed if ride.is_unused else 0.0
        is_roomy = ride.has_room_anywhere(order)
        for gap in ride.gaps:
            if not is_roomy and not ride.has_room(ride.with_joined(gap, order)):
                continue
            number += 1
            way = fixed + ride.detour_m(gap, ride.n_ahead) * rates.per_m
            for tried, stay in zip(joins, _stays(ride, gap, opens_closes), strict=True):
                if stay is not None:
                    overtime = ride.overtime_cost(stay.longer_us)
                    price = way + stay.longer_us * 1e-6 * rates.per_s + overtime
                    tried.append(Join(price, number, stay.free_us, ride, gap))
    return joins


class _Stay(NamedTuple):
    """The order served until ``free_us``, so that the vehicle is back so much later."""

    free_us: int
    longer_us: int


def _stays(ride: Ride, gap: int, opens_closes: Sequence[tuple[int, int]]) -> Iterator[_Stay | None]:
    """By window; ``None`` where somebody's promise would be broken."""
    place = ride.n_ahead
    arrived = ride.approach(ride.points[gap], place)
    latest_us = ride.latest_begin_us(gap, place)
    known: dict[Point, _Stay | None] = {}
    for opens_us, limit_us in opens_closes:
        is_late = arrived.arrive_us > limit_us or ride.late_us[gap] > 0
        if is_late or max(opens_us, arrived.arrive_us) > latest_us:
            yield None
            continue
        point = ride.serve(arrived, place, opens_us)
        if point not in known:
            known[point] = _stay(ride, point, gap)
        yield known[point]


def _stay(ride: Ride, point: Point, gap: int) -> _Stay | None:
    back = None if point.break_late_us else ride.follow(point, gap)
    if back is None:
        return None
    ends_us, break_late_us = back
    is_broken = break_late_us > 0 or ends_us > ride.end_limit_us
    return None if is_broken else _Stay(point.free_us, ends_us - ride.ends_us)
