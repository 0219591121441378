"""What carriers could take during the day: who would be late, or has no place, and is still at the depot."""

from collections import Counter
from collections.abc import Sequence

from routing.carriers import Carrier
from routing.day import DayPrices, Rates
from routing.plan import HandedOver
from routing.situation import Situation
from routing.task import Tours
from routing.travel import NO_WAY_M


def handed_over(
    situation: Situation, tours: Tours, carriers: Sequence[Carrier]
) -> tuple[Tours, tuple[HandedOver, ...]]:
    """``tours`` without those whom carriers take: of a stop the cheapest that has room, by the stops' order.

    They are those without whom every promise is kept, and those whom no tour serves. Raises ``ValueError``
    where a carrier has another currency than the vehicles.
    """
    _check_currencies(situation, carriers)
    room = _Room(situation, carriers)
    wanted = [index for index in _unkept(situation, tours) if _is_at_the_depot(situation, index)]
    given = {index: taker for index in wanted if (taker := room.give(index)) is not None}
    stops = situation.task.stops
    kept = tuple(tuple(index for index in tour if index not in given) for tour in tours)
    return kept, tuple(HandedOver(stops[index], taker.carrier_id) for index, taker in given.items())


class _Room:
    """What carriers still take, beside what the plan in force gave them."""

    def __init__(self, situation: Situation, carriers: Sequence[Carrier]) -> None:
        self._situation, self._carriers = situation, carriers
        self._counts = Counter(each.carrier_id for each in situation.handed_over)
        self._from_at = min(each.leaves_at for each in situation.task.vantages)

    def give(self, index: int) -> Carrier | None:
        """The cheapest who takes the stop; it has it then."""
        stop = self._situation.task.stops[index]
        found: list[tuple[float, str, Carrier]] = []
        for carrier in self._carriers:
            is_full = (
                carrier.most_stops is not None and self._counts[carrier.carrier_id] >= carrier.most_stops
            )
            if is_full or any(carrier.refusals(stop)):
                continue
            way_m, _ = self._situation.travel.leg(carrier.start, stop.location, self._from_at)
            if way_m < NO_WAY_M:
                found.append((carrier.price(stop, way_m), carrier.carrier_id, carrier))
        if not found:
            return None
        _, carrier_id, taker = min(found, key=lambda each: each[:2])
        self._counts[carrier_id] += 1
        return taker


def _unkept(situation: Situation, tours: Tours) -> list[int]:
    """The stops that a tour would have to lose, so that it keeps its promises, and those on no tour."""
    keeping = DayPrices(situation.task, [Rates(0.0, 0.0, 1.0)] * len(tours))
    kept = {index for tour, each in enumerate(tours) for index in keeping.keep_promises(tour, each)}
    return [index for index in range(len(situation.task.stops)) if index not in kept]


def _is_at_the_depot(situation: Situation, index: int) -> bool:
    """Whether the stop is single, for the door, and its parcels have not left with a vehicle."""
    stop = situation.task.stops[index]
    if situation.task.mates[index] >= 0 or stop.at_locker is not None or not stop.is_loaded_at_start:
        return False
    if index in situation.missed:
        return not any(stop.stop_id in each.loaded_stop_ids for each in situation.progress)
    home = next((tour for tour, sequence in enumerate(situation.base) if index in sequence), None)
    progress = None if home is None else situation.rests[home].progress
    return progress is None or not (progress.has_departed or stop.stop_id in progress.loaded_stop_ids)


def _check_currencies(situation: Situation, carriers: Sequence[Carrier]) -> None:
    own = {rest.shift.vehicle.currency for rest in situation.rests}
    for carrier in carriers:
        if own - {carrier.currency}:
            raise ValueError(
                f"carrier {carrier.carrier_id} asks {carrier.currency}, the vehicles cost "
                f"{' and '.join(sorted(own))}: they can't be added"
            )
