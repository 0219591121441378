from streams.codec import encode, valid_events
from streams.events.judgements import ClockTick
from streams.worker.ticks import tick
from tests.factories import at


def test_of_an_array_with_a_bad_element_the_others_are_read() -> None:
    first, second = tick(0, at("09:00")), tick(0, at("09:01"))

    found = valid_events(ClockTick, b"[" + b",".join((encode(first), b'{"now_at":1}', encode(second))) + b"]")

    assert found == [first, second]


def test_what_is_no_event_at_all_is_none() -> None:
    found = [valid_events(ClockTick, value) for value in (b"", b"nonsense", b"[1", b"[]", None)]

    assert found == [[]] * 5
