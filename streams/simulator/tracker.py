"""A van's tracker: sees position and counters, reports them by its own schedule, buffers without network."""

from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

import msgspec

from streams.events.base import derived_id
from streams.events.telematics import GpsFix, HarshEvent, HarshKind, Telemetry
from streams.simulator.city import City, Van
from streams.simulator.dice import dice
from streams.simulator.duty import Driver, Phase
from streams.simulator.engine import FITTED_ON, USUAL_MESSAGES, Counters, counters_at_start, run
from streams.simulator.fate import DeadSpot
from streams.simulator.outbox import Message
from streams.simulator.roads import Point
from streams.topics import GPS_FIXES, TELEMETRY, Topic

MOVING_EVERY, PARKED_EVERY = timedelta(seconds=10), timedelta(seconds=60)
TELEMETRY_MOVING, TELEMETRY_ON_DUTY, TELEMETRY_PARKED = (
    timedelta(seconds=30),
    timedelta(seconds=60),
    timedelta(seconds=900),
)
NOISE_M, PARKED_NOISE_M = 3.5, 1.5
LARGEST_BATCH = 50
SOURCE = "tracker"

Observation = GpsFix | Telemetry


class Tracker:
    """The device in one van for one day. Its state moves forward in place, by simulated time alone.

    ``clock_ahead_s`` is how far its clock runs ahead of the true time.
    """

    def __init__(
        self,
        city: City,
        van: Van,
        day: date,
        starts_at: datetime,
        dead_spot: DeadSpot | None,
        clock_ahead_s: float,
    ) -> None:
        self._city, self._van, self._day = city, van, day
        self._dice: Random = dice(city.seed, day, "tracker", van.device_id)
        self._dead_spot = dead_spot
        self._ahead = timedelta(seconds=clock_ahead_s)
        self._seq = max(0, (day - FITTED_ON).days) * USUAL_MESSAGES
        self._buffered: list[Observation] = []
        self._harsh: list[HarshEvent] = []
        self._was_moving = False
        self.counters: Counters = counters_at_start(van, day)
        offset = timedelta(seconds=self._dice.uniform(0, 60))
        self.next_fix_at = starts_at + offset
        self.next_telemetry_at = starts_at + offset

    def watch(self, before: Driver, after: Driver) -> None:
        """Count what lies between two states of the driver."""
        lasted_s = (after.now_at - before.now_at).total_seconds()
        driven_m = after.driven_m - before.driven_m
        if before.is_engine_on and lasted_s > 0:
            idle_s = lasted_s if driven_m == 0.0 else 0.0
            self.counters = run(self.counters, self._van, driven_m, lasted_s, idle_s)
            if driven_m and self._dice.random() < driven_m / 1000 * before.person.harsh_per_km:
                self._harsh.append(self._harsh_event(after.now_at))
        is_moving = after.phase is Phase.DRIVING
        if is_moving != self._was_moving:
            self._was_moving = is_moving
            self.next_fix_at = after.now_at
            self.next_telemetry_at = min(self.next_telemetry_at, after.now_at + TELEMETRY_MOVING)

    @property
    def due_at(self) -> datetime:
        """When the tracker looks next."""
        return min(self.next_fix_at, self.next_telemetry_at)

    def report(self, driver: Driver) -> list[Message]:
        """What it sends at ``driver.now_at``; nothing while it is out of reach, an array afterwards."""
        now_at = driver.now_at
        seen: list[Observation] = []
        if now_at >= self.next_fix_at:
            seen.append(self._fix(driver))
            self.next_fix_at = now_at + (MOVING_EVERY if self._was_moving else PARKED_EVERY)
        if now_at >= self.next_telemetry_at:
            seen.append(self._telemetry(driver))
            self.next_telemetry_at = now_at + self._telemetry_interval(driver)
        if self._is_out_of_reach(now_at):
            self._buffered += seen
            return []
        return [*self._flush(now_at), *(self._message(observation) for observation in seen)]

    def _flush(self, now_at: datetime) -> list[Message]:
        """What was buffered, as arrays, all received now."""
        if not self._buffered:
            return []
        received_at = now_at + timedelta(seconds=self._dice.uniform(0.5, 2.0))
        messages = [
            *self._arrays(GPS_FIXES, GpsFix, received_at),
            *self._arrays(TELEMETRY, Telemetry, received_at),
        ]
        self._buffered = []
        return messages

    def _arrays(
        self, topic: Topic, kind: type[GpsFix] | type[Telemetry], received_at: datetime
    ) -> list[Message]:
        late = [
            msgspec.structs.replace(seen, received_at=received_at)
            for seen in self._buffered
            if isinstance(seen, kind)
        ]
        return [
            Message(received_at, topic, self._van.vehicle_id, tuple(late[start : start + LARGEST_BATCH]))
            for start in range(0, len(late), LARGEST_BATCH)
        ]

    def _message(self, observation: Observation) -> Message:
        topic = GPS_FIXES if isinstance(observation, GpsFix) else TELEMETRY
        return Message(observation.received_at, topic, self._van.vehicle_id, observation)

    def _fix(self, driver: Driver) -> GpsFix:
        draw = self._dice
        noise_m = NOISE_M if self._was_moving else PARKED_NOISE_M
        place = Point(
            driver.place.east_m + draw.gauss(0, noise_m), driver.place.north_m + draw.gauss(0, noise_m)
        )
        location = self._city.plane.location(place)
        return GpsFix(
            event_id=self._next_id(),
            source=SOURCE,
            received_at=self._received_at(driver.now_at),
            device_id=self._van.device_id,
            device_seq=self._seq,
            vehicle_id=self._van.vehicle_id,
            fix_at=driver.now_at + self._ahead,
            lat_deg=location.lat_deg,
            lon_deg=location.lon_deg,
            speed_mps=round(driver.speed_mps, 2),
            heading_deg=round(driver.heading_deg, 1),
            accuracy_m=round(draw.uniform(3, 9), 1),
            ignition_on=driver.is_engine_on,
            odometer_m=round(self.counters.odometer_m, 1),
        )

    def _telemetry(self, driver: Driver) -> Telemetry:
        harsh, self._harsh = tuple(self._harsh), []
        return Telemetry(
            event_id=self._next_id(),
            source=SOURCE,
            received_at=self._received_at(driver.now_at),
            device_id=self._van.device_id,
            device_seq=self._seq,
            vehicle_id=self._van.vehicle_id,
            measured_at=driver.now_at + self._ahead,
            fuel_used_l=_rounded(self.counters.fuel_used_l),
            energy_used_kwh=_rounded(self.counters.energy_used_kwh),
            odometer_m=round(self.counters.odometer_m, 1),
            idle_s=round(self.counters.idle_s, 1),
            engine_rpm=self._rpm(driver),
            speed_mps=round(driver.speed_mps, 2),
            fault_codes=() if driver.fault_code is None else (driver.fault_code,),
            harsh_events=harsh,
        )

    def _rpm(self, driver: Driver) -> float | None:
        if self.counters.fuel_used_l is None:
            return None
        if not driver.is_engine_on:
            return 0.0
        return round(780 + driver.speed_mps * 95 + self._dice.uniform(0, 120))

    def _harsh_event(self, at: datetime) -> HarshEvent:
        kind = self._dice.choice(tuple(HarshKind))
        return HarshEvent(
            kind=kind, happened_at=at + self._ahead, peak_mps2=round(self._dice.uniform(3.5, 6.5), 1)
        )

    def _next_id(self) -> UUID:
        self._seq += 1
        return derived_id("simulated", self._city.seed, self._day, self._van.device_id, self._seq)

    def _received_at(self, now_at: datetime) -> datetime:
        return now_at + timedelta(milliseconds=self._dice.randrange(200, 1500))

    def _telemetry_interval(self, driver: Driver) -> timedelta:
        if not driver.is_on_duty:
            return TELEMETRY_PARKED
        return TELEMETRY_MOVING if self._was_moving else TELEMETRY_ON_DUTY

    def _is_out_of_reach(self, now_at: datetime) -> bool:
        spot = self._dead_spot
        return spot is not None and spot.starts_at <= now_at < spot.ends_at


def _rounded(amount: float | None) -> float | None:
    return None if amount is None else round(amount, 4)
