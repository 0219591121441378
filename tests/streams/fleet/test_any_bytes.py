"""What holds of any bytes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.events.delivery import ScanKind
from streams.judge import DeadLetter, Record
from streams.topics import GPS_FIXES, ROUTES, SCANS, TELEMETRY, TICKS, VEHICLES
from tests.factories import at
from tests.streams.fleet.any_day import STOPS
from tests.streams.fleet.timeline import VEHICLE, Timeline

KNOWN = Timeline()
KNOWN.route(*STOPS.values())
KNOWN.fix("08:00", 500)
KNOWN.scan("08:01", ScanKind.DELIVERED, "o1")
KNOWN.telemetry("08:02")
KNOWN.tick("08:03")
KNOWN.vehicle(60)
MUTABLE = [record.value for record in KNOWN.records]
TOPICS = st.sampled_from([GPS_FIXES, TELEMETRY, SCANS, ROUTES, VEHICLES, TICKS])


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real message with a few bytes replaced, cut out or doubled."""
    value = bytearray(draw(st.sampled_from(MUTABLE)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(0, len(value) - 1)))
        value[place : place + draw(st.integers(0, 3))] = draw(
            st.binary(max_size=3) | st.sampled_from([b"1e308", b"-", b"null", b"[", b'"', b"99999999999"])
        )
    return bytes(value)


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(TOPICS, st.sampled_from([VEHICLE, "A", "v7", None]), mutated() | st.binary(max_size=60)),
        max_size=8,
    )
)
def test_any_bytes_are_taken_or_become_dead_letters_with_their_bytes(
    messages: list[tuple[object, str | None, bytes]],
) -> None:
    line = Timeline()
    line.route(*STOPS.values())

    for number, (topic, key, value) in enumerate(messages):
        name = getattr(topic, "name")  # noqa: B009
        packed_key = None if key is None else key.encode()
        appended_at_ms = int(at("08:05").timestamp() * 1000)
        record = Record(name, 0, number, appended_at_ms, packed_key, value)
        said = line.judge.advance(line.state, record)
        for one in said:
            if isinstance(one, DeadLetter):
                assert one.raw in value
                assert one.reason

    line.tick("08:10")
    line.judge.load(line.judge.save(line.state))
