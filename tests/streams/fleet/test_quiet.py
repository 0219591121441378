from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from streams.fleet.quiet import quiet_span

BERLIN = ZoneInfo("Europe/Berlin")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_quiet_hours_go_over_midnight_by_the_local_clock() -> None:
    span = quiet_span(utc("2026-03-02T12:00"), BERLIN, 21, 8)

    assert span == (utc("2026-03-02T20:00"), utc("2026-03-03T07:00"))


def test_quiet_hours_that_are_under_way_are_found_on_either_side_of_midnight() -> None:
    evening = quiet_span(utc("2026-03-02T22:30"), BERLIN, 21, 8)
    morning = quiet_span(utc("2026-03-03T06:59:59"), BERLIN, 21, 8)

    assert evening == morning == (utc("2026-03-02T20:00"), utc("2026-03-03T07:00"))


def test_the_end_of_quiet_hours_is_outside() -> None:
    span = quiet_span(utc("2026-03-03T07:00"), BERLIN, 21, 8)

    assert span[0] == utc("2026-03-03T20:00")


# clocks go forward at 02:00 local on 29 March 2026
def test_the_night_the_clocks_go_forward_is_an_hour_shorter() -> None:
    span = quiet_span(utc("2026-03-28T23:00"), BERLIN, 21, 8)

    assert span == (utc("2026-03-28T20:00"), utc("2026-03-29T06:00"))


def test_quiet_hours_may_lie_within_a_day_and_begin_at_half_past() -> None:
    span = quiet_span(utc("2026-03-02T12:00"), ZoneInfo("UTC"), 12.5, 14)

    assert span == (utc("2026-03-02T12:30"), utc("2026-03-02T14:00"))


def test_the_same_hour_twice_is_no_quiet_hours() -> None:
    now_at = utc("2026-03-02T12:00")

    span = quiet_span(now_at, BERLIN, 8, 8)

    assert span[0] == span[1] > now_at


@given(
    st.integers(0, 10 * 365 * 1440).map(lambda minutes: utc("2020-01-01") + timedelta(minutes=minutes)),
    st.sampled_from(["UTC", "Europe/Berlin", "America/Chicago", "Pacific/Apia", "Asia/Kolkata"]),
    st.integers(0, 24),
    st.integers(0, 24),
)
def test_quiet_hours_end_after_now_and_last_less_than_two_days(
    now_at: datetime, zone: str, from_h: int, until_h: int
) -> None:
    from_at, until_at = quiet_span(now_at, ZoneInfo(zone), from_h, until_h)

    assert from_at <= until_at
    assert until_at > now_at
    assert (until_at - from_at).total_seconds() < 26 * 3600
