"""Plays a vehicle's day to the fleet judge, by the clock, and sorts what it says."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

import msgspec
from msgspec.structs import replace

from routing.plan import Route, Stop
from streams.codec import decode, encode
from streams.events.base import Event
from streams.events.delivery import FailureReason, ScanEvent, ScanKind
from streams.events.dispatch import RouteAssignment
from streams.events.judgements import (
    AlertKind,
    ClockTick,
    DelayEvent,
    EtaUpdate,
    FleetAlert,
    StopVisit,
    VehicleProgress,
    Verdict,
)
from streams.events.notices import CustomerNotice
from streams.events.reference import DeviceRecord, EnergyKind, VehicleRecord
from streams.events.telematics import GpsFix, Telemetry
from streams.fleet.eta_text import PackedEtaUpdate
from streams.fleet.judge import FleetJudge
from streams.fleet.state import FleetState
from streams.judge import DeadLetter, Emission, Record
from streams.topics import DEVICES, GPS_FIXES, ROUTES, SCANS, TELEMETRY, TICKS, VEHICLES, Topic
from tests.factories import DAY, TRAVEL, at, place, route, shift

E = TypeVar("E", bound=Event)

VEHICLE = "v-A"
"""The vehicle of shift ``A`` in the factories."""


def moment(clock: str | datetime) -> datetime:
    return at(clock) if isinstance(clock, str) else clock


def later(clock: str | datetime, seconds: float) -> datetime:
    return moment(clock) + timedelta(seconds=seconds)


class Timeline:
    """One partition with its judge; each call is one Kafka record, and returns what it led to."""

    def __init__(self, judge: FleetJudge | None = None) -> None:
        self.judge = judge or FleetJudge()
        self.state: FleetState = self.judge.fresh(0)
        self.records: list[Record] = []
        self.said: list[Emission | DeadLetter] = []
        self._numbers = 0

    def next_id(self) -> UUID:
        self._numbers += 1
        return UUID(int=self._numbers)

    def send(
        self, topic: Topic, key: str | None, value: bytes, appended_at: datetime
    ) -> list[Emission | DeadLetter]:
        """Judge raw bytes as the next record."""
        appended_at_ms = int(appended_at.timestamp() * 1000)
        packed_key = None if key is None else key.encode()
        record = Record(topic.name, 0, len(self.records), appended_at_ms, packed_key, value)
        self.records.append(record)
        said = self.judge.advance(self.state, record)
        self.said += said
        return said

    def tick(self, clock: str | datetime) -> list[Emission | DeadLetter]:
        event = ClockTick(event_id=self.next_id(), source="clock", now_at=moment(clock))
        return self.send(TICKS, None, encode(event), moment(clock))

    def route(
        self,
        *stops: Stop,
        revision: int = 1,
        effective: str = "06:00",
        planned: Route | None = None,
        time_zone: str = "UTC",
        service_date: date = DAY,
    ) -> list[Emission | DeadLetter]:
        """Assign shift ``A`` (08:00 to 16:00) the stops in this order; the clock runs by then."""
        if self.state.now_at is None:
            self.tick(effective)
        driven = planned or route(*stops, shift=shift())
        event = RouteAssignment(
            event_id=self.next_id(),
            source="dispatch",
            depot_id="D1",
            service_date=service_date,
            vehicle_id=driven.shift.vehicle.vehicle_id,
            shift_id=driven.shift.shift_id,
            revision=revision,
            effective_at=at(effective),
            route=driven,
            travel=TRAVEL,
            time_zone=time_zone,
        )
        return self.send(ROUTES, event.shift_id, encode(event), at(effective))

    def vehicle(
        self, reporting_interval_s: float = 60.0, effective: str = "00:00", **changes: object
    ) -> None:
        event = VehicleRecord(
            event_id=self.next_id(),
            source="fleet system",
            effective_at=at(effective),
            vehicle_id=VEHICLE,
            depot_id="D1",
            vehicle_class="van",
            energy=EnergyKind.DIESEL,
            reporting_interval_s=reporting_interval_s,
        )
        self.send(VEHICLES, VEHICLE, encode(replace(event, **changes)), at("00:00"))

    def device(
        self,
        device_id: str,
        reporting_interval_s: float | None = None,
        effective: str = "00:00",
        vehicle_id: str = VEHICLE,
    ) -> None:
        """The device is fitted to the vehicle."""
        event = DeviceRecord(
            event_id=self.next_id(),
            source="fleet system",
            effective_at=at(effective),
            device_id=device_id,
            vehicle_id=vehicle_id,
            reporting_interval_s=reporting_interval_s,
        )
        self.send(DEVICES, device_id, encode(event), at("00:00"))

    def make_fix(
        self,
        clock: str | datetime,
        east_m: float = 0.0,
        north_m: float = 0.0,
        speed_mps: float | None = 0.0,
        **changes: object,
    ) -> GpsFix:
        where = place(east_m, north_m)
        fix = GpsFix(
            event_id=self.next_id(),
            source="device",
            received_at=moment(clock),
            vehicle_id=VEHICLE,
            fix_at=moment(clock),
            lat_deg=where.lat_deg,
            lon_deg=where.lon_deg,
            speed_mps=speed_mps,
        )
        return replace(fix, **changes)

    def fix(
        self,
        clock: str | datetime,
        east_m: float = 0.0,
        north_m: float = 0.0,
        speed_mps: float | None = 0.0,
        **changes: object,
    ) -> list[Emission | DeadLetter]:
        return self.send_fixes(self.make_fix(clock, east_m, north_m, speed_mps, **changes))

    def send_fixes(self, *fixes: GpsFix) -> list[Emission | DeadLetter]:
        """One record: the fix alone, or a device's batch."""
        value = encode(fixes[0]) if len(fixes) == 1 else msgspec.json.encode(list(fixes))
        return self.send(GPS_FIXES, fixes[0].vehicle_id, value, fixes[-1].received_at)

    def park(
        self, start: str | datetime, duration_s: float, east_m: float = 0.0, every_s: float = 30
    ) -> None:
        """Stand still, with a fix every so often, the last one at the end."""
        for passed_s in range(0, int(duration_s) + 1, int(every_s)):
            self.fix(later(start, passed_s), east_m)

    def drive(
        self, start: str | datetime, from_m: float, to_m: float, speed_mps: float = 10.0, every_s: float = 10
    ) -> datetime:
        """Drive along the east axis; returns the moment of arrival, which has no fix of its own."""
        duration_s = abs(to_m - from_m) / speed_mps
        for passed_s in range(int(every_s), int(duration_s), int(every_s)):
            self.fix(
                later(start, passed_s), from_m + (to_m - from_m) * passed_s / duration_s, speed_mps=speed_mps
            )
        return later(start, duration_s)

    def scan(
        self, clock: str | datetime, kind: ScanKind, order_id: str | None = None, **changes: object
    ) -> list[Emission | DeadLetter]:
        scan = ScanEvent(
            event_id=self.next_id(),
            source="scanner",
            received_at=moment(clock),
            kind=kind,
            scanned_at=moment(clock),
            vehicle_id=VEHICLE,
            order_id=order_id,
            failure_reason=FailureReason.NOT_AT_HOME if kind is ScanKind.FAILED else None,
        )
        scan = replace(scan, **changes)
        return self.send(SCANS, scan.vehicle_id or scan.carrier_id, encode(scan), scan.received_at)

    def telemetry(self, clock: str | datetime, **changes: object) -> list[Emission | DeadLetter]:
        event = Telemetry(
            event_id=self.next_id(),
            source="device",
            received_at=moment(clock),
            vehicle_id=VEHICLE,
            measured_at=moment(clock),
        )
        event = replace(event, **changes)
        return self.send(TELEMETRY, VEHICLE, encode(event), event.received_at)

    def events(self, event_type: type[E]) -> list[E]:
        return events_of(event_type, self.said)

    @property
    def visits(self) -> list[StopVisit]:
        """What was said of stops; depot visits are left out."""
        return [visit for visit in self.events(StopVisit) if not visit.is_depot]

    @property
    def depot_visits(self) -> list[StopVisit]:
        return [visit for visit in self.events(StopVisit) if visit.is_depot]

    @property
    def etas(self) -> list[EtaUpdate]:
        """As their readers get them."""
        return [decode(EtaUpdate, encode(update)) for update in self.events(PackedEtaUpdate)]

    @property
    def delays(self) -> list[DelayEvent]:
        return self.events(DelayEvent)

    @property
    def alerts(self) -> list[FleetAlert]:
        return self.events(FleetAlert)

    def alerts_of(self, kind: AlertKind) -> list[FleetAlert]:
        """What was told of one kind, in order."""
        return [alert for alert in self.alerts if alert.kind is kind]

    @property
    def notices(self) -> list[CustomerNotice]:
        return self.events(CustomerNotice)

    @property
    def progress(self) -> list[VehicleProgress]:
        return self.events(VehicleProgress)

    @property
    def verdicts(self) -> list[Verdict]:
        return self.events(Verdict)

    @property
    def dead_letters(self) -> list[DeadLetter]:
        return [said for said in self.said if isinstance(said, DeadLetter)]


def events_of(event_type: type[E], said: Sequence[Emission | DeadLetter]) -> list[E]:
    return [one.event for one in said if isinstance(one, Emission) and isinstance(one.event, event_type)]
