"""What would let a stop into a plan: changes to the stop or to a shift, in figures and in words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from routing.plan import Break, Shift, Stop, TimeWindow, Vehicle
from routing.words import in_words


class ChangeKind(StrEnum):
    """What can be changed; times in minutes."""

    WINDOW_LATER = "window_later"
    WINDOW_EARLIER = "window_earlier"
    RELEASED_EARLIER = "released_earlier"
    SHIFT_LONGER = "shift_longer"
    SHIFT_EARLIER = "shift_earlier"
    BREAK_LATER = "break_later"
    MORE_PACKAGES = "more_packages"
    MORE_KG = "more_kg"
    MORE_M3 = "more_m3"
    MORE_STOPS = "more_stops"
    MORE_KM = "more_km"
    MORE_HOURS = "more_hours"
    REQUIREMENT = "requirement"
    ANOTHER_SHIFT = "another_shift"
    SKIP_PRICE = "skip_price"
    LOCKER_PACKAGES = "locker_packages"
    CARRIER_STOPS = "carrier_stops"
    CARRIER_KG = "carrier_kg"
    CARRIER_M3 = "carrier_m3"
    CARRIER_ZONE = "carrier_zone"
    CARRIER_WINDOWS = "carrier_windows"
    CARRIER_REQUIREMENT = "carrier_requirement"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: by how much, to which stop, shift or carrier.

    ``amount`` is in minutes, packages, kilograms, cubic metres, shifts, stops, kilometres, or the
    vehicles' currency (metres where none costs anything). ``requirement`` names what the vehicle or its
    driver would need, or the carrier, be it a zone; ``window`` is the one that would be other, where the
    stop has several.
    ``share`` is how much that is of what it changes, so that changes can be compared: minutes of the
    shift's length, load of the vehicle's capacity, a price of what serving costs; a requirement counts
    1, another shift 2.
    """

    kind: ChangeKind
    amount: float
    subject: str
    share: float
    requirement: str | None = None
    window: TimeWindow | None = None

    @property
    def words(self) -> str:
        """What would have to be different."""
        duration, amount, of = in_words(60 * self.amount), self.amount, self.subject
        return {
            ChangeKind.WINDOW_LATER: f"{self._window} closed {duration} later",
            ChangeKind.WINDOW_EARLIER: f"{self._window} opened {duration} earlier",
            ChangeKind.RELEASED_EARLIER: f"the parcels of stop {of} were at the depot {duration} earlier",
            ChangeKind.SHIFT_LONGER: f"shift {of} ended {duration} later",
            ChangeKind.SHIFT_EARLIER: f"shift {of} started {duration} earlier",
            ChangeKind.BREAK_LATER: f"the breaks of shift {of} could begin {duration} later",
            ChangeKind.MORE_PACKAGES: f"the vehicle of shift {of} took {amount:.0f} more packages",
            ChangeKind.MORE_KG: f"the vehicle of shift {of} took {amount:g} kg more",
            ChangeKind.MORE_M3: f"the vehicle of shift {of} took {amount:g} m3 more",
            ChangeKind.MORE_STOPS: f"the vehicle of shift {of} served {amount:.0f} more stops",
            ChangeKind.MORE_KM: f"the vehicle of shift {of} went {amount:g} km farther",
            ChangeKind.MORE_HOURS: f"the vehicle of shift {of} could be out {duration} longer",
            ChangeKind.REQUIREMENT: f"shift {of} had {self.requirement}",
            ChangeKind.ANOTHER_SHIFT: f"there were another shift like {of}",
            ChangeKind.SKIP_PRICE: f"leaving out stop {of} cost {amount:.2f} more",
            ChangeKind.LOCKER_PACKAGES: f"locker {of} had room for {amount:.0f} more packages",
            ChangeKind.CARRIER_STOPS: f"carrier {of} took {amount:.0f} more stops in all",
            ChangeKind.CARRIER_KG: f"carrier {of} took {amount:g} kg more a stop",
            ChangeKind.CARRIER_M3: f"carrier {of} took {amount:g} m3 more a stop",
            ChangeKind.CARRIER_ZONE: f"carrier {of} went to zone {self.requirement}",
            ChangeKind.CARRIER_WINDOWS: f"carrier {of} kept windows",
            ChangeKind.CARRIER_REQUIREMENT: f"carrier {of} had {self.requirement}",
        }[self.kind]

    @property
    def _window(self) -> str:
        which = f" from {self.window.words}" if self.window is not None else ""
        return f"the window{which} of stop {self.subject}"

    @property
    def obstacle(self) -> str:
        """What is in the way as things are."""
        duration, amount, of = in_words(60 * self.amount), self.amount, self.subject
        return {
            ChangeKind.WINDOW_LATER: f"{self._window} closes {duration} before anybody can come",
            ChangeKind.WINDOW_EARLIER: f"who waits until {self._window} opens breaks a promise",
            ChangeKind.RELEASED_EARLIER: f"the parcels of stop {of} are at the depot {duration} too late",
            ChangeKind.SHIFT_LONGER: f"shift {of} would be back {duration} after its end",
            ChangeKind.SHIFT_EARLIER: f"shift {of} starts {duration} too late to keep every promise",
            ChangeKind.BREAK_LATER: f"shift {of} would begin a break {duration} later than it has to",
            ChangeKind.MORE_PACKAGES: f"the vehicle of shift {of} is too small by {amount:.0f} packages",
            ChangeKind.MORE_KG: f"the vehicle of shift {of} is too small by {amount:g} kg",
            ChangeKind.MORE_M3: f"the vehicle of shift {of} is too small by {amount:g} m3",
            ChangeKind.MORE_STOPS: f"the vehicle of shift {of} may serve {amount:.0f} stops too few",
            ChangeKind.MORE_KM: f"the vehicle of shift {of} would go {amount:g} km too far",
            ChangeKind.MORE_HOURS: f"the vehicle of shift {of} would be out {duration} too long",
            ChangeKind.REQUIREMENT: f"shift {of} lacks {self.requirement}",
            ChangeKind.ANOTHER_SHIFT: "no shift has time for it beside its other stops",
            ChangeKind.SKIP_PRICE: f"serving it costs {amount:.2f} more than leaving out stop {of} does",
            ChangeKind.LOCKER_PACKAGES: f"locker {of} has no room for {amount:.0f} more packages",
            ChangeKind.CARRIER_STOPS: f"carrier {of} has all the stops that it takes",
            ChangeKind.CARRIER_KG: f"it is too heavy for carrier {of} by {amount:g} kg",
            ChangeKind.CARRIER_M3: f"it is too large for carrier {of} by {amount:g} m3",
            ChangeKind.CARRIER_ZONE: f"carrier {of} does not go to zone {self.requirement}",
            ChangeKind.CARRIER_WINDOWS: f"carrier {of} keeps no windows",
            ChangeKind.CARRIER_REQUIREMENT: f"carrier {of} lacks {self.requirement}",
        }[self.kind]


@dataclass(frozen=True, slots=True)
class Remedy:
    """Changes that together let a stop in, and who then serves whom in which order.

    Without ``changes`` it fits as things are. ``stop_ids`` is the shift's whole route then. Where a
    carrier takes it there is no shift, and ``stop_ids`` is the stop. ``locker_id`` is where the shift
    drops it, if not at the door.
    """

    changes: tuple[Change, ...]
    shift_id: str | None
    stop_ids: tuple[str, ...]
    carrier_id: str | None = None
    locker_id: str | None = None

    @property
    def share(self) -> float:
        """How much is changed in all."""
        return sum(each.share for each in self.changes)

    @property
    def words(self) -> str:
        """``"shift A could serve it if ..."``."""
        noun = f"shift {self.shift_id}" if self.carrier_id is None else f"carrier {self.carrier_id}"
        what = "serve it" if self.locker_id is None else f"drop it at locker {self.locker_id}"
        if not self.changes:
            return f"{noun} can {what} as things are"
        who = "it could be served" if self._is_anew else f"{noun} could {what}"
        return f"{who} if {' and '.join(each.words for each in self.changes)}"

    @property
    def _is_anew(self) -> bool:
        return any(each.kind is ChangeKind.ANOTHER_SHIFT for each in self.changes)


def changed_stop(stop: Stop, changes: Sequence[Change]) -> Stop:
    """The stop after the changes that concern it; of several windows the changed one is left."""
    for each in changes:
        if each.subject != stop.stop_id:
            continue
        if each.kind is ChangeKind.RELEASED_EARLIER and stop.released_at is not None:
            stop = replace(stop, released_at=stop.released_at - timedelta(minutes=each.amount))
        elif stop.window is not None:
            window = each.window if each.window is not None and stop.other_windows else stop.window
            stop = replace(stop, window=_changed_window(window, each), other_windows=())
    return stop


def _changed_window(window: TimeWindow, change: Change) -> TimeWindow:
    by = timedelta(minutes=change.amount)
    if change.kind is ChangeKind.WINDOW_LATER:
        return replace(window, closes_at=window.closes_at + by)
    return (
        replace(window, opens_at=window.opens_at - by) if change.kind is ChangeKind.WINDOW_EARLIER else window
    )


def changed_shift(shift: Shift, changes: Sequence[Change]) -> Shift:
    """The shift after the changes that concern it."""
    for each in changes:
        if each.subject == shift.shift_id:
            shift = _changed_shift(shift, each)
    return shift


def _changed_shift(shift: Shift, change: Change) -> Shift:
    vehicle, by = shift.vehicle, timedelta(minutes=change.amount)
    match change.kind:
        case ChangeKind.SHIFT_LONGER:
            return replace(shift, ends_at=shift.ends_at + by)
        case ChangeKind.SHIFT_EARLIER:
            return replace(shift, starts_at=shift.starts_at - by)
        case ChangeKind.BREAK_LATER:
            return replace(shift, breaks=tuple(_later(each, by) for each in shift.breaks))
        case ChangeKind.MORE_PACKAGES:
            room = vehicle.capacity_packages + round(change.amount)
            return replace(shift, vehicle=replace(vehicle, capacity_packages=room))
        case ChangeKind.MORE_KG:
            return replace(shift, vehicle=replace(vehicle, capacity_kg=vehicle.capacity_kg + change.amount))
        case ChangeKind.MORE_M3:
            return replace(shift, vehicle=replace(vehicle, capacity_m3=vehicle.capacity_m3 + change.amount))
        case ChangeKind.MORE_STOPS | ChangeKind.MORE_KM | ChangeKind.MORE_HOURS:
            return replace(shift, vehicle=_less_limited(vehicle, change))
        case ChangeKind.REQUIREMENT if change.requirement is not None:
            return replace(shift, skills=(*shift.skills, change.requirement))
    return shift


def _less_limited(vehicle: Vehicle, change: Change) -> Vehicle:
    match change.kind:
        case ChangeKind.MORE_STOPS if vehicle.most_stops is not None:
            return replace(vehicle, most_stops=vehicle.most_stops + round(change.amount))
        case ChangeKind.MORE_KM if vehicle.most_km is not None:
            return replace(vehicle, most_km=vehicle.most_km + change.amount)
        case ChangeKind.MORE_HOURS if vehicle.most_h is not None:
            return replace(vehicle, most_h=vehicle.most_h + change.amount / 60)
    return vehicle


def _later(due: Break, by: timedelta) -> Break:
    return due if due.latest_at is None else replace(due, latest_at=due.latest_at + by)
