"""Why a stop is not served, in words."""

from collections.abc import Sequence

from routing.carriers import Carrier
from routing.evaluate import evaluate
from routing.evaluation import RouteEvaluation, ViolationKind
from routing.plan import Shift, Stop
from routing.schedule import schedule_route
from routing.travel import NO_WAY_S, TravelTimes
from routing.words import in_words

NO_WAY = "no way leads there and back"

CROWDED_OUT = "no shift can serve it beside the stops that it has"
NO_LOCKER = "no locker that it may be dropped at has room and can be reached in time"
LIMITS = (ViolationKind.OVER_STOPS, ViolationKind.OVER_KM, ViolationKind.OVER_HOURS)
NOT_WORTH_ITS_WAY = "serving it costs more than the {price:g} that leaving it out does"


def back_too_late(overrun_s: float) -> str:
    """By how much at best."""
    return f"who serves it is back {in_words(overrun_s)} after the end of the shift at best"


def why_unservable(
    stop: Stop, shifts: Sequence[Shift], travel: TravelTimes, pick_up: Stop | None = None
) -> str | None:
    """Why no shift could serve the stop even if it were the only one; ``None`` if one could.

    ``pick_up`` is where its parcels join the vehicle, if they do so on the way.
    """
    able = [shift for shift in shifts if not shift.missing(stop)]
    if not able:
        return _why_not_able(stop, shifts)
    if reason := _why_too_large(stop, able):
        return reason
    large_enough = [shift for shift in able if _fits(stop, shift)]
    if not large_enough:
        return f"no vehicle takes both its {_load(stop)}"
    stops = (stop,) if pick_up is None else (pick_up, stop)
    alone: list[RouteEvaluation] = []
    for shift in large_enough:
        alone.append(_alone(stops, shift, travel))
        if not alone[-1].violations:
            return None
    why = _why_not_in_time(alone, "last " if stop.other_windows else "")
    if stop.released_at is None:
        return why
    return f"its parcels are at the depot from {stop.released_at:%H:%M} on, and {why}"


def crowded_out(stop: Stop, shifts: Sequence[Shift]) -> str:
    """Why a stop that could be served alone is left out."""
    able = [shift.shift_id for shift in shifts if not shift.missing(stop)]
    if len(able) == len(shifts):
        return CROWDED_OUT
    return f"no shift with {', '.join(stop.requires)} ({', '.join(able)}) can serve it beside its other stops"


def why_not_taken(stop: Stop, carrier: Carrier) -> str:
    """Why a carrier does not have the stop."""
    if carrier.most_stops is None:
        otherwise = f"carrier {carrier.carrier_id} has no way there, or costs more than leaving it out does"
    else:
        otherwise = f"carrier {carrier.carrier_id} has the {carrier.most_stops} stops that it takes"
    return next(carrier.refusals(stop), otherwise)


def _why_not_able(stop: Stop, shifts: Sequence[Shift]) -> str:
    has = {name for shift in shifts for name in (*shift.vehicle.features, *shift.skills)}
    if unknown := [name for name in stop.requires if name not in has]:
        return f"it requires {', '.join(unknown)}, which no vehicle or driver has"
    return f"it requires {', '.join(stop.requires)}, which no vehicle and its driver have together"


def _why_too_large(stop: Stop, shifts: Sequence[Shift]) -> str | None:
    most_packages = max(shift.vehicle.capacity_packages for shift in shifts)
    if stop.packages > most_packages:
        return f"its {stop.packages} packages are more than any vehicle takes ({most_packages})"
    most_kg = max(shift.vehicle.capacity_kg for shift in shifts)
    if stop.weight_kg > most_kg:
        return f"its {stop.weight_kg:g} kg are more than any vehicle takes ({most_kg:g} kg)"
    most_m3 = max(shift.vehicle.capacity_m3 for shift in shifts)
    if stop.volume_m3 > most_m3:
        return f"its {stop.volume_m3:g} m3 are more than any vehicle takes ({most_m3:g} m3)"
    return None


def _fits(stop: Stop, shift: Shift) -> bool:
    vehicle = shift.vehicle
    return (
        stop.packages <= vehicle.capacity_packages
        and stop.weight_kg <= vehicle.capacity_kg
        and stop.volume_m3 <= vehicle.capacity_m3
    )


def _load(stop: Stop) -> str:
    volume = f" and its {stop.volume_m3:g} m3" if stop.volume_m3 else ""
    return f"{stop.packages} packages and its {stop.weight_kg:g} kg{volume}"


def _alone(stops: Sequence[Stop], shift: Shift, travel: TravelTimes) -> RouteEvaluation:
    (judged,) = evaluate([schedule_route(shift, stops, travel)], travel).routes
    return judged


def _why_not_in_time(alone: Sequence[RouteEvaluation], last: str) -> str:
    if all(_has_no_way(each) for each in alone):
        return NO_WAY
    late_s = min(each.visits[-1].lateness_s for each in alone)
    if late_s > 0:
        return f"its {last}window closes {in_words(late_s)} before any vehicle can be there"
    limits = [next((v.words for v in each.violations if v.kind in LIMITS), "") for each in alone]
    if all(limits):
        return f"even alone it is too much: {limits[0]}"
    overrun_s = min(each.overrun_s for each in alone)
    if overrun_s > 0:
        return back_too_late(overrun_s)
    if any(rest.lateness_s > 0 for each in alone for rest in each.breaks):
        return "a shift that is there and back in time has its break too late"
    return "a shift that is there in time is not back in time, and the other way round"


def _has_no_way(judged: RouteEvaluation) -> bool:
    legs = [visit.leg for visit in judged.visits]
    return any(leg.duration_s >= NO_WAY_S for leg in (*legs, judged.home) if leg is not None)
