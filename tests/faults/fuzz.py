"""Messages that are nearly right: real ones, changed by seeded dice in the ways that break parsers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

import msgspec

from streams.codec import encode
from streams.events.base import Event, derived_id
from streams.events.reference import (
    CarrierModel,
    CarrierRecord,
    DeviceRecord,
    DriverRecord,
    RateRecord,
    ShiftRecord,
)
from streams.keys import key_of
from streams.topics import (
    CARRIERS,
    COMMANDS,
    DELAYS,
    DEPOTS,
    DEVICES,
    DRIVERS,
    GPS_FIXES,
    ORDERS,
    PLANS,
    PROGRESS,
    PROPOSALS,
    RATES,
    ROUTES,
    SCANS,
    SHIFTS,
    TELEMETRY,
    TICKS,
    VEHICLES,
    Topic,
)
from tests.factories import DAY, at, route, stop
from tests.faults.fleet_day import Size, depot_record, uuid_text, vehicle_day
from tests.faults.known_stream import OBSERVED, tick_value
from tests.streams.dispatch import world

Json = dict[str, object] | list[object] | str | int | float | bool | None

OBSERVED_SHARE = 0.9
LITERALS = (
    b"null", b"true", b"-", b"-0", b"0.0", b"1e308", b"1e400", b"-1e-400", b"NaN", b"Infinity", b"01",
    b"9223372036854775807", b"9223372036854775808", b"1" * 400, b"1.", b".5", b"[]", b"{}", b'""',
    b'"\\ud800"', b'"\\u0000"', b'"\xff"', b'"\\x"', "\u2028\ufeff".encode(), b"//", b"\x00", b",", b"}",
)  # fmt: skip
"""What is put into the bytes, wherever."""

VALUES: tuple[Json, ...] = (
    None, True, 0, -1, 1.5, -0.0, 1e308, 2**63 - 1, 2**63, -(2**63), 10**30, 90.0000001, 180, 360.1,
    "", " ", "0", "x" * 201, "x" * 200, "\u0000", "\U0001f69a", "é" * 150, [], {}, [None], {"a": {"a": []}},
    "2026-03-02T08:00:00Z", "2026-03-02 08:00:00+00:00", "2026-03-02t08:00:00z", "2026-03-02T08:00:60Z",
    "2026-03-02T08:00:00", "2026-03-02T08:00:00.123456789Z", "2026-03-02T08:00:00+23:59",
    "2026-03-02T24:00:00Z", "2026-02-30T08:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "1969-12-31T23:59:59Z", "2099-01-01T00:00:00Z", "2026-03-02T08:00Z", 1772438400, "1772438400",
    "fa017500-0000-4000-8000-00000000000G", "FA017500000040008000000000000001", "delivered", "failed",
)  # fmt: skip
"""What is put into a field, whichever."""


@dataclass(frozen=True, slots=True)
class Template:
    """A message that is right, and its key."""

    topic: Topic
    key: bytes | None
    value: bytes


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """A message that may be wrong."""

    topic: Topic
    key: bytes | None
    value: bytes


def templates() -> list[Template]:
    """Right messages of every topic that a judge reads, several of what vehicles and scanners send."""
    vehicle = vehicle_day(3, Size(vehicles=4, fixes=20, every_s=20.0, stops=4), seed=1)
    key = vehicle.vehicle_id.encode()
    found = [
        Template(topic, key, reports.build(i, 600.0, 10 * rank + i))
        for rank, (topic, reports) in enumerate(
            zip(OBSERVED, (vehicle.fixes, vehicle.telemetry, vehicle.scans), strict=True)
        )
        for i in range(4)
    ]
    found += [
        Template(GPS_FIXES, key, rich(GPS_FIXES, vehicle.fixes.build(5, 600.0, 77))),
        Template(TELEMETRY, key, rich(TELEMETRY, vehicle.telemetry.build(3, 600.0, 78))),
        Template(SCANS, key, rich(SCANS, vehicle.scans.build(3, 600.0, 79))),
        Template(TICKS, None, tick_value(600.0, 0)),
    ]
    return found + [Template(topic, key_of(event).encode(), encode(event)) for topic, event in _others()]


def rich(topic: Topic, value: bytes) -> bytes:
    """A message with the fields that devices seldom send."""
    more = {
        GPS_FIXES.name: b',"heading_deg":359.9,"ignition_on":true,"odometer_m":12.5,"schema_version":2,'
        b'"new":[1]}',
        TELEMETRY.name: b',"fault_codes":["P0300"],"harsh_events":[{"kind":"braking","happened_at":'
        b'"2026-03-02T08:05:00Z","peak_mps2":4.5}],"cargo_temperature_c":-4.0,"idle_s":3}',
        SCANS.name: b',"package_ids":["a","b"],"lat_deg":52.0,"lon_deg":5.0,"proof_of_delivery":"p"}',
    }
    return value[:-1] + more[topic.name]


def _others() -> list[tuple[Topic, Event]]:
    vehicle = vehicle_day(3, Size(vehicles=4, fixes=20, every_s=20.0, stops=4), seed=1)
    ours = world.World()
    ours.say(world.depot_record(), world.order("o1"), world.command())
    known = {"event_id": derived_id("fuzz"), "source": "fuzz", "effective_at": at("00:00")}
    planned = route(stop("s1", order_ids=("o1",)))
    return [
        (ROUTES, vehicle.route),
        (VEHICLES, vehicle.vehicle),
        (DEVICES, DeviceRecord(**known, device_id="t1", vehicle_id="v1")),
        (DRIVERS, DriverRecord(**known, driver_id="d1", depot_id="D1")),
        (CARRIERS, CarrierRecord(**known, carrier_id="c1", name="C", carrier_model=CarrierModel.GIG)),
        (RATES, RateRecord(**known, rate_id="r1", depot_id="D1", vehicle_class="van", currency="EUR")),
        (
            SHIFTS,
            ShiftRecord(
                **known,
                shift_id="A",
                depot_id="D1",
                service_date=DAY,
                vehicle_id="v1",
                driver_id="d1",
                starts_at=at("08:00"),
                ends_at=at("16:00"),
            ),
        ),
        (DEPOTS, depot_record()),
        (ORDERS, world.order("o1")),
        (COMMANDS, world.command()),
        (COMMANDS, world.approve(world.proposal(ours.pending, planned))),
        (PROGRESS, world.progress(done=["s1"], loaded=["s2"])),
        (DELAYS, world.delay()),
        (PROPOSALS, world.proposal(ours.pending, planned)),
        (PLANS, world.revision(1, None, planned)),
    ]


def fuzzed(count: int, seed: int) -> Iterator[Fuzzed]:
    """So many messages; one in ten is left as it is, but for its event's id."""
    dice = Random(seed)
    known = templates()
    observed = [one for one in known if one.topic in OBSERVED]
    for number in range(count):
        template = dice.choice(observed if dice.random() < OBSERVED_SHARE else known)
        value = template.value
        if dice.random() < 0.8:
            value = value.replace(value[12:50], f'"{uuid_text(10_000 + number)}"'.encode(), 1)
        if dice.random() < 0.9:
            for _ in range(dice.choice((1, 1, 1, 2, 4))):
                value = dice.choice(_CHANGES)(value, dice)
        key = template.key if dice.random() < 0.97 else dice.choice((None, b"", b"v-0001", b"\xff\xfe"))
        yield Fuzzed(template.topic, key, value[:100_000])


def _put_in(value: bytes, dice: Random) -> bytes:
    place = dice.randrange(len(value) + 1)
    return value[:place] + dice.choice(LITERALS) + value[place + dice.choice((0, 0, 1, 5)) :]


def _flip(value: bytes, dice: Random) -> bytes:
    changed = bytearray(value)
    for _ in range(dice.choice((1, 2, 8))):
        if changed:
            changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def _cut(value: bytes, dice: Random) -> bytes:
    return value[: dice.randrange(len(value) + 1)]


def _set_field(value: bytes, dice: Random) -> bytes:
    """One field somewhere gets another value, is gone, or is there under a second name."""
    try:
        message = msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return _flip(value, dice)
    holders = [one for one in _nodes(message) if one]
    if not holders:
        return _put_in(value, dice)
    holder = dice.choice(holders)
    place = dice.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    if dice.random() < 0.15:
        del holder[place]
    elif dice.random() < 0.1 and isinstance(holder, dict):
        holder[f"{place}_"] = holder.pop(place)
    else:
        holder[place] = dice.choice(VALUES)
    return msgspec.json.encode(message)


def _nodes(message: Json) -> Iterator[dict[str, object] | list[object]]:
    if isinstance(message, dict | list):
        yield message
        for inner in message.values() if isinstance(message, dict) else message:
            yield from _nodes(inner)


def _twice(value: bytes, dice: Random) -> bytes:
    """A field that is there twice."""
    comma = value.find(b",", dice.randrange(max(1, len(value))))
    return value if comma < 0 else value[:-1] + value[comma : value.find(b",", comma + 1)] + b"}"


def _escape(value: bytes, dice: Random) -> bytes:
    """A letter of a name or a text as its escape: the same JSON in other bytes."""
    letters = [place for place, byte in enumerate(value) if chr(byte).isalpha() and byte < 128]
    if not letters:
        return value
    place = dice.choice(letters)
    return value[:place] + f"\\u{value[place]:04x}".encode() + value[place + 1 :]


def _blank(value: bytes, dice: Random) -> bytes:
    """White space where JSON allows some, and where it does not."""
    for mark in dice.sample((b",", b":", b"{", b"}", b'"'), 2):
        value = value.replace(mark, mark + dice.choice((b" ", b"\t\r\n", b"\x0b", b"\xc2\xa0")), 1)
    return value


def _in_array(value: bytes, dice: Random) -> bytes:
    others = [
        dice.choice((value, b"{}", b"null", b'"x"', b"[]", b"3", b"[" * 2_000))
        for _ in range(dice.randrange(4))
    ]
    others.insert(dice.randrange(len(others) + 1), value)
    return (
        dice.choice((b"[", b" \n[", b"[ ", b"\xef\xbb\xbf["))
        + b",".join(others)
        + dice.choice((b"]", b"] ", b",]", b""))
    )


_CHANGES: tuple[Callable[[bytes, Random], bytes], ...] = (
    _put_in, _flip, _cut, _set_field, _set_field, _set_field, _twice, _escape, _blank, _in_array,
)  # fmt: skip
