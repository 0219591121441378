"""Lockers and pickup points: where parcels are dropped instead of at the door."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from routing.checks import MOST_PACKAGES
from routing.plan import Location, Stop, TimeWindow
from routing.stops import LONGEST_SERVICE_S


@dataclass(frozen=True, slots=True)
class Locker:
    """A place that has room for ``most_packages`` on the day.

    To drop the parcels of one stop takes ``drop_s``, and begins within ``window`` where there is one.
    """

    locker_id: str
    location: Location
    most_packages: int
    drop_s: float = 0.0
    window: TimeWindow | None = None

    def __post_init__(self) -> None:
        if not self.locker_id:
            raise ValueError("Locker has an empty locker_id")
        if not 0 <= self.most_packages <= MOST_PACKAGES:
            raise ValueError(f"Locker {self.locker_id} has room for {self.most_packages} packages")
        if not 0 <= self.drop_s <= LONGEST_SERVICE_S:
            raise ValueError(f"Locker {self.locker_id} has a drop_s below 0 or over a day: {self.drop_s} s")

    def drop(self, stop: Stop) -> Stop:
        """The stop as it is served here; its own windows are those of its door."""
        return replace(
            stop,
            location=self.location,
            service_s=self.drop_s,
            window=self.window,
            other_windows=(),
            locker_ids=(),
            at_locker=self.locker_id,
        )


def drops_of(stops: Iterable[Stop], lockers: Sequence[Locker]) -> list[Stop]:
    """The stops at each of the lockers that they may be dropped at."""
    known = {each.locker_id: each for each in lockers}
    return [known[name].drop(stop) for stop in stops for name in stop.locker_ids if name in known]
