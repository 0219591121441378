"""Why a stop is not served, in words."""

from collections.abc import Sequence

from routing.plan import Shift, Stop
from routing.schedule import schedule_route
from routing.travel import TravelTimes
from routing.words import in_words

CROWDED_OUT = "no shift can serve it beside the stops that it has"


def why_unservable(stop: Stop, shifts: Sequence[Shift], travel: TravelTimes) -> str | None:
    """Why no shift could serve the stop even if it were the only one; ``None`` if one could."""
    most_packages = max(shift.vehicle.capacity_packages for shift in shifts)
    if stop.packages > most_packages:
        return f"its {stop.packages} packages are more than any vehicle takes ({most_packages})"
    most_kg = max(shift.vehicle.capacity_kg for shift in shifts)
    if stop.weight_kg > most_kg:
        return f"its {stop.weight_kg:g} kg are more than any vehicle takes ({most_kg:g} kg)"
    large_enough = [
        shift
        for shift in shifts
        if stop.packages <= shift.vehicle.capacity_packages and stop.weight_kg <= shift.vehicle.capacity_kg
    ]
    if not large_enough:
        return f"no vehicle takes both its {stop.packages} packages and its {stop.weight_kg:g} kg"
    late_s, overrun_s = zip(*(_alone(stop, shift, travel) for shift in large_enough), strict=True)
    if any(late <= 0 and overrun <= 0 for late, overrun in zip(late_s, overrun_s, strict=True)):
        return None
    if min(late_s) > 0:
        return f"its window closes {in_words(min(late_s))} before any vehicle can be there"
    if min(overrun_s) > 0:
        return f"who serves it is back {in_words(min(overrun_s))} after the end of the shift at best"
    return "a shift that is there in time is not back in time, and the other way round"


def _alone(stop: Stop, shift: Shift, travel: TravelTimes) -> tuple[float, float]:
    """Seconds late and seconds past the shift's end, negative while there is slack."""
    route = schedule_route(shift, (stop,), travel)
    late_s = -1.0 if stop.window is None else stop.window.lateness_s(route.visits[0].arrive_at)
    return late_s, (route.ends_at - shift.ends_at).total_seconds()
