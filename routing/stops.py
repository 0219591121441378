"""What is to be delivered: places, windows and stops."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from routing.checks import (
    MOST_AMOUNT,
    MOST_LOAD,
    MOST_PACKAGES,
    require_finite,
    require_moments,
    require_names,
)

LONGEST_SERVICE_S = 86_400.0
HIGHEST_PRIORITY = 3


class StopKind(StrEnum):
    """What happens at the door."""

    DELIVER = "deliver"
    PICK_UP = "pick_up"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Location:
    """A point on the WGS 84 ellipsoid, degrees."""

    lat_deg: float
    lon_deg: float

    def __post_init__(self) -> None:
        if not -90.0 <= self.lat_deg <= 90.0:
            raise ValueError(f"Location has a latitude outside -90..90: {self.lat_deg}")
        if not -180.0 <= self.lon_deg <= 180.0:
            raise ValueError(f"Location has a longitude outside -180..180: {self.lon_deg}")


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """When service at a stop may begin; both ends inclusive."""

    opens_at: datetime
    closes_at: datetime

    def __post_init__(self) -> None:
        require_moments("TimeWindow", self.opens_at, self.closes_at)
        if self.closes_at < self.opens_at:
            raise ValueError(f"TimeWindow closes before it opens: {self.opens_at} > {self.closes_at}")

    def lateness_s(self, arrived_at: datetime) -> float:
        """Seconds past the close; negative while there is still slack."""
        return (arrived_at - self.closes_at).total_seconds()

    @property
    def words(self) -> str:
        """``"09:00 to 10:30"``, in its own time zone."""
        return f"{self.opens_at:%H:%M} to {self.closes_at:%H:%M}"


@dataclass(frozen=True, slots=True)
class Stop:
    """One address to serve once; its id is stable across plan revisions.

    ``packages``, ``weight_kg`` and ``volume_m3`` are what the stop takes of a vehicle's capacity,
    ``zone`` is an H3 cell as text, ``order_ids`` are the orders served there.

    ``requires`` names what its vehicle or driver must have (``refrigerated``, ``tail_lift``,
    ``low_emission``). Where not all can be served, leaving out a stop weighs ``10 ** priority``;
    one with a ``skip_price`` is optional: it is left out where serving it costs more.
    ``picked_up_at`` names the stop of the same route where the parcels join the vehicle; without it
    a delivery is on board from the start. ``other_windows`` come after ``window``, in order: service
    begins in one of them all. ``locker_ids`` are where its parcels may be dropped instead, ``at_locker``
    is where a plan drops them. ``released_at`` is when they are at the depot, if not all the time.
    """

    stop_id: str
    location: Location
    service_s: float = 0.0
    window: TimeWindow | None = None
    packages: int = 1
    weight_kg: float = 0.0
    kind: StopKind = StopKind.DELIVER
    order_ids: tuple[str, ...] = ()
    zone: str | None = None
    volume_m3: float = 0.0
    requires: tuple[str, ...] = ()
    priority: int = 0
    skip_price: float | None = None
    picked_up_at: str | None = None
    other_windows: tuple[TimeWindow, ...] = ()
    locker_ids: tuple[str, ...] = ()
    at_locker: str | None = None
    released_at: datetime | None = None

    def __post_init__(self) -> None:
        if not self.stop_id:
            raise ValueError("Stop has an empty stop_id")
        noun = f"Stop {self.stop_id}"
        require_finite(noun, service_s=self.service_s, weight_kg=self.weight_kg, volume_m3=self.volume_m3)
        require_names(noun, self.requires)
        if self.service_s < 0:
            raise ValueError(f"Stop {self.stop_id} has a negative service time: {self.service_s} s")
        if self.service_s > LONGEST_SERVICE_S:
            raise ValueError(f"Stop {self.stop_id} has a service time of over a day: {self.service_s} s")
        if min(self.packages, self.weight_kg, self.volume_m3) < 0:
            raise ValueError(
                f"{noun} has a negative demand: "
                f"{self.packages} packages, {self.weight_kg} kg, {self.volume_m3} m3"
            )
        if self.packages > MOST_PACKAGES:
            raise ValueError(f"Stop {self.stop_id} has more than {MOST_PACKAGES} packages: {self.packages}")
        if max(self.weight_kg, self.volume_m3) > MOST_LOAD:
            raise ValueError(
                f"{noun} has a demand above {MOST_LOAD:g}: {self.weight_kg:g} kg, {self.volume_m3:g} m3"
            )
        if not 0 <= self.priority <= HIGHEST_PRIORITY:
            raise ValueError(f"{noun} has a priority outside 0..{HIGHEST_PRIORITY}: {self.priority}")
        if self.skip_price is not None and not 0 <= self.skip_price <= MOST_AMOUNT:
            raise ValueError(f"{noun} has a price for leaving it out that is none: {self.skip_price}")
        if self.picked_up_at is not None:
            self._check_pair()
        self._check_windows()
        self._check_lockers()
        self._check_release()

    def _check_lockers(self) -> None:
        if not self.locker_ids and self.at_locker is None:
            return
        require_names(f"Stop {self.stop_id}", self.locker_ids)
        if not self.is_loaded_at_start:
            names = ", ".join(self.locker_ids) or self.at_locker
            raise ValueError(
                f"Stop {self.stop_id} is for a locker ({names}), but only a delivery from the depot "
                "can be dropped"
            )

    def _check_release(self) -> None:
        if self.released_at is None:
            return
        require_moments(f"Stop {self.stop_id}", self.released_at)
        if not self.is_loaded_at_start:
            raise ValueError(
                f"Stop {self.stop_id} is released at {self.released_at:%H:%M}, but only a delivery from the "
                "depot waits there"
            )

    def _check_pair(self) -> None:
        if self.picked_up_at in ("", self.stop_id) or self.kind is not StopKind.DELIVER:
            raise ValueError(
                f"Stop {self.stop_id} is picked up at {self.picked_up_at!r}, but only a delivery comes "
                "from another stop"
            )
        if self.skip_price is not None:
            raise ValueError(
                f"Stop {self.stop_id} is one of a pair: the price for leaving it out stands at the stop "
                f"{self.picked_up_at} where it is picked up"
            )

    def _check_windows(self) -> None:
        if self.window is None and self.other_windows:
            raise ValueError(f"Stop {self.stop_id} has other windows, but no window before them")
        for before, after in pairwise(self.windows):
            if after.opens_at < before.closes_at:
                raise ValueError(
                    f"Stop {self.stop_id} has windows that overlap or are out of order: "
                    f"{before.words} and {after.words}"
                )

    @property
    def windows(self) -> tuple[TimeWindow, ...]:
        """All its windows, the earliest first; none where service may begin at any time."""
        return () if self.window is None else (self.window, *self.other_windows)

    def promised(self, arrive_at: datetime) -> "Stop":
        """The stop with that one of its windows in which who arrives then serves first.

        Who comes after all of them is late for the last one.
        """
        if not self.other_windows:
            return self
        window = next((each for each in self.windows if each.closes_at >= arrive_at), self.windows[-1])
        return replace(self, window=window, other_windows=())

    def open_until(self, closes_at: datetime) -> "Stop":
        """The stop with its last window open until then at least; one without a window as it is."""
        if not self.windows:
            return self
        *earlier, last = self.windows
        window, *others = (*earlier, replace(last, closes_at=max(last.closes_at, closes_at)))
        return replace(self, window=window, other_windows=tuple(others))

    @property
    def is_loaded_at_start(self) -> bool:
        """Whether its parcels are on board when the vehicle leaves the depot."""
        return self.kind is StopKind.DELIVER and self.picked_up_at is None

    @property
    def has_customer(self) -> bool:
        """Whether somebody waits for something there: pick-ups and returns are nobody's parcel."""
        return self.kind is StopKind.DELIVER and bool(self.order_ids)

    @property
    def sign(self) -> int:
        """What serving it does to the load: a delivery leaves (-1), everything else joins (+1)."""
        return -1 if self.kind is StopKind.DELIVER else 1


def latest_release(stops: Iterable[Stop]) -> datetime | None:
    """When all is at the depot that a vehicle loads for these; ``None`` where nothing is to be waited for."""
    return max((stop.released_at for stop in stops if stop.released_at is not None), default=None)
