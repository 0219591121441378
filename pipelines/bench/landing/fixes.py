"""Fixes of a fleet as devices send them, the same for the same seed."""

from collections.abc import Iterator

import numpy as np

from pipelines.bench.streams.rounds import CYCLE_S, Scale, make_rounds
from pipelines.bench.streams.wording import fix_messages, vehicle_name

VEHICLES = 2_000
FIX_EVERY_S = 10


def fixes(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Vehicle and message of each fix, in the order of time: the whole fleet every 10 s."""
    turns = -(-count // VEHICLES)
    rounds = make_rounds(Scale(VEHICLES, int(turns * FIX_EVERY_S / CYCLE_S) + 2, seed))
    dice = np.random.default_rng([seed, count])
    vehicles = np.arange(VEHICLES)
    names = [vehicle_name(vehicle) for vehicle in range(VEHICLES)]
    for turn in range(turns):
        at_s = np.full(VEHICLES, turn * FIX_EVERY_S)
        received_s = at_s + dice.uniform(0.2, 1.2, VEHICLES)
        places = rounds.where(vehicles, at_s.astype(np.float64))
        values = fix_messages(dice, vehicles, at_s, received_s, places, np.full(VEHICLES, turn))
        yield from list(zip(names, values, strict=True))[: count - turn * VEHICLES]


def batches(count: int, of: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """The same fixes, ``of`` of them of one vehicle a message; a vehicle's last batch may be smaller."""
    held: dict[str, list[bytes]] = {}
    for vehicle, value in fixes(count, seed):
        messages = held.setdefault(vehicle, [])
        messages.append(value)
        if len(messages) == of:
            yield vehicle, _batch(messages)
            messages.clear()
    yield from ((vehicle, _batch(messages)) for vehicle, messages in held.items() if messages)


def _batch(messages: list[bytes]) -> bytes:
    return b"[" + b",".join(messages) + b"]"
