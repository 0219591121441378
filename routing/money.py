"""The searches' own money: the same plan comes out whatever the currency counts in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, log10

from routing.carriers import Carrier
from routing.plan import Shift, Stop, Vehicle

USUAL_KM, LONGEST_H = 100.0, 24.0
"""What the dearest tour is reckoned with: so far, unless its vehicle may go less, and its shift's hours."""

TENS = 2
"""That tour costs about ten to this power, from 32 to 316. Solvers price broken promises up to a bound:
dearer ways were cheaper to break than to drive, and much cheaper ones would be rounded off."""

MOST_FIXED = 100.0
"""A fixed cost above so many ways of the dearest tour says no more than that few vehicles shall drive."""

MOST_PRICE = 1e7
"""A price above so many of the searches' own, or metres, says no more than that it is never worth paying."""


@dataclass(frozen=True, slots=True)
class Money:
    """How many of the searches' own make one of the currency; a fixed cost counts up to ``most_fixed``."""

    per_currency: float = 1.0
    most_fixed: float = inf

    def of_shift(self, shift: Shift) -> Shift:
        """The shift with its costs in the searches' own."""
        vehicle = shift.vehicle
        priced = replace(
            vehicle,
            fixed_cost=min(vehicle.fixed_cost, self.most_fixed) * self.per_currency,
            cost_per_km=vehicle.cost_per_km * self.per_currency,
            cost_per_h=vehicle.cost_per_h * self.per_currency,
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
    """The money in which the dearest tour costs about a hundred; where only metres count, they are it."""
    dearest_way = max(map(_way_cost, shifts))
    most_fixed = dearest_way * MOST_FIXED or inf
    dearest = max(_way_cost(each) + min(each.vehicle.fixed_cost, most_fixed) for each in shifts)
    if not dearest:
        return Money()
    return Money(10.0 ** (TENS - round(log10(dearest))), most_fixed)


def _way_cost(shift: Shift) -> float:
    """What kilometres and hours of a whole shift cost."""
    vehicle: Vehicle = shift.vehicle
    out_h = min(LONGEST_H, (shift.latest_end_at - shift.starts_at).total_seconds() / 3600)
    km = USUAL_KM if vehicle.most_km is None else min(USUAL_KM, vehicle.most_km)
    return vehicle.cost_per_km * km + vehicle.cost_per_h * out_h
