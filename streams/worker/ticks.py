"""The worker's clock: in live operation it sends the time to the partitions that it judges."""

from collections.abc import Iterable
from datetime import datetime

from streams.codec import encode
from streams.events.base import derived_id
from streams.events.judgements import ClockTick
from streams.topics import TICKS
from streams.worker.outbox import Outbox

SOURCE = "worker"


def tick(partition: int, now_at: datetime) -> ClockTick:
    """The time for one partition number."""
    return ClockTick(event_id=derived_id("tick", partition, now_at), source=SOURCE, now_at=now_at)


def send_ticks(outbox: Outbox, partitions: Iterable[int], now_at: datetime) -> None:
    """Tell ``partitions`` the time; whoever judges a partition number sends its tick."""
    for partition in partitions:
        outbox.send_to(TICKS, partition, None, encode(tick(partition, now_at)))
