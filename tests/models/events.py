"""Events of one small day, 2 March 2026, UTC: each factory shows only the field that matters."""

from datetime import UTC, date, datetime
from itertools import count
from uuid import UUID

from streams.events.base import derived_id
from streams.events.delivery import (
    FailureReason,
    OrderEvent,
    OrderKind,
    Package,
    ScanEvent,
    ScanKind,
)
from streams.events.judgements import (
    ClockTick,
    EtaUpdate,
    KnownBy,
    StopEta,
    StopVisit,
    Verdict,
    VerdictKind,
    VisitPhase,
)
from streams.events.reference import DepotRecord, EnergyKind, RateRecord, ShiftRecord, VehicleRecord
from streams.events.telematics import GpsFix, Telemetry

DAY = "2026-03-02"
_NUMBERS = count()


def at(text: str, day: str = DAY) -> datetime:
    """The instant of ``HH:MM`` or ``HH:MM:SS`` on a day, UTC."""
    return datetime.fromisoformat(f"{day}T{text}").replace(tzinfo=UTC)


def fresh_id() -> UUID:
    """An id that no other event has."""
    return derived_id("test", next(_NUMBERS))


def depot(depot_id: str = "north", time_zone: str = "UTC", cutover_hour: int = 0) -> DepotRecord:
    return DepotRecord(
        event_id=fresh_id(),
        source="test",
        effective_at=at("00:00"),
        depot_id=depot_id,
        name=depot_id,
        time_zone=time_zone,
        cutover_hour=cutover_hour,
    )


def vehicle(
    vehicle_id: str = "van",
    vehicle_class: str = "van_class_iii_diesel",
    energy: EnergyKind = EnergyKind.DIESEL,
    depot_id: str = "north",
) -> VehicleRecord:
    return VehicleRecord(
        event_id=fresh_id(),
        source="test",
        effective_at=at("00:00"),
        vehicle_id=vehicle_id,
        depot_id=depot_id,
        vehicle_class=vehicle_class,
        energy=energy,
    )


def rate(vehicle_class: str = "van_class_iii_diesel", currency: str = "EUR", **money: float) -> RateRecord:
    return RateRecord(
        event_id=fresh_id(),
        source="test",
        effective_at=at("00:00"),
        rate_id=f"rate-{vehicle_class}",
        depot_id="north",
        vehicle_class=vehicle_class,
        currency=currency,
        **money,
    )


def shift(
    shift_id: str = "shift",
    vehicle_id: str = "van",
    driver_id: str = "ada",
    starts: str = "08:00",
    ends: str = "16:00",
) -> ShiftRecord:
    return ShiftRecord(
        event_id=fresh_id(),
        source="test",
        effective_at=at("00:00"),
        shift_id=shift_id,
        depot_id="north",
        service_date=date.fromisoformat(DAY),
        vehicle_id=vehicle_id,
        driver_id=driver_id,
        starts_at=at(starts),
        ends_at=at(ends),
    )


def order(
    order_id: str = "o1",
    until: str | None = "12:00",
    opens: str | None = None,
    kind: OrderKind = OrderKind.PLACED,
    ordered: datetime | None = None,
    packages: int = 1,
    promised_day: str | None = None,
    where: tuple[float, float] | None = (52.5, 13.4),
) -> OrderEvent:
    return OrderEvent(
        event_id=fresh_id(),
        source="test",
        received_at=ordered or at("06:00"),
        order_id=order_id,
        depot_id="north",
        kind=kind,
        ordered_at=ordered or at("06:00"),
        promised_from=at(opens) if opens else None,
        promised_until=at(until) if until else None,
        promised_day=date.fromisoformat(promised_day) if promised_day else None,
        stop_id=f"stop-{order_id}",
        lat_deg=where[0] if where else None,
        lon_deg=where[1] if where else None,
        packages=tuple(Package(package_id=f"{order_id}-{n}") for n in range(packages)),
    )


def scan(
    kind: ScanKind,
    when: str,
    order_id: str | None = "o1",
    attempt: int | None = 1,
    vehicle_id: str | None = "van",
    day: str = DAY,
    shift_id: str | None = "shift",
    carrier_id: str | None = None,
) -> ScanEvent:
    is_about_order = kind not in (ScanKind.DEPARTED, ScanKind.ARRIVED)
    return ScanEvent(
        event_id=fresh_id(),
        source="test",
        received_at=at(when, day),
        kind=kind,
        scanned_at=at(when, day),
        vehicle_id=vehicle_id,
        carrier_id=carrier_id,
        depot_id="north",
        shift_id=shift_id,
        stop_id=f"stop-{order_id}" if order_id else None,
        order_id=order_id if is_about_order else None,
        attempt_number=attempt if is_about_order else None,
        failure_reason=FailureReason.NOT_AT_HOME if kind is ScanKind.FAILED else None,
    )


def fix(
    when: str,
    lat_deg: float = 52.5,
    lon_deg: float = 13.4,
    vehicle_id: str = "van",
    day: str = DAY,
    received: str | None = None,
) -> GpsFix:
    return GpsFix(
        event_id=fresh_id(),
        source="test",
        received_at=at(received or when, day),
        vehicle_id=vehicle_id,
        fix_at=at(when, day),
        lat_deg=lat_deg,
        lon_deg=lon_deg,
    )


def telemetry(when: str, vehicle_id: str = "van", day: str = DAY, **counters: float) -> Telemetry:
    return Telemetry(
        event_id=fresh_id(),
        source="test",
        received_at=at(when, day),
        vehicle_id=vehicle_id,
        measured_at=at(when, day),
        **counters,
    )


def visit(
    arrived: str,
    stop_id: str = "stop-o1",
    phase: VisitPhase = VisitPhase.ARRIVED,
    visit_id: str = "v1",
    is_depot: bool = False,
) -> StopVisit:
    return StopVisit(
        event_id=fresh_id(),
        source="test",
        visit_id=visit_id,
        vehicle_id="van",
        depot_id="north",
        stop_id=stop_id,
        phase=phase,
        arrived_at=at(arrived),
        known_by=KnownBy.GPS,
        is_depot=is_depot,
    )


def eta(told: datetime, **stops: tuple[datetime, datetime]) -> EtaUpdate:
    """What was told of the stops of these orders: P50 and P90."""
    return EtaUpdate(
        event_id=fresh_id(),
        source="test",
        vehicle_id="van",
        depot_id="north",
        shift_id="shift",
        plan_revision=1,
        estimated_at=told,
        stops=tuple(
            StopEta(stop_id=f"stop-{name}", p50_at=p50, p90_at=p90) for name, (p50, p90) in stops.items()
        ),
        basis="test",
    )


def verdict(judged: GpsFix, offset: int, kind: VerdictKind, rule: str) -> Verdict:
    return Verdict(
        event_id=fresh_id(),
        source="test",
        topic="gps.fixes",
        partition=0,
        offset=offset,
        index=0,
        kind=kind,
        rule=rule,
        judged_event_id=str(judged.event_id),
    )


def tick(when: str, day: str = DAY) -> ClockTick:
    return ClockTick(event_id=fresh_id(), source="test", now_at=at(when, day))
