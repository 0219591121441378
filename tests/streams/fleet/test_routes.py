from collections.abc import Callable
from datetime import timedelta

import pytest

from streams.codec import encode
from streams.events.delivery import ScanKind
from streams.events.judgements import DelayEvent, DelayPhase, VehicleProgress
from streams.judge import Record
from streams.topics import ROUTES, TICKS
from tests.factories import DAY, at, place, route, shift, stop
from tests.streams.fleet.timeline import Timeline, events_of


def test_progress_is_told_with_the_route_and_before_departure_nothing_is_driven_to() -> None:
    line = Timeline()

    line.route(stop("s1", 1000))

    (progress,) = line.progress
    assert (progress.has_departed, progress.next_stop_id, progress.current_stop_id) == (False, None, None)
    assert (progress.free_at, progress.location) == (at("08:00"), place())


def test_progress_follows_the_round() -> None:
    line = Timeline()
    line.route(stop("s1", 1000, service_s=60, order_ids=("o1",)), stop("s2", 3000, order_ids=("o2",)))
    line.park("07:58", 120)
    line.drive("08:00", 0, 1000)
    line.park("08:01:40", 120, 1000)
    line.scan("08:03:50", ScanKind.DELIVERED, "o1")

    seen = [
        (told.has_departed, told.done_stop_ids, told.current_stop_id, told.next_stop_id)
        for told in line.progress
    ]

    assert list(dict.fromkeys(seen)) == [
        (False, (), None, None),
        (True, (), None, "s1"),
        (True, (), "s1", "s2"),
        (True, ("s1",), None, "s2"),
    ]


# scans    L L L L          30 s          a tick
# progress                                |
def test_loaded_scans_are_told_together() -> None:
    line = Timeline()
    line.route(*(stop(f"s{number}", 1000 * number, order_ids=(f"o{number}",)) for number in range(1, 4)))
    for number in range(1, 4):
        line.scan(f"07:30:0{number}", ScanKind.LOADED, f"o{number}")
    before = len(line.progress)

    line.tick("07:30:40")

    assert before == 1
    assert line.progress[-1].loaded_stop_ids == ("s1", "s2", "s3")


def test_progress_is_told_every_five_minutes_of_a_shift() -> None:
    line = Timeline()
    line.route(stop("s1", 1000))

    for minute in range(0, 21):
        line.tick(f"08:{minute:02}")

    assert [f"{told.judged_at:%H:%M}" for told in line.progress] == [
        "06:00",
        "08:00",
        "08:05",
        "08:10",
        "08:15",
        "08:20",
    ]


def test_a_raised_delay_is_followed_by_progress() -> None:
    line = Timeline()
    line.route(stop("s1", 30_000, window=("08:00", "09:00")))
    line.tick("08:00")

    said = line.tick("08:04")

    assert line.delays[-1].phase is DelayPhase.RAISED
    (progress,) = events_of(VehicleProgress, said)
    assert round(progress.delay_s) == 240


def test_a_revision_keeps_what_is_done_and_drops_what_it_drops() -> None:
    line = Timeline()
    first, second, third = (stop(f"s{n}", 2000 * n, order_ids=(f"o{n}",)) for n in (1, 2, 3))
    line.route(first, second)
    line.scan("08:10", ScanKind.DELIVERED, "o1")

    line.route(first, third, revision=2, effective="08:11")
    line.tick("08:11")

    told = line.progress[-1]
    assert (told.plan_revision, told.done_stop_ids, told.next_stop_id) == (2, ("s1",), "s3")


def test_a_revision_counts_from_its_time_and_an_older_one_never() -> None:
    line = Timeline()
    line.route(stop("s1", 1000), revision=2)

    line.route(stop("s9", 1000), revision=1)
    line.route(stop("s3", 1000), revision=3, effective="09:00")
    line.tick("08:59")
    before = line.etas[-1].plan_revision
    line.tick("09:00")

    assert before == 2
    assert (line.etas[-1].plan_revision, line.etas[-1].stops[0].stop_id) == (3, "s3")


# shift A  08:00 |--------------------------------| 16:00
# shift B            planned at 12:00, 14:00 |-----------|
def test_the_next_shift_waits_until_it_begins_or_this_one_is_done() -> None:
    line = Timeline()
    line.route(stop("s1", 1000, order_ids=("o1",)))
    afternoon = shift("B", vehicle=shift("A").vehicle, starts="14:00", ends="20:00")
    line.route(planned=route(stop("s2", 2000), shift=afternoon), effective="12:00")

    line.tick("13:59")
    before = line.progress[-1].shift_id
    line.tick("14:00")

    assert (before, line.progress[-1].shift_id) == ("A", "B")


def test_a_shift_long_past_its_end_is_over_and_its_alerts_are_cleared() -> None:
    line = Timeline()
    line.route(stop("s1", 30_000, window=("08:00", "09:00")))
    line.tick("08:30")

    line.tick("20:01")
    after = len(line.said)
    line.tick("21:00")

    assert [delay.phase for delay in line.delays] == [DelayPhase.RAISED, DelayPhase.CLEARED]
    assert line.delays[-1].evidence == "the shift is long over"
    assert len(line.said) == after


def test_a_deleted_route_is_withdrawn() -> None:
    line = Timeline()
    line.route(stop("s1", 30_000, window=("08:00", "09:00")))
    line.tick("08:30")

    line.send(ROUTES, "A", b"", at("08:31"))

    assert line.delays[-1].evidence == "shift A was withdrawn"
    assert line.state.shifts == {}


def over() -> Timeline:
    """The shift has ended by itself."""
    line = Timeline()
    line.route(stop("s1", 1000), revision=3)
    line.tick("20:01")
    return line


def withdrawn() -> Timeline:
    """The shift was withdrawn, with a revision that was yet to come."""
    line = Timeline()
    line.route(stop("s1", 1000), revision=2)
    line.route(stop("s1", 1000), revision=3, effective="09:00")
    line.send(ROUTES, "A", b"", at("08:31"))
    return line


def restarted(line: Timeline) -> Timeline:
    line.state = line.judge.load(line.judge.save(line.state))
    return line


@pytest.mark.parametrize("ended", [over, withdrawn])
@pytest.mark.parametrize("goes_on", [lambda line: line, restarted], ids=["at once", "after a restart"])
@pytest.mark.parametrize("revision", [2, 3])
def test_a_route_that_comes_again_when_its_shift_has_ended_begins_nothing(
    ended: Callable[[], Timeline], goes_on: Callable[[Timeline], Timeline], revision: int
) -> None:
    line = goes_on(ended())

    said = line.route(stop("s1", 1000), revision=revision)

    assert (said, line.state.shifts, line.state.vehicles) == ([], {}, {})


def test_a_newer_revision_takes_up_a_shift_that_was_withdrawn() -> None:
    line = withdrawn()

    line.route(stop("s1", 1000), revision=4)

    assert line.progress[-1].plan_revision == 4


def test_the_next_days_shift_of_the_same_name_counts_its_own_revisions() -> None:
    line = over()

    line.route(stop("s1", 1000), revision=1, service_date=DAY + timedelta(days=1))

    assert line.progress[-1].plan_revision == 1


def test_time_never_goes_back() -> None:
    line = Timeline()
    line.route(stop("s1", 1000))
    line.tick("08:10")

    said = line.tick("08:05")

    assert said == []
    assert line.state.now_at == at("08:10")


def test_a_route_in_local_time_reads_the_same_after_a_restart() -> None:
    line = Timeline()
    line.tick("06:00")
    line.route(stop("s1", 30_000, window=("08:00", "09:00")))
    local = line.records[-1].value.replace(b"09:00:00Z", b"10:00:00+01:00")
    line = Timeline()
    line.tick("06:00")
    line.send(ROUTES, "A", local, at("06:00"))
    restarted = line.judge.load(line.judge.save(line.state))
    tick = line.records[0].value.replace(b"06:00", b"08:13")
    record = Record(TICKS.name, 0, 9, int(at("08:13").timestamp() * 1000), None, tick)

    before, after = line.judge.advance(line.state, record), line.judge.advance(restarted, record)

    told = [encode(delay) for delay in events_of(DelayEvent, before)]
    assert told == [encode(delay) for delay in events_of(DelayEvent, after)]
    assert b'"closes_at":"2026-03-02T09:00:00Z"' in told[0]
