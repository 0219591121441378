"""What goes wrong between a tracker and Kafka, in small seeded shares."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from random import Random

import msgspec

from streams.codec import encode
from streams.events.base import derived_id
from streams.events.telematics import GpsFix
from streams.simulator.city import City, Van
from streams.simulator.dice import dice
from streams.simulator.outbox import Message


class DirtKind(StrEnum):
    """Kinds of dirt, as the truth counts them."""

    DUPLICATE = "duplicate"
    OUT_OF_ORDER = "out_of_order"
    CLOCK_AHEAD = "clock_ahead"
    NULL_ISLAND = "null_island"
    RUBBISH = "rubbish"


DUPLICATE_SHARE, OUT_OF_ORDER_SHARE, NULL_ISLAND_SHARE, RUBBISH_SHARE = 0.003, 0.003, 0.0006, 0.0004
FAST_CLOCK_SHARE = 0.08
NEXT_CENTURY = datetime(2099, 1, 1, tzinfo=UTC)


class Dirt:
    """Spoils a share of the single fixes that pass through it, and counts what it did."""

    def __init__(self, city: City, day: date) -> None:
        self._causes = (city.seed, day, "dirt")
        self._dice_of: dict[str, Random] = {}
        self.counts: Counter[DirtKind] = Counter()

    def spoil(self, message: Message) -> list[Message]:
        """``message`` as it gets to Kafka: mostly as it is, sometimes twice, late, wrong or with rubbish."""
        fix = message.value
        if not isinstance(fix, GpsFix):
            return [message]
        if fix.fix_at > fix.received_at:
            self.counts[DirtKind.CLOCK_AHEAD] += 1
        generator = self._dice_of.get(message.key)
        if generator is None:
            generator = self._dice_of[message.key] = dice(*self._causes, message.key)
        chance = generator.random()
        for kind, share in (
            (DirtKind.DUPLICATE, DUPLICATE_SHARE),
            (DirtKind.OUT_OF_ORDER, OUT_OF_ORDER_SHARE),
            (DirtKind.NULL_ISLAND, NULL_ISLAND_SHARE),
            (DirtKind.RUBBISH, RUBBISH_SHARE),
        ):
            if chance < share:
                self.counts[kind] += 1
                return _spoiled(message, fix, kind, generator)
            chance -= share
        return [message]


def _spoiled(message: Message, fix: GpsFix, kind: DirtKind, generator: Random) -> list[Message]:
    later_at = message.sent_at + timedelta(seconds=generator.uniform(12, 60))
    match kind:
        case DirtKind.DUPLICATE:
            return [message, replace(message, sent_at=later_at)]
        case DirtKind.OUT_OF_ORDER:
            late = msgspec.structs.replace(fix, received_at=later_at)
            return [replace(message, sent_at=later_at, value=late)]
        case DirtKind.NULL_ISLAND:
            lost = msgspec.structs.replace(fix, lat_deg=0.0, lon_deg=0.0)
            return [replace(message, value=lost)]
        case _:
            return [message, replace(message, value=_rubbish(fix, generator))]


def _rubbish(fix: GpsFix, generator: Random) -> bytes:
    """Bytes that break the contract of a fix, in one way or another."""
    own_id = derived_id("rubbish", fix.event_id)
    good = encode(msgspec.structs.replace(fix, event_id=own_id))
    return generator.choice(
        (
            good[: len(good) // 2],
            b"\x00\xfe\xff tracker restarting",
            good.replace(b'"lat_deg":', b'"latitude":'),
            encode(msgspec.structs.replace(fix, event_id=own_id, lat_deg=91.0)),
            encode(msgspec.structs.replace(fix, event_id=own_id, speed_mps=-3.0)),
            encode(msgspec.structs.replace(fix, event_id=own_id, fix_at=NEXT_CENTURY)),
        )
    )


def clock_ahead_s(seed: int, van: Van) -> float:
    """How far this van's tracker runs ahead, seconds: most not at all, few by more than the network takes."""
    generator = dice(seed, "clock", van.device_id)
    return generator.uniform(3, 25) if generator.random() < FAST_CLOCK_SHARE else 0.0
