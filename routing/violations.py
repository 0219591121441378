"""What can be wrong with a plan, each in words that name who, where and by how much."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from routing.changes import Progress
from routing.evaluation import RouteEvaluation, Violation, ViolationKind
from routing.plan import Route, Shift, Stop
from routing.travel import NO_WAY_S
from routing.trial import Trial
from routing.words import in_words

TOLERANCE_S = 0.01
"""What is below comes from rounding, not from a late vehicle."""

TOLERANCE_LOAD = 1e-6
"""Likewise for sums of weights and volumes."""

TOLERANCE_M = 0.1
"""Likewise for sums of metres."""


def check_route(
    shift: Shift, stops: Sequence[Stop], trial: Trial, figures: RouteEvaluation
) -> list[Violation]:
    """What breaks a window, the vehicle's room, a break, the shift's end, or can't be driven at all."""
    return [
        *_no_ways(shift, stops, trial),
        *_unqualified(shift, stops),
        *_late(shift, figures),
        *_overloads(shift, figures),
        *_late_breaks(shift, figures),
        *_late_end(shift, figures),
        *_over_limits(shift, figures),
    ]


def check_claims(route: Route, figures: RouteEvaluation, held_until: datetime | None) -> list[Violation]:
    """A plan must not promise to be anywhere before it can be, or to leave without what it loads."""
    shift, wrong = route.shift, _too_soon(route, figures, held_until)
    for planned, possible in zip(route.visits, figures.visits, strict=True):
        where = (shift.shift_id, possible.stop_id)
        if planned.arrive_at < shift.starts_at:
            words = f"shift {shift.shift_id} is said to reach stop {possible.stop_id} before it starts"
            wrong.append(Violation(ViolationKind.BEFORE_SHIFT_START, words, *where))
        early_s = (possible.arrive_at - planned.arrive_at).total_seconds()
        early_s = max(early_s, (possible.begin_at - planned.begin_at).total_seconds())
        if early_s > TOLERANCE_S:
            words = f"stop {possible.stop_id} is promised {in_words(early_s)} before it can be served"
            wrong.append(Violation(ViolationKind.TOO_EARLY_CLAIM, words, *where))
    return wrong


def _too_soon(route: Route, figures: RouteEvaluation, held_until: datetime | None) -> list[Violation]:
    """A vehicle that is to be at its first stop sooner than the last of its parcels allows."""
    shift = route.shift
    if held_until is None or held_until <= shift.starts_at or not route.visits:
        return []
    early_s = (figures.visits[0].arrive_at - route.visits[0].arrive_at).total_seconds()
    if early_s <= TOLERANCE_S:
        return []
    stop = next(visit.stop for visit in route.visits if visit.stop.released_at == held_until)
    words = (
        f"shift {shift.shift_id} is said to leave {in_words(early_s)} too soon: "
        f"the parcels of stop {stop.stop_id} are at the depot from {held_until:%H:%M} on"
    )
    return [Violation(ViolationKind.NOT_RELEASED, words, shift.shift_id, stop.stop_id)]


def check_aboard(shift: Shift, stops: Sequence[Stop], progress: Progress) -> list[Violation]:
    """Who is out has of what comes to the depot during the day only what was loaded.

    When a vehicle left is not known: once it has, the hour says nothing; until then it leaves when it can.
    """
    leaves = "has left" if progress.has_left else "leaves too soon"
    return [
        Violation(
            ViolationKind.NOT_RELEASED,
            f"shift {shift.shift_id} {leaves}, and the parcels of stop {stop.stop_id} are at the depot "
            f"from {stop.released_at:%H:%M} on",
            shift.shift_id,
            stop.stop_id,
        )
        for stop in stops
        if stop.released_at is not None
        and (progress.has_left or stop.released_at > progress.free_at)
        and stop.stop_id not in progress.loaded_stop_ids
    ]


def check_shifts(routes: Sequence[Route]) -> list[Violation]:
    """A shift drives one route."""
    counts = Counter(route.shift.shift_id for route in routes)
    return [
        Violation(ViolationKind.SHIFT_TWICE, f"shift {shift_id} has {count} routes", shift_id)
        for shift_id, count in counts.items()
        if count > 1
    ]


def check_stops(
    routes: Sequence[Route], left_out: Sequence[Stop], stops: Sequence[Stop] | None
) -> list[Violation]:
    """Each of ``stops`` is served once or listed once, and no other is."""
    served = [stop_id for route in routes for stop_id in route.stop_ids]
    counts = Counter([*served, *(stop.stop_id for stop in left_out)])
    wrong = [
        Violation(ViolationKind.STOP_TWICE, f"stop {stop_id} is planned {count} times", stop_id=stop_id)
        for stop_id, count in counts.items()
        if count > 1
    ]
    if stops is None:
        return wrong
    wanted = {stop.stop_id for stop in stops}
    wrong += [
        Violation(ViolationKind.STOP_MISSING, f"stop {stop_id} is neither served nor listed", stop_id=stop_id)
        for stop_id in sorted(wanted - set(counts))
    ]
    wrong += [
        Violation(ViolationKind.STOP_UNKNOWN, f"stop {stop_id} was not asked for", stop_id=stop_id)
        for stop_id in sorted(set(counts) - wanted)
    ]
    return wrong


def check_windows(routes: Sequence[Route], stops: Sequence[Stop]) -> list[Violation]:
    """What a plan promises a stop is what was asked: one of its windows, or none where it has none.

    At a locker the windows of the door don't count.
    """
    asked = {stop.stop_id: stop.windows for stop in stops}
    wrong = []
    for route in routes:
        for stop in (visit.stop for visit in route.visits):
            windows = asked.get(stop.stop_id)
            if windows is None or stop.window in (windows or (None,)) or stop.at_locker is not None:
                continue
            promised = "any time" if stop.window is None else stop.window.words
            wanted = " or ".join(each.words for each in windows) or "any time"
            words = f"stop {stop.stop_id} is promised {promised}, and was asked for {wanted}"
            wrong.append(Violation(ViolationKind.WRONG_WINDOW, words, route.shift.shift_id, stop.stop_id))
    return wrong


def check_pairs(routes: Sequence[Route], left_out: Sequence[Stop], stops: Sequence[Stop]) -> list[Violation]:
    """What is picked up on the way is delivered by the same vehicle, after that; else neither happens."""
    places = {
        visit.stop.stop_id: (route.shift.shift_id, place)
        for route in routes
        for place, visit in enumerate(route.visits)
    }
    served = [visit.stop for route in routes for visit in route.visits]
    known = {stop.stop_id: stop for stop in (*stops, *left_out, *served)}
    wrong = []
    for stop in known.values():
        if stop.picked_up_at is None:
            continue
        picked_up, delivered = places.get(stop.picked_up_at), places.get(stop.stop_id)
        if words := _apart(stop.picked_up_at, stop.stop_id, picked_up, delivered):
            shift_id = (delivered or picked_up or ("", 0))[0]
            wrong.append(Violation(ViolationKind.PAIR_APART, words, shift_id, stop.stop_id))
    return wrong


def _apart(
    pick_up: str, delivery: str, picked_up: tuple[str, int] | None, delivered: tuple[str, int] | None
) -> str | None:
    if picked_up is None and delivered is None:
        return None
    if delivered is None:
        return f"what is picked up at stop {pick_up} is never delivered at stop {delivery}"
    if picked_up is None:
        return f"what stop {delivery} waits for is never picked up at stop {pick_up}"
    if picked_up[0] != delivered[0]:
        return (
            f"shift {picked_up[0]} picks up at stop {pick_up} what shift {delivered[0]} is to deliver "
            f"at stop {delivery}"
        )
    if picked_up[1] > delivered[1]:
        return f"shift {delivered[0]} is at stop {delivery} before it picks up at stop {pick_up}"
    return None


def _no_ways(shift: Shift, stops: Sequence[Stop], trial: Trial) -> Iterator[Violation]:
    where = [*(f"stop {stop.stop_id}" for stop in stops), "its end"]
    for leg, to in zip(trial.legs, where, strict=False):
        if leg.duration_s >= NO_WAY_S:
            words = f"shift {shift.shift_id} has no way to {to}"
            yield Violation(ViolationKind.NO_WAY, words, shift.shift_id)


def _unqualified(shift: Shift, stops: Sequence[Stop]) -> Iterator[Violation]:
    has = {*shift.vehicle.features, *shift.skills}
    for stop in stops:
        if missing := sorted(set(stop.requires) - has):
            words = f"shift {shift.shift_id} lacks {', '.join(missing)} for stop {stop.stop_id}"
            yield Violation(ViolationKind.NOT_QUALIFIED, words, shift.shift_id, stop.stop_id)


def _late(shift: Shift, figures: RouteEvaluation) -> Iterator[Violation]:
    for visit in figures.visits:
        if visit.lateness_s > TOLERANCE_S:
            words = f"shift {shift.shift_id} is {in_words(visit.lateness_s)} late at stop {visit.stop_id}"
            yield Violation(ViolationKind.LATE, words, shift.shift_id, visit.stop_id)


def _overloads(shift: Shift, figures: RouteEvaluation) -> Iterator[Violation]:
    vehicle, kind = shift.vehicle, ViolationKind.OVER_CAPACITY
    who = f"shift {shift.shift_id} carries"
    if figures.peak_packages > vehicle.capacity_packages:
        words = f"{who} {figures.peak_packages} packages in a vehicle for {vehicle.capacity_packages}"
        yield Violation(kind, words, shift.shift_id)
    for peak, capacity, unit in (
        (figures.peak_kg, vehicle.capacity_kg, "kg"),
        (figures.peak_m3, vehicle.capacity_m3, "m3"),
    ):
        if peak > capacity + TOLERANCE_LOAD:
            words = f"{who} {peak:g} {unit} in a vehicle for {capacity:g} {unit}"
            yield Violation(kind, words, shift.shift_id)


def _late_breaks(shift: Shift, figures: RouteEvaluation) -> Iterator[Violation]:
    for each in figures.breaks:
        if each.lateness_s > TOLERANCE_S:
            words = f"shift {shift.shift_id} begins a break {in_words(each.lateness_s)} later than it has to"
            yield Violation(ViolationKind.LATE_BREAK, words, shift.shift_id)


def _late_end(shift: Shift, figures: RouteEvaluation) -> Iterator[Violation]:
    late_s = (figures.ends_at - shift.ends_at).total_seconds() - shift.overtime_s
    if min(late_s, figures.overrun_s) > TOLERANCE_S:
        end = "end and its overtime" if shift.overtime_s else "end"
        words = f"shift {shift.shift_id} is back {in_words(late_s)} after its {end}"
        yield Violation(ViolationKind.PAST_SHIFT_END, words, shift.shift_id)


def _over_limits(shift: Shift, figures: RouteEvaluation) -> Iterator[Violation]:
    """More stops, kilometres or hours than the vehicle may have on one shift."""
    vehicle, who = shift.vehicle, f"shift {shift.shift_id}"
    if vehicle.most_stops is not None and figures.whole_stops > vehicle.most_stops:
        words = f"{who} serves {figures.whole_stops} stops with a vehicle for {vehicle.most_stops}"
        yield Violation(ViolationKind.OVER_STOPS, words, shift.shift_id)
    if vehicle.most_km is not None and figures.whole_distance_m > vehicle.most_km * 1000 + TOLERANCE_M:
        whole_km = figures.whole_distance_m / 1000
        words = f"{who} drives {whole_km:.1f} km with a vehicle for {vehicle.most_km:g} km"
        yield Violation(ViolationKind.OVER_KM, words, shift.shift_id)
    if vehicle.most_h is not None and figures.whole_duration_s > vehicle.most_h * 3600 + TOLERANCE_S:
        whole, most = in_words(figures.whole_duration_s), in_words(vehicle.most_h * 3600)
        words = f"{who} is out for {whole} with a vehicle for {most}"
        yield Violation(ViolationKind.OVER_HOURS, words, shift.shift_id)
