"""The judge's own look at what is handed over to carriers: figures, and what is wrong."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from routing.carriers import Carrier
from routing.evaluation import HandOverEvaluation, Violation, ViolationKind
from routing.plan import HandedOver, Stop, StopKind
from routing.travel import NO_WAY_M, TravelTimes
from routing.violations import TOLERANCE_LOAD

ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
"""Distances are the same at any hour."""


def judge_hand_overs(
    handed_over: Sequence[HandedOver], carriers: Sequence[Carrier], travel: TravelTimes
) -> Iterator[HandOverEvaluation]:
    """What each costs; those to a carrier that is not known are passed over."""
    known = {each.carrier_id: each for each in carriers}
    for each in handed_over:
        carrier, stop = known.get(each.carrier_id), each.stop
        if carrier is None:
            continue
        way_m, _ = travel.leg(carrier.start, stop.location, ANY_TIME)
        way_km = way_m / 1000
        cost = (
            carrier.price_per_stop + carrier.price_per_package * stop.packages + carrier.price_per_km * way_km
        )
        co2e_kg = carrier.co2e_kg_per_stop + carrier.co2e_kg_per_km * way_km
        yield HandOverEvaluation(stop.stop_id, carrier.carrier_id, way_m, cost, co2e_kg)


def check_ways(judged: Sequence[HandOverEvaluation]) -> list[Violation]:
    """A carrier has to get there."""
    return [
        _not_taken(f"carrier {each.carrier_id} has no way to stop {each.stop_id}", each.stop_id)
        for each in judged
        if each.distance_m >= NO_WAY_M
    ]


def check_hand_overs(
    handed_over: Sequence[HandedOver], carriers: Sequence[Carrier], stops: Sequence[Stop]
) -> list[Violation]:
    """What a carrier does not take, by what was asked of the stop; halves of pairs belong to no carrier."""
    known = {each.carrier_id: each for each in carriers}
    asked = {stop.stop_id: stop for stop in stops}
    fetched = {stop.picked_up_at for stop in stops}
    wrong = []
    for each in handed_over:
        stop = asked.get(each.stop.stop_id, each.stop)
        carrier = known.get(each.carrier_id)
        if carrier is None:
            words = f"stop {stop.stop_id} is handed over to carrier {each.carrier_id}, whom nobody knows"
            wrong.append(_not_taken(words, stop.stop_id))
            continue
        reasons = [*_wrong_kind(stop, fetched), *_wrong_for(stop, carrier)]
        wrong += [_not_taken(f"carrier {carrier.carrier_id} {words}", stop.stop_id) for words in reasons]
    counts = Counter(each.carrier_id for each in handed_over)
    for carrier in carriers:
        if carrier.most_stops is not None and counts[carrier.carrier_id] > carrier.most_stops:
            words = f"is handed {counts[carrier.carrier_id]} stops and takes {carrier.most_stops}"
            wrong.append(_not_taken(f"carrier {carrier.carrier_id} {words}"))
    return wrong


def _wrong_kind(stop: Stop, fetched: set[str | None]) -> Iterator[str]:
    is_half = stop.picked_up_at is not None or stop.stop_id in fetched
    if stop.kind is not StopKind.DELIVER or is_half:
        yield f"takes deliveries from the depot alone, and stop {stop.stop_id} is none"


def _wrong_for(stop: Stop, carrier: Carrier) -> Iterator[str]:
    of = f"stop {stop.stop_id}"
    if carrier.zones and stop.zone not in carrier.zones:
        yield f"does not go where {of} is: {stop.zone or 'no zone'}"
    if stop.window is not None and not carrier.keeps_windows:
        yield f"keeps no windows, and {of} has one"
    if missing := sorted(set(stop.requires) - set(carrier.features)):
        yield f"lacks {', '.join(missing)} for {of}"
    if carrier.most_kg_per_stop is not None and stop.weight_kg > carrier.most_kg_per_stop + TOLERANCE_LOAD:
        yield f"takes {carrier.most_kg_per_stop:g} kg a stop, and {of} has {stop.weight_kg:g} kg"
    if carrier.most_m3_per_stop is not None and stop.volume_m3 > carrier.most_m3_per_stop + TOLERANCE_LOAD:
        yield f"takes {carrier.most_m3_per_stop:g} m3 a stop, and {of} has {stop.volume_m3:g} m3"


def _not_taken(words: str, stop_id: str | None = None) -> Violation:
    return Violation(ViolationKind.NOT_TAKEN, words, stop_id=stop_id)
