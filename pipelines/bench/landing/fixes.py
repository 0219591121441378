"""Fixes of a fleet as devices send them, the same for the same seed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from streams.codec import encode
from streams.events.telematics import GpsFix

VEHICLES = 2_000
FIX_EVERY_S = 10
DAY = datetime(2026, 3, 2, 8, tzinfo=UTC)


def fixes(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Vehicle and message of each fix, in the order of time; a van moves some 50 m from one to the next."""
    dice = Random(seed)
    places = [(52 + dice.random() * 0.3, 5 + dice.random() * 0.4) for _ in range(VEHICLES)]
    for number in range(count):
        turn, vehicle = divmod(number, VEHICLES)
        lat_deg, lon_deg = places[vehicle]
        places[vehicle] = (lat_deg + dice.gauss(0, 4e-4), lon_deg + dice.gauss(0, 6e-4))
        fix_at = DAY + timedelta(seconds=turn * FIX_EVERY_S, milliseconds=dice.randrange(1000))
        fix = GpsFix(
            event_id=UUID(int=dice.getrandbits(128), version=4),
            source="device-gateway",
            received_at=fix_at + timedelta(milliseconds=dice.randrange(100, 900)),
            device_id=f"device-{vehicle:05d}",
            device_seq=turn,
            vehicle_id=f"vehicle-{vehicle:05d}",
            fix_at=fix_at,
            lat_deg=round(lat_deg, 6),
            lon_deg=round(lon_deg, 6),
            speed_mps=round(dice.random() * 20, 2),
            heading_deg=round(dice.random() * 360, 1),
            accuracy_m=round(2 + dice.random() * 8, 1),
            ignition_on=True,
            odometer_m=round(turn * 55 + dice.random(), 1),
        )
        yield fix.vehicle_id, encode(fix)


def batches(count: int, of: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """The same fixes, ``of`` of them of one vehicle a message."""
    held: dict[str, list[bytes]] = {}
    for vehicle, value in fixes(count, seed):
        messages = held.setdefault(vehicle, [])
        messages.append(value)
        if len(messages) == of:
            yield vehicle, b"[" + b",".join(messages) + b"]"
            messages.clear()
