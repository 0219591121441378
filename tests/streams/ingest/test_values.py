import math
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from streams.ingest.units import UNITS
from streams.ingest.values import (
    Unmappable,
    is_empty,
    to_day,
    to_instant,
    to_number,
    to_text,
    to_truth,
    to_whole_number,
)

CHICAGO = ZoneInfo("America/Chicago")
ZONES = st.sampled_from(
    ["America/Chicago", "America/Sao_Paulo", "Europe/London", "Asia/Kathmandu", "Australia/Lord_Howe"]
).map(ZoneInfo)


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize("value", [None, "", "  ", float("nan")])
def test_nothing_is_empty(value: object) -> None:
    assert is_empty(value)


@pytest.mark.parametrize("value", [0, 0.0, False, "0", "null"])
def test_zero_is_something(value: object) -> None:
    assert not is_empty(value)


@given(ZONES, st.datetimes(datetime(1900, 1, 1), datetime(2037, 1, 1)))  # noqa: DTZ001 - UTC comes next
def test_an_instant_shown_on_a_local_clock_comes_back(zone: ZoneInfo, moment: datetime) -> None:
    # Offsets of the time before 1970 may have seconds, which ISO 8601 in UTC doesn't care about.
    instant = moment.replace(tzinfo=UTC, microsecond=0)
    shown = instant.astimezone(zone)
    assume(shown.fold == 0)

    read = to_instant(zone, None)(shown.replace(tzinfo=None).isoformat(sep=" "))

    assert read == instant


@given(ZONES, st.integers(0, 4_000_000_000))
def test_an_instant_with_its_offset_needs_no_zone(zone: ZoneInfo, seconds: int) -> None:
    instant = datetime.fromtimestamp(seconds, UTC)

    assert to_instant(None, None)(instant.astimezone(zone).isoformat()) == instant
    assert to_instant(zone, "unix_s")(str(seconds)) == instant
    assert to_instant(zone, "unix_ms")(seconds * 1000) == instant


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_unmappable(text: str) -> None:
    for pattern in (None, "%d/%m/%Y %H:%M", "unix_s"):
        try:
            instant = to_instant(CHICAGO, pattern)(text)
        except Unmappable:
            continue
        assert isinstance(instant, datetime)
        assert instant.utcoffset() == timedelta(0)


def test_a_local_time_that_the_clocks_skipped_is_unmappable() -> None:
    with pytest.raises(Unmappable, match=r"clocks of America/Chicago skipped: '2025-03-09 02:30:00'"):
        to_instant(CHICAGO, None)("2025-03-09 02:30:00")


def test_of_a_local_time_shown_twice_the_first_counts() -> None:
    # 2025-11-02: 01:59:59 CDT (-05:00) is followed by 01:00:00 CST (-06:00)
    assert to_instant(CHICAGO, None)("2025-11-02 01:30") == utc(2025, 11, 2, 6, 30)


@pytest.mark.parametrize(
    ("value", "pattern", "instant"),
    [
        ("09/12/2025 11:34 PM", "%m/%d/%Y %I:%M %p", utc(2025, 9, 13, 4, 34)),
        ("2025-09-12T11:34:00+02:00", "%Y-%m-%dT%H:%M:%S%z", utc(2025, 9, 12, 9, 34)),
        (datetime(2025, 9, 12, 11, 34), None, utc(2025, 9, 12, 16, 34)),  # noqa: DTZ001 - local, as in a file
        (date(2025, 9, 12), None, utc(2025, 9, 12, 5)),
        ("1899-12-30", None, utc(1899, 12, 30, 6)),
    ],
)
def test_times_come_as_files_have_them(value: object, pattern: str | None, instant: datetime) -> None:
    assert to_instant(CHICAGO, pattern)(value) == instant


@pytest.mark.parametrize(
    ("value", "pattern", "says"),
    [
        ("yesterday", None, "not a time written as ISO 8601: 'yesterday'"),
        ("2025-09-12", "%d.%m.%Y", r"not a time written as %d.%m.%Y"),
        ("x", "unix_s", "not a number"),
        ("1e300", "unix_s", "outside the calendar"),
        ("0001-01-01T00:00:00+14:00", None, "outside the calendar"),
    ],
)
def test_what_is_no_time_says_why(value: str, pattern: str | None, says: str) -> None:
    with pytest.raises(Unmappable, match=says):
        to_instant(CHICAGO, pattern)(value)


def test_a_local_time_without_any_zone_is_unmappable() -> None:
    with pytest.raises(Unmappable, match="names no time_zone"):
        to_instant(None, None)("2025-09-12 11:34")


def test_a_day_is_the_one_that_is_written() -> None:
    assert to_day(CHICAGO, None)("2017-10-18 00:00:00") == date(2017, 10, 18)
    assert to_day(CHICAGO, None)(date(2017, 10, 18)) == date(2017, 10, 18)
    assert to_day(CHICAGO, None)("2017-10-18T03:00:00Z") == date(2017, 10, 17)
    assert to_day(None, "%d.%m.%y")("18.10.17") == date(2017, 10, 18)


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(sorted(UNITS)))
def test_a_number_is_finite_and_the_same_as_text(value: float, unit: str) -> None:
    convert = to_number(UNITS[unit])
    try:
        number = convert(value)
    except Unmappable:
        assert abs(value) > 1e300
        return

    assert isinstance(number, float)
    assert math.isfinite(number)
    assert convert(repr(value)) == number


@pytest.mark.parametrize("value", ["abc", "1_000", "inf", "1e999", "0x10", "1,5", 10**400])
def test_what_is_no_finite_number_is_unmappable(value: object) -> None:
    with pytest.raises(Unmappable, match="not a"):
        to_number(None)(value)


def test_whole_numbers_truths_and_texts() -> None:
    assert to_whole_number("3.0") == 3
    with pytest.raises(Unmappable, match="not a whole number"):
        to_whole_number("3.5")
    assert (to_truth(True), to_truth("No"), to_truth("1")) == (True, False, True)
    with pytest.raises(Unmappable, match="neither of true, 1, yes"):
        to_truth("maybe")
    assert (to_text(2325.0), to_text(" a b "), to_text(7)) == ("2325", "a b", "7")
