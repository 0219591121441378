"""What the worker asks of Kafka beside records, and how it waits for answers."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Protocol

from faust.types import TP

from routing.errors import KafkaUnavailable

log = logging.getLogger(__name__)

ASK_AGAIN_S = 0.5
"""After so long, when Kafka gave no answer."""


class Logs(Protocol):
    """What the lanes need of the consumer."""

    async def begins(self, tps: Iterable[TP]) -> Mapping[TP, int]:
        """Where each log begins. Raises ``KafkaUnavailable``."""
        ...

    async def ends(self, tps: Iterable[TP]) -> Mapping[TP, int]:
        """Where each log ends; horizons follow from it. Raises ``KafkaUnavailable``."""
        ...

    def reached(self, tp: TP) -> int:
        """The offset at which reading goes on."""
        ...

    def hold(self, tps: Iterable[TP]) -> None:
        """Fetch no further."""
        ...

    def release(self, tps: Iterable[TP]) -> None:
        """Fetch again."""
        ...

    def commit_places(self, places: Mapping[TP, int]) -> None:
        """Publish how far we are, soon; for those who measure lag."""
        ...


Ask = Callable[[set[TP]], Awaitable[Mapping[TP, int]]]


async def answered(ask: Ask, tps: set[TP]) -> Mapping[TP, int]:
    """What Kafka answers, asked until it does: a broker that comes back needs some seconds."""
    while True:
        try:
            return await ask(tps)
        except KafkaUnavailable as error:
            log.info("%s", error)
            await asyncio.sleep(ASK_AGAIN_S)
