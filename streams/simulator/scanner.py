"""A driver's scanner: turns what happens into scans, and sometimes forgets an arrival."""

from datetime import date, timedelta

from streams.events.base import derived_id
from streams.events.delivery import ScanEvent, ScanKind
from streams.simulator.city import City, Van
from streams.simulator.demand import Order
from streams.simulator.dice import dice
from streams.simulator.duty import Driver, Happening, What
from streams.simulator.engine import FITTED_ON
from streams.simulator.outbox import Message
from streams.simulator.roads import Point
from streams.topics import SCANS

KINDS = {
    What.LOADED: ScanKind.LOADED,
    What.DEPARTED: ScanKind.DEPARTED,
    What.ARRIVED: ScanKind.ARRIVED,
    What.DELIVERED: ScanKind.DELIVERED,
    What.FAILED: ScanKind.FAILED,
    What.RETURNED: ScanKind.RETURNED,
}
FORGOTTEN_ARRIVALS = 0.12
NOISE_M = 6.0
USUAL_SCANS = 1_000


class Scanner:
    """The scanner of one van for one day; it counts its scans in place."""

    def __init__(self, city: City, van: Van, day: date) -> None:
        self._city, self._van, self._day = city, van, day
        self._dice = dice(city.seed, day, "scanner", van.scanner_id)
        self._seq = max(0, (day - FITTED_ON).days) * USUAL_SCANS

    def scan(self, happening: Happening, driver: Driver, order: Order | None) -> Message | None:
        """The scan of ``happening``; ``None`` where nothing is scanned, or somebody forgot to."""
        kind = KINDS.get(happening.what)
        if kind is None or (kind is ScanKind.ARRIVED and self._dice.random() < FORGOTTEN_ARRIVALS):
            return None
        event = self._event(kind, happening, driver, order)
        return Message(event.received_at, SCANS, self._van.vehicle_id, event)

    def _event(self, kind: ScanKind, happening: Happening, driver: Driver, order: Order | None) -> ScanEvent:
        self._seq += 1
        event_id = derived_id("simulated", self._city.seed, self._day, self._van.scanner_id, self._seq)
        is_attempt = kind in (ScanKind.DELIVERED, ScanKind.FAILED)
        location = self._city.plane.location(
            Point(
                driver.place.east_m + self._dice.gauss(0, NOISE_M),
                driver.place.north_m + self._dice.gauss(0, NOISE_M),
            )
        )
        return ScanEvent(
            event_id=event_id,
            source="scanner",
            received_at=happening.at + timedelta(milliseconds=self._dice.randrange(300, 2500)),
            device_id=self._van.scanner_id,
            device_seq=self._seq,
            kind=kind,
            scanned_at=happening.at,
            vehicle_id=self._van.vehicle_id,
            depot_id=self._van.depot_id,
            shift_id=driver.shift.shift_id,
            driver_id=driver.shift.driver_id,
            stop_id=None if happening.stop is None else happening.stop.stop_id,
            order_id=happening.order_id,
            package_ids=() if order is None else tuple(parcel.package_id for parcel in order.parcels),
            attempt_number=1 if is_attempt else None,
            failure_reason=happening.reason,
            proof_of_delivery=f"pod-{event_id.hex[:16]}" if kind is ScanKind.DELIVERED else None,
            lat_deg=location.lat_deg,
            lon_deg=location.lon_deg,
        )
