"""How long service at a stop takes, where nobody has said so."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from routing.plan import Stop, StopKind
from routing.stops import LONGEST_SERVICE_S


@dataclass(frozen=True, slots=True)
class ServiceTimes:
    """Seconds by what is done at the stop, and for each package after its first.

    The defaults are a plain guess for parcels; a depot that has measured its own says so.
    """

    deliver_s: float = 120.0
    pick_up_s: float = 180.0
    return_s: float = 150.0
    per_package_s: float = 20.0

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value: float = getattr(self, name)
            if not 0 <= value <= LONGEST_SERVICE_S:
                raise ValueError(f"ServiceTimes has a {name} that is negative or over a day: {value}")

    def expected_s(self, stop: Stop) -> float:
        """What the plan says of the stop, else what its kind and packages suggest."""
        if stop.service_s > 0:
            return stop.service_s
        by_kind = {
            StopKind.DELIVER: self.deliver_s,
            StopKind.PICK_UP: self.pick_up_s,
            StopKind.RETURN: self.return_s,
        }
        modelled_s = by_kind[stop.kind] + self.per_package_s * max(0, stop.packages - 1)
        return min(modelled_s, LONGEST_SERVICE_S)

    def filled_in(self, stops: Iterable[Stop]) -> tuple[Stop, ...]:
        """The stops, each with the service time that is expected of it."""
        return tuple(replace(stop, service_s=self.expected_s(stop)) for stop in stops)
