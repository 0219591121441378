"""The searches' own money: plans are as good whatever the currency counts in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import inf, log10

from routing.carriers import Carrier
from routing.plan import Shift, Stop, Vehicle

USUAL_KM, LONGEST_H = 100.0, 24.0
"""What a tour is reckoned with: so far, unless its vehicle may go less, and its shift's hours."""

TENS = 2
"""The dearest tour costs about ten to this power, from 32 to 316. Solvers price broken promises up to a
bound: dearer ways were cheaper to break than to drive, and much cheaper ones would be rounded off."""

MOST_WAYS = 30.0
"""A way above so many usual ones says no more than that nobody shall drive it who need not."""

MOST_FIXED = 100.0
"""A fixed cost above so many of the dearest ways says no more than that few vehicles shall drive."""

MOST_PRICE = 1e7
"""A price above so many of the searches' own, or metres, says no more than that it is never worth paying."""


@dataclass(frozen=True, slots=True)
class Money:
    """How many of the searches' own make one of the currency.

    A way counts up to ``most_way``, a fixed cost up to ``most_fixed``, both in the currency.
    """

    per_currency: float = 1.0
    most_way: float = inf
    most_fixed: float = inf

    def of_shift(self, shift: Shift) -> Shift:
        """The shift with its costs in the searches' own."""
        vehicle = shift.vehicle
        of_a_way = self.per_currency * min(1.0, self.most_way / (_way_cost(shift, USUAL_KM) or 1.0))
        priced = replace(
            vehicle,
            fixed_cost=min(vehicle.fixed_cost, self.most_fixed) * self.per_currency,
            cost_per_km=vehicle.cost_per_km * of_a_way,
            cost_per_h=vehicle.cost_per_h * of_a_way,
        )
        return replace(shift, vehicle=priced, overtime_cost_per_h=self._own(shift.overtime_cost_per_h))

    def of_stop(self, stop: Stop) -> Stop:
        """The stop with its skip price in the searches' own."""
        return stop if stop.skip_price is None else replace(stop, skip_price=self._own(stop.skip_price))

    def of_carrier(self, carrier: Carrier) -> Carrier:
        """The carrier with its prices in the searches' own."""
        return replace(
            carrier,
            price_per_stop=self._own(carrier.price_per_stop),
            price_per_package=self._own(carrier.price_per_package),
            price_per_km=self._own(carrier.price_per_km),
        )

    def _own(self, price: float) -> float:
        return min(MOST_PRICE, price * self.per_currency)


def money_of(shifts: Sequence[Shift]) -> Money:
    """The money in which the dearest tour costs about a hundred; where only metres count, they are it.

    A way counts up to thirty times the one in the middle of those that cost something, so that one vehicle
    that is to stay at home does not decide what all others' differences are worth.
    """
    ways = [_way_cost(each, _usual_km(each)) for each in shifts]
    most_way = _middle(ways) * MOST_WAYS or inf
    ways = [min(way, most_way) for way in ways]
    most_fixed = max(ways) * MOST_FIXED or inf
    fixed = [min(each.vehicle.fixed_cost, most_fixed) for each in shifts]
    dearest = max(map(sum, zip(ways, fixed, strict=True)))
    if not dearest:
        return Money()
    return Money(10.0 ** (TENS - round(log10(dearest))), most_way, most_fixed)


def _middle(costs: Iterable[float]) -> float:
    above_0 = sorted(cost for cost in costs if cost)
    return above_0[(len(above_0) - 1) // 2] if above_0 else 0.0


def _usual_km(shift: Shift) -> float:
    most_km = shift.vehicle.most_km
    return USUAL_KM if most_km is None else min(USUAL_KM, most_km)


def _way_cost(shift: Shift, km: float) -> float:
    """What so many kilometres and the hours of a whole shift cost."""
    vehicle: Vehicle = shift.vehicle
    out_h = min(LONGEST_H, (shift.latest_end_at - shift.starts_at).total_seconds() / 3600)
    return vehicle.cost_per_km * km + vehicle.cost_per_h * out_h
