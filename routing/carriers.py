"""Outside carriers and gig drivers: who else can deliver, for how much."""

from collections.abc import Iterator
from dataclasses import dataclass

from routing.checks import require_amount, require_names
from routing.plan import Location, Stop
from routing.violations import TOLERANCE_LOAD

MOST_HANDED_OVER = 1_000_000_000
"""Nobody takes more stops."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """Somebody outside the fleet who takes deliveries at ``start`` for a price each.

    A delivery costs ``price_per_stop``, ``price_per_package`` for each of its packages, and
    ``price_per_km`` from ``start`` to its address, one way; its CO2e likewise. At most ``most_stops``
    are taken in all, none above ``most_kg_per_stop`` or ``most_m3_per_stop``, and in ``zones`` alone
    where they are named. ``features`` are what stops may require; who doesn't ``keeps_windows`` comes
    when it likes, and takes no stop with a window.
    """

    carrier_id: str
    start: Location
    price_per_stop: float = 0.0
    price_per_package: float = 0.0
    price_per_km: float = 0.0
    currency: str = "EUR"
    co2e_kg_per_stop: float = 0.0
    co2e_kg_per_km: float = 0.0
    most_stops: int | None = None
    most_kg_per_stop: float | None = None
    most_m3_per_stop: float | None = None
    zones: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    keeps_windows: bool = False

    def __post_init__(self) -> None:
        if not self.carrier_id:
            raise ValueError("Carrier has an empty carrier_id")
        noun = f"Carrier {self.carrier_id}"
        require_names(noun, (*self.zones, *self.features))
        for name in ("price_per_stop", "price_per_package", "price_per_km"):
            require_amount(noun, name, getattr(self, name))
        for name in ("co2e_kg_per_stop", "co2e_kg_per_km"):
            require_amount(noun, name, getattr(self, name))
        for name in ("most_kg_per_stop", "most_m3_per_stop"):
            if getattr(self, name) is not None:
                require_amount(noun, name, getattr(self, name))
        if self.most_stops is not None and not 0 <= self.most_stops <= MOST_HANDED_OVER:
            raise ValueError(
                f"{noun} takes at most {self.most_stops} stops: 0 to {MOST_HANDED_OVER} is right"
            )

    def price(self, stop: Stop, way_m: float) -> float:
        """What it asks for a stop so many metres from its start."""
        by_package = self.price_per_package * stop.packages
        return self.price_per_stop + by_package + self.price_per_km * way_m / 1000

    def refusals(self, stop: Stop) -> Iterator[str]:
        """Why it does not take a stop, in words; nothing where it does."""
        if not stop.is_loaded_at_start:
            yield f"carrier {self.carrier_id} takes deliveries from the depot alone"
        if self.zones and stop.zone not in self.zones:
            where = "no zone" if stop.zone is None else f"zone {stop.zone}"
            yield f"carrier {self.carrier_id} does not go to {where}"
        if stop.windows and not self.keeps_windows:
            yield f"carrier {self.carrier_id} keeps no windows"
        if missing := [name for name in stop.requires if name not in self.features]:
            yield f"carrier {self.carrier_id} lacks {', '.join(missing)}"
        for amount, most, unit in (
            (stop.weight_kg, self.most_kg_per_stop, "kg"),
            (stop.volume_m3, self.most_m3_per_stop, "m3"),
        ):
            if most is not None and amount > most + TOLERANCE_LOAD:
                yield f"carrier {self.carrier_id} takes {most:g} {unit} a stop, and not {amount:g} {unit}"
