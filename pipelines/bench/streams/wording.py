"""Columns to the bytes that devices send: the product's own JSON, written by templates.

A msgspec encoder would want an object for each event; three million of them take minutes.
"""

from datetime import timedelta
from functools import lru_cache

import numpy as np

from pipelines.bench.streams.rounds import METRES_PER_DEG, NOISE_M, STARTS_AT, Floats, Ints, Places

SOURCE = "bench"
ARRIVED, DELIVERED = 0, 1


def vehicle_name(vehicle: int) -> str:
    """The id of a vehicle."""
    return f"van-{vehicle:06d}"


def stop_name(vehicle: int, stop: int) -> str:
    """The id of a stop, and of its one order."""
    return f"stop-{vehicle:06d}-{stop:03d}"


@lru_cache(maxsize=100_000)
def second_text(second: int) -> str:
    """A second since the start as ISO 8601, without the zone: a fraction may follow."""
    return (STARTS_AT + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S")


def ids(dice: np.random.Generator, count: int) -> list[str]:
    """Random UUIDs as text."""
    text = dice.bytes(16 * count).hex()
    return [_uuid(text[start : start + 32]) for start in range(0, 32 * count, 32)]


def _uuid(text: str) -> str:
    """32 hexadecimal digits as a UUID of version 4."""
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def received_texts(received_s: Floats) -> list[str]:
    """Moments of receipt, to the millisecond, as msgspec writes them."""
    milliseconds = np.round(received_s * 1000).astype(np.int64)
    seconds, rest = np.divmod(milliseconds, 1000)
    pairs = zip(seconds.tolist(), rest.tolist(), strict=True)
    return [
        f"{second_text(second)}.{rest:03d}000Z" if rest else f"{second_text(second)}Z"
        for second, rest in pairs
    ]


def fix_messages(
    dice: np.random.Generator, vehicle: Ints, at_s: Ints, received_s: Floats, places: Places, seq: Ints
) -> list[bytes]:
    """One ``GpsFix`` for each row."""
    count = len(vehicle)
    noise = dice.normal(0.0, NOISE_M / METRES_PER_DEG, (2, count))
    is_standing = places.speed_mps == 0
    speed = np.where(is_standing, dice.uniform(0.0, 0.3, count), places.speed_mps)
    rows = zip(
        ids(dice, count),
        received_texts(received_s),
        vehicle.tolist(),
        seq.tolist(),
        at_s.tolist(),
        np.round(places.lat_deg + noise[0], 6).tolist(),
        np.round(places.lon_deg + noise[1], 6).tolist(),
        np.round(speed, 2).tolist(),
        np.round(dice.uniform(0.0, 359.9, count), 1).tolist(),
        np.round(dice.uniform(3.0, 12.0, count), 1).tolist(),
        np.round(places.driven_m + 1e6, 1).tolist(),
        strict=True,
    )
    return [
        f'{{"event_id":"{event_id}","source":"{SOURCE}","received_at":"{received}",'
        f'"device_id":"dev-{v:06d}","device_seq":{n},"vehicle_id":"van-{v:06d}",'
        f'"fix_at":"{second_text(at)}Z","lat_deg":{lat},"lon_deg":{lon},"speed_mps":{mps},'
        f'"heading_deg":{heading},"accuracy_m":{accuracy},"ignition_on":true,"odometer_m":{driven}}}'.encode()
        for event_id, received, v, n, at, lat, lon, mps, heading, accuracy, driven in rows
    ]


def telemetry_messages(
    dice: np.random.Generator, vehicle: Ints, at_s: Ints, received_s: Floats, places: Places
) -> list[bytes]:
    """One ``Telemetry`` for each row."""
    rows = zip(
        ids(dice, len(vehicle)),
        received_texts(received_s),
        vehicle.tolist(),
        at_s.tolist(),
        np.round(places.driven_m * 9e-5 + 100.0, 3).tolist(),
        np.round(places.driven_m + 1e6, 1).tolist(),
        np.round(at_s * 0.3, 1).tolist(),
        np.where(places.speed_mps > 0, 1800.0, 750.0).tolist(),
        np.round(places.speed_mps, 2).tolist(),
        strict=True,
    )
    return [
        f'{{"event_id":"{event_id}","source":"{SOURCE}","received_at":"{received}",'
        f'"device_id":"dev-{v:06d}","vehicle_id":"van-{v:06d}","measured_at":"{second_text(at)}Z",'
        f'"fuel_used_l":{fuel},"odometer_m":{driven},"idle_s":{idle},"engine_rpm":{rpm},'
        f'"speed_mps":{mps}}}'.encode()
        for event_id, received, v, at, fuel, driven, idle, rpm, mps in rows
    ]


def scan_messages(
    dice: np.random.Generator, vehicle: Ints, stop: Ints, kind: Ints, at_s: Floats, received_s: Floats
) -> list[bytes]:
    """One ``ScanEvent`` for each row: arrived at a stop, or its order delivered."""
    rows = zip(
        ids(dice, len(vehicle)),
        received_texts(received_s),
        vehicle.tolist(),
        stop.tolist(),
        kind.tolist(),
        at_s.astype(np.int64).tolist(),
        strict=True,
    )
    return [
        f'{{"event_id":"{event_id}","source":"{SOURCE}","received_at":"{received}",'
        f'"kind":"{"arrived" if k == ARRIVED else "delivered"}","scanned_at":"{second_text(at)}Z",'
        f'"vehicle_id":"van-{v:06d}","shift_id":"shift-{v:06d}","stop_id":"{stop_name(v, s)}"'
        f"{_of_order(v, s) if k == DELIVERED else ''}}}".encode()
        for event_id, received, v, s, k, at in rows
    ]


def _of_order(vehicle: int, stop: int) -> str:
    return f',"order_id":"order-{vehicle:06d}-{stop:03d}","attempt_number":1'
