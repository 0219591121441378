import pytest

from routing.errors import ContractError
from streams.codec import decode, elements, encode
from streams.events.telematics import GpsFix
from streams.judge import DeadLetter, Record
from streams.reason_kinds import ReasonKind, kind_of, without_values
from streams.topics import GPS_FIXES
from streams.validate import read
from tests.streams.lake.records import fix


def refused(data: bytes) -> str:
    with pytest.raises(ContractError) as caught:
        decode(GpsFix, elements(data)[0])
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", ReasonKind.NOT_JSON),
        (b"nonsense", ReasonKind.NOT_JSON),
        (b"[1,", ReasonKind.NOT_JSON),
        (b"{}", ReasonKind.MISSING_FIELD),
        (b'{"event_id": 7}', ReasonKind.WRONG_VALUE),
    ],
)
def test_what_the_codec_says_has_a_kind(data: bytes, kind: ReasonKind) -> None:
    assert kind_of(refused(data)) is kind


@pytest.mark.parametrize(
    ("key", "appended_ms", "kind"),
    [(None, 2e12, ReasonKind.KEY), (b"it is not JSON", 2e12, ReasonKind.KEY), (b"v1", 0, ReasonKind.TIME)],
)
def test_a_wrong_key_and_a_wrong_time_have_their_kinds(
    key: bytes | None, appended_ms: float, kind: ReasonKind
) -> None:
    record = Record(GPS_FIXES.name, 0, 0, int(appended_ms), key, encode(fix(1)))

    (letter,) = read(record, GpsFix)

    assert isinstance(letter, DeadLetter)
    assert kind_of(letter.reason) is kind


def test_words_of_nobody_here_are_of_another_kind() -> None:
    assert kind_of("my own words") is ReasonKind.OTHER


def test_reasons_that_differ_in_their_values_alone_read_the_same() -> None:
    assert without_values(refused(b'{"event_id": 7}')) == without_values(refused(b'{"event_id": "x y"}'))
    assert without_values("key a but vehicle_id b") == without_values("key  but vehicle_id zz")
    assert without_values("the record has no key; it must be the order_id, 9") == (
        "the record has no key; it must be the order_id, …"
    )


def test_reasons_about_different_fields_stay_apart() -> None:
    assert without_values(refused(b"{}")) != without_values(refused(b'{"event_id": 7}'))
