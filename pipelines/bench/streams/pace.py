"""Sends a fleet's messages after its morning at a given rate: made beforehand, so that sending costs little.

Run as a program of its own, ``python -m pipelines.bench.streams.pace <JSON>``, so that it takes no
turns from those who measure. It prints how many events a second it sent.
"""

import sys
from time import monotonic, sleep

import msgspec

from pipelines.bench.streams.day import Day, Message
from pipelines.bench.streams.filling import TICK_EVERY_S, WARM_S, Filler
from pipelines.bench.streams.kafka import Log
from pipelines.bench.streams.rounds import Scale, make_rounds

TURN_S = 0.005
LINGER_MS = 2


class PacedLoad(msgspec.Struct, frozen=True, kw_only=True):
    """How much to send, how fast, and where to."""

    log: Log
    scale: Scale
    events_per_s: float
    lasts_s: float


Timed = Message | int
"""A message, or the second that a tick tells."""


def main() -> None:
    """Make the messages, then send them."""
    load = msgspec.json.decode(sys.argv[1], type=PacedLoad)
    messages = _make(load)
    filler = Filler(load.log, LINGER_MS)
    began_s = monotonic()
    sent = 0
    while sent < len(messages):
        due = min(len(messages), int((monotonic() - began_s) * load.events_per_s) + 1)
        for message in messages[sent:due]:
            _send(filler, message)
        sent = due
        filler.poll()
        sleep(TURN_S)
    lasted_s = monotonic() - began_s
    filler.flush()
    print(sent / lasted_s)


def _make(load: PacedLoad) -> list[Timed]:
    wanted = int(load.events_per_s * load.lasts_s)
    made: list[Timed] = []
    for ends_s, messages in Day(make_rounds(load.scale), is_batched=False).slices():
        if ends_s <= WARM_S:
            continue
        made += messages
        if ends_s % TICK_EVERY_S == 0:
            made.append(ends_s)
        if len(made) >= wanted:
            break
    return made[:wanted]


def _send(filler: Filler, message: Timed) -> None:
    if isinstance(message, int):
        filler.tell_time(message)
        return
    filler.send_message(message)


if __name__ == "__main__":
    main()
