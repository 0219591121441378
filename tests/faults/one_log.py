"""The known stream as one partition would have it, without Kafka."""

from streams.codec import encode
from streams.judge import Record
from streams.topics import ROUTES, TICKS, VEHICLES, Topic
from tests.faults.known_stream import KnownStream, tick_value

APPENDED_AT_MS = 1_772_438_400_000


def one_log(stream: KnownStream) -> list[Record]:
    """All that is sent, in its order, one record a millisecond."""
    log: list[Record] = []

    def append(topic: Topic, key: str | None, value: bytes) -> None:
        place = (topic.name, 0, len(log), APPENDED_AT_MS + len(log))
        log.append(Record(*place, None if key is None else key.encode(), value))

    for vehicle in stream.vehicles:
        append(VEHICLES, vehicle.vehicle_id, encode(vehicle.vehicle))
        append(ROUTES, vehicle.route.shift_id, encode(vehicle.route))
    for one in stream.slices:
        for message in one.messages:
            append(message.topic, message.key, message.value)
        append(TICKS, None, tick_value(one.now_s, 0))
    return log
