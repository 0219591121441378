from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from streams.events.base import Event
from streams.judge import Record
from streams.publish import Headers
from streams.topics import DEAD_LETTERS, GPS_FIXES, Topic
from streams.traccar.bridge import Totals, carry
from streams.traccar.fitted import Fitted
from tests.factories import at
from tests.streams.traccar.messages import message


@dataclass
class OnePoll:
    """Messages that are all there was to read."""

    messages: list[bytes]
    commits: int = 0

    def poll(self) -> list[Record] | None:
        appended_at_ms = int(at("09:00:03").timestamp() * 1000)
        records = [
            Record("positions", 0, offset, appended_at_ms, None, value)
            for offset, value in enumerate(self.messages)
        ]
        self.messages = []
        return records or None

    def follow(self, fitted: Fitted) -> None:
        pass

    def commit(self) -> None:
        self.commits += 1


@dataclass
class Sent:
    """The names of the topics that were sent to."""

    topics: list[str] = field(default_factory=list)

    def send(
        self,
        topic: Topic,
        key: str,
        value: Event | Sequence[Event] | bytes,
        partition_key: str | None = None,
        headers: Headers = (),
    ) -> None:
        self.topics.append(topic.name)

    def flush(self) -> None:
        pass


WRONG = message(attributes={"odometer": -5})


@pytest.mark.parametrize(
    "broken",
    [
        WRONG[:-3],
        WRONG.replace(b'"device":', b'"fitted":'),
        WRONG.replace(b'"deviceId"', b'"attributes": {}, "deviceId"'),
    ],
    ids=["cut off", "no device", "attributes twice"],
)
def test_the_bridge_goes_on_after_a_wrong_attribute_in_a_broken_message(broken: bytes) -> None:
    source, sent = OnePoll([broken, message()]), Sent()

    totals = carry(source, sent, lambda: False)

    assert totals == Totals(messages=2, fixes=1, letters=1)
    assert sent.topics == [DEAD_LETTERS.name, GPS_FIXES.name]
    assert source.commits == 1
