"""What would let a carrier take a stop that is left out: its limits, one by one, and judged."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import ceil

from routing.carriers import Carrier
from routing.evaluate import evaluate
from routing.plan import HandedOver, RoutePlan, Stop
from routing.remedies import Change, ChangeKind, Remedy
from routing.travel import TravelTimes
from routing.violations import TOLERANCE_LOAD


def carrier_remedies(
    plan: RoutePlan, stop: Stop, carriers: Sequence[Carrier], travel: TravelTimes
) -> Iterator[tuple[Remedy, float]]:
    """By carrier the changes with which it takes the stop, and its price; none where none would do."""
    for carrier in carriers:
        changes = (*_of_the_stop(stop, carrier), *_of_the_count(plan, carrier))
        price = _judged(plan, stop, [changed_carrier(each, changes) for each in carriers], carrier, travel)
        if price is not None:
            yield Remedy(changes, None, (stop.stop_id,), carrier.carrier_id), price


def changed_carrier(carrier: Carrier, changes: Iterable[Change]) -> Carrier:
    """The carrier after the changes that concern it."""
    for each in changes:
        if each.subject == carrier.carrier_id:
            carrier = _changed(carrier, each)
    return carrier


def _changed(carrier: Carrier, change: Change) -> Carrier:
    match change.kind:
        case ChangeKind.CARRIER_STOPS:
            return replace(carrier, most_stops=(carrier.most_stops or 0) + round(change.amount))
        case ChangeKind.CARRIER_KG:
            return replace(carrier, most_kg_per_stop=(carrier.most_kg_per_stop or 0.0) + change.amount)
        case ChangeKind.CARRIER_M3:
            return replace(carrier, most_m3_per_stop=(carrier.most_m3_per_stop or 0.0) + change.amount)
        case ChangeKind.CARRIER_ZONE if change.requirement is not None:
            return replace(carrier, zones=(*carrier.zones, change.requirement))
        case ChangeKind.CARRIER_WINDOWS:
            return replace(carrier, keeps_windows=True)
        case ChangeKind.CARRIER_REQUIREMENT if change.requirement is not None:
            return replace(carrier, features=(*carrier.features, change.requirement))
    return carrier


def _of_the_stop(stop: Stop, carrier: Carrier) -> Iterator[Change]:
    name = carrier.carrier_id
    for missing in dict.fromkeys(each for each in stop.requires if each not in carrier.features):
        yield Change(ChangeKind.CARRIER_REQUIREMENT, 1, name, 1.0, missing)
    if carrier.zones and stop.zone is not None and stop.zone not in carrier.zones:
        yield Change(ChangeKind.CARRIER_ZONE, 1, name, 1.0, stop.zone)
    if stop.windows and not carrier.keeps_windows:
        yield Change(ChangeKind.CARRIER_WINDOWS, 1, name, 1.0)
    for kind, amount, most, parts in (
        (ChangeKind.CARRIER_KG, stop.weight_kg, carrier.most_kg_per_stop, 10),
        (ChangeKind.CARRIER_M3, stop.volume_m3, carrier.most_m3_per_stop, 1000),
    ):
        if most is not None and amount > most + TOLERANCE_LOAD:
            more = ceil((amount - most - TOLERANCE_LOAD) * parts) / parts
            yield Change(kind, more, name, more / most if most > 0 else 1.0)


def _of_the_count(plan: RoutePlan, carrier: Carrier) -> Iterator[Change]:
    count = sum(each.carrier_id == carrier.carrier_id for each in plan.handed_over)
    if carrier.most_stops is not None and count >= carrier.most_stops:
        more = count + 1 - carrier.most_stops
        share = more / carrier.most_stops if carrier.most_stops else 1.0
        yield Change(ChangeKind.CARRIER_STOPS, more, carrier.carrier_id, share)


def _judged(
    plan: RoutePlan, stop: Stop, carriers: Sequence[Carrier], carrier: Carrier, travel: TravelTimes
) -> float | None:
    """The price, if the evaluator finds nothing wrong with handing the stop over."""
    alone = replace(plan, routes=(), unassigned=())
    alone = replace(alone, handed_over=(*plan.handed_over, HandedOver(stop, carrier.carrier_id)))
    judged = evaluate(alone, travel, carriers=carriers)
    return None if judged.violations else judged.handed_over[-1].cost
