from datetime import timedelta

import pytest
from msgspec.structs import replace

from routing.plan import StopKind
from streams.events.delivery import FailureReason, ScanKind
from streams.events.notices import CustomerChoice, CustomerNotice, NoticeKind
from tests.factories import at, stop
from tests.streams.fleet.timeline import Timeline, later

OUT, NEXT = NoticeKind.OUT_FOR_DELIVERY, NoticeKind.NEXT_STOP
CHANGED, DELIVERED, FAILED = NoticeKind.ETA_CHANGED, NoticeKind.DELIVERED, NoticeKind.FAILED


def told(line: Timeline) -> list[tuple[str, NoticeKind]]:
    return [(notice.order_id, notice.kind) for notice in line.notices]


def of(line: Timeline, kind: NoticeKind) -> list[CustomerNotice]:
    return [notice for notice in line.notices if notice.kind is kind]


def two_stops(time_zone: str = "UTC") -> Timeline:
    """s1 is 6 km out (two orders), s2 12 km; the vehicle is at its depot until 08:00."""
    line = Timeline()
    line.route(
        stop("s1", 6_000, order_ids=("o1", "o2"), service_s=120),
        stop("s2", 12_000, order_ids=("o3",), service_s=120),
        time_zone=time_zone,
    )
    line.park("07:58", 120)
    return line


def test_customers_are_told_at_departure_and_the_first_that_they_are_next() -> None:
    line = two_stops()
    before = told(line)

    line.drive("08:00", 0, 3000)

    assert before == []
    assert told(line) == [("o1", OUT), ("o1", NEXT), ("o2", OUT), ("o2", NEXT), ("o3", OUT)]
    last = line.notices[-1]
    assert last.eta_from is not None
    assert last.eta_until is not None
    assert at("08:20") < last.eta_from < last.eta_until < at("08:30")
    assert (last.depot_id, last.send_from) == ("D1", None)


def test_the_next_customer_is_told_when_the_stop_before_is_done() -> None:
    line = two_stops()
    line.drive("08:00", 0, 6000)
    line.park("08:10", 180, 6000)

    line.scan("08:13", ScanKind.DELIVERED, "o1")
    line.scan("08:13:30", ScanKind.DELIVERED, "o2", proof_of_delivery="photo-7")

    assert told(line)[5:] == [("o1", DELIVERED), ("o2", DELIVERED), ("o3", NEXT)]
    assert line.notices[6].proof_of_delivery == "photo-7"


# told at 08:00: s2 at 08:22 | stands on the road from 08:05: 15 min later, and half an hour after the first
def test_an_eta_that_moved_by_over_a_quarter_of_an_hour_is_told_at_most_every_half_hour() -> None:
    line = two_stops()
    line.drive("08:00", 0, 3000)

    line.park("08:05", 4500, 3000)

    changed = [notice for notice in of(line, CHANGED) if notice.order_id == "o3"]
    assert len(changed) == 2
    first, second = changed
    assert timedelta(minutes=30) <= first.judged_at - at("08:00") <= timedelta(minutes=33)
    assert second.judged_at - first.judged_at >= timedelta(minutes=30)
    assert second.notice_id != first.notice_id


# departs 08:00, last heard 08:04:50 | silent from 08:10 | heard again 09:30 at 4 km, late by over an hour
def test_nobody_is_told_what_is_only_reckoned_of_a_silent_vehicle() -> None:
    line = two_stops()
    line.drive("08:00", 0, 3000)
    before = told(line)
    for minutes in range(6, 90):
        line.tick(later("08:00", 60 * minutes))
    silent = told(line)

    line.drive("09:30", 3000, 4000)

    assert silent == before
    changed = of(line, CHANGED)
    assert {notice.order_id for notice in changed} == {"o1", "o2", "o3"}
    assert {notice.judged_at for notice in changed} == {at("09:30:10")}


# last fix 08:04:50; s3 joins the route at 08:08; the next fix is where the vehicle was reckoned to be
def test_what_was_held_back_is_told_with_the_next_fix() -> None:
    line = two_stops()
    line.drive("08:00", 0, 3000)
    line.telemetry("08:07")
    before = told(line)

    line.route(
        stop("s1", 6_000, order_ids=("o1", "o2"), service_s=120),
        stop("s2", 12_000, order_ids=("o3",), service_s=120),
        stop("s3", 30_000, order_ids=("o4",)),
        revision=2,
        effective="08:08",
    )
    line.tick("08:08")
    held_back = told(line)
    line.fix("08:08:10", 4900, speed_mps=10)

    assert held_back == before
    assert told(line)[len(before) :] == [("o4", OUT)]


# serves s1 and is back at its depot at 08:23, where it may be silent; a third stop joins the route at 08:40
def test_what_is_held_back_has_time_wake_nobody() -> None:
    line = two_stops()
    line.drive("08:00", 0, 6000)
    line.park("08:10", 180, 6000)
    line.scan("08:12", ScanKind.DELIVERED, "o1")
    line.scan("08:12:30", ScanKind.DELIVERED, "o2")
    line.drive("08:13", 6000, 0)
    line.park("08:23", 300, 0)
    before = told(line)

    line.route(
        stop("s1", 6_000, order_ids=("o1", "o2"), service_s=120),
        stop("s2", 12_000, order_ids=("o3",), service_s=120),
        stop("s3", 30_000, order_ids=("o4",)),
        revision=2,
        effective="08:40",
    )
    looks = set()
    for seconds in range(600):
        line.tick(later("08:40", seconds))
        looks.add(line.state.records[0]["attention_us"])
    held_back = told(line)
    line.fix("08:50", 0)

    assert len(looks) < 10
    assert held_back == before
    assert ("o4", OUT) in told(line)[len(before) :]


def test_scans_tell_of_a_vehicle_that_sends_no_fixes() -> None:
    line = two_stops()
    line.drive("08:00", 0, 6000)
    for minutes in range(10, 21):
        line.tick(f"08:{minutes}")

    line.scan("08:20:30", ScanKind.DELIVERED, "o1")
    line.scan("08:21", ScanKind.DELIVERED, "o2")

    assert ("o3", NEXT) in told(line)


# heard every hour: by ticks alone its P50 passes, then its P90
def test_an_eta_never_ends_before_it_begins() -> None:
    line = Timeline()
    line.vehicle(reporting_interval_s=3600.0)
    line.route(stop("s1", 6_000, order_ids=("o1",)), stop("s2", 12_000, order_ids=("o3",)))
    line.park("07:58", 120)
    line.drive("08:00", 0, 3000)

    for count in range(12, 360):
        line.tick(later("08:00", 20 * count))

    etas = [(notice.eta_from, notice.eta_until) for notice in of(line, CHANGED)]
    assert etas
    assert all(eta_from and eta_until and eta_from <= eta_until for eta_from, eta_until in etas)


def test_an_eta_that_only_gets_surer_is_no_news() -> None:
    line = Timeline()
    line.route(stop("s1", 60_000, order_ids=("o1",)))
    line.park("07:58", 120)

    line.drive("08:00", 0, 60_000, every_s=60)

    assert told(line) == [("o1", OUT), ("o1", NEXT)]


def test_a_failed_attempt_comes_with_the_choices() -> None:
    line = two_stops()

    line.scan("08:20", ScanKind.FAILED, "o1", attempt_number=1)
    line.scan("08:40", ScanKind.FAILED, "o1", attempt_number=2)

    first, second = of(line, FAILED)
    assert first.choices == tuple(CustomerChoice)
    assert first.notice_id != second.notice_id


@pytest.mark.parametrize("numbers", [(None, 1), (1, None), (None, None), (2, None)])
def test_an_attempt_without_its_number_is_the_newest_that_was_told(numbers: tuple[int | None, ...]) -> None:
    line = two_stops()

    for minutes, number in enumerate(numbers, 20):
        line.scan(f"08:{minutes}", ScanKind.FAILED, "o1", attempt_number=number)

    assert len(of(line, FAILED)) == 1


def test_a_first_attempt_without_a_number_is_not_the_second() -> None:
    line = two_stops()

    line.scan("08:20", ScanKind.FAILED, "o1")
    line.scan("08:40", ScanKind.FAILED, "o1", attempt_number=2)

    assert len(of(line, FAILED)) == 2


@pytest.mark.parametrize(
    ("reason", "missing"),
    [
        (FailureReason.NOT_AT_HOME, set()),
        (FailureReason.NO_ACCESS, {CustomerChoice.SAFE_PLACE}),
        (
            FailureReason.REFUSED,
            {CustomerChoice.SAFE_PLACE, CustomerChoice.LOCKER, CustomerChoice.PICKUP_POINT},
        ),
    ],
)
def test_the_choices_are_those_that_the_reason_leaves(
    reason: FailureReason, missing: set[CustomerChoice]
) -> None:
    line = two_stops()

    line.scan("08:20", ScanKind.FAILED, "o1", failure_reason=reason)

    assert set(of(line, FAILED)[0].choices) == set(CustomerChoice) - missing


def test_an_outcome_scanned_twice_is_told_once() -> None:
    line = two_stops()

    line.scan("08:20", ScanKind.DELIVERED, "o1")
    line.scan("08:21", ScanKind.DELIVERED, "o1")
    line.scan("08:22", ScanKind.FAILED, "o1")

    assert [kind for order_id, kind in told(line) if order_id == "o1"] == [DELIVERED]


def test_a_scan_that_comes_half_an_hour_late_tells_nobody() -> None:
    line = two_stops()

    line.scan("08:20", ScanKind.DELIVERED, "o1", received_at=at("08:20"))
    line.tick("09:30")
    line.scan("08:40", ScanKind.DELIVERED, "o2", received_at=at("09:30"))

    assert [order_id for order_id, kind in told(line) if kind is DELIVERED] == ["o1"]


def test_pick_ups_and_returns_tell_nobody() -> None:
    line = Timeline()
    line.route(stop("s1", 6_000, order_ids=("o1",), kind=StopKind.PICK_UP))
    line.park("07:58", 120)
    line.drive("08:00", 0, 6000)

    line.scan("08:12", ScanKind.DELIVERED, "o1")

    assert line.notices == []


# Reykjavik 08:00 is Chicago 02:00: nobody there is told before 08:00, 14:00 UTC
def test_what_is_still_true_after_quiet_hours_is_told_then() -> None:
    line = two_stops(time_zone="America/Chicago")
    line.drive("08:00", 0, 6000)
    line.park("08:10", 180, 6000)
    line.scan("08:13", ScanKind.DELIVERED, "o1")
    line.scan("08:13:30", ScanKind.DELIVERED, "o2")
    line.park("08:14", 3600, 6000)
    before = told(line)

    line.fix("13:59", 6000)
    line.tick("14:00")

    assert before == [("o1", DELIVERED), ("o2", DELIVERED)]
    assert [notice.send_from for notice in line.notices[:2]] == [at("14:00")] * 2
    assert told(line)[2:] == [("o3", OUT), ("o3", NEXT)]
    assert line.notices[-1].judged_at == at("14:00")


def test_orders_named_alike_have_attempts_of_their_own() -> None:
    line = Timeline()
    line.route(stop("s1", 6_000, order_ids=("a", "a b", "a 7")))

    line.scan("08:20", ScanKind.DELIVERED, "a b")
    line.scan("08:21", ScanKind.FAILED, "a 7")
    line.scan("08:22", ScanKind.FAILED, "a")

    assert [notice.order_id for notice in of(line, FAILED)] == ["a 7", "a"]


def test_a_delivery_is_no_attempt_of_an_order_named_alike() -> None:
    line = Timeline()
    line.route(stop("s1", 6_000, order_ids=("a", "a 7")))

    line.scan("08:20", ScanKind.DELIVERED, "a 7")
    line.scan("08:21", ScanKind.FAILED, "a")
    line.scan("08:22", ScanKind.FAILED, "a", attempt_number=7)

    assert [notice.order_id for notice in of(line, FAILED)] == ["a", "a"]


def test_a_failed_attempt_is_no_delivery_of_an_order_named_alike() -> None:
    line = Timeline()
    line.route(stop("s1", 6_000, order_ids=("a", "a 7")))

    line.scan("08:20", ScanKind.FAILED, "a", attempt_number=7)
    line.scan("08:21", ScanKind.DELIVERED, "a 7")

    assert [notice.order_id for notice in of(line, DELIVERED)] == ["a 7"]


# out of reach from 08:03: both stops are served and left before it all comes at 08:33, 20 fixes a message
def test_fixes_that_were_held_back_tell_nobody_of_a_stop_that_was_served_meanwhile() -> None:
    line = two_stops()
    line.drive("08:00", 0, 2000)
    fixes = [line.make_fix(later("08:03:20", 10 * n), 2000 + 100 * n, speed_mps=10) for n in range(40)]
    fixes += [line.make_fix(later("08:10", 10 * n), 6000) for n in range(30)]
    fixes += [line.make_fix(later("08:15", 10 * n), 6000 + 100 * n, speed_mps=10) for n in range(60)]
    fixes += [line.make_fix(later("08:25", 10 * n), 12_000) for n in range(30)]
    fixes += [line.make_fix(later("08:30", 10 * n), 12_000 + 100 * n, speed_mps=10) for n in range(20)]
    for count in range(60):
        line.tick(later("08:04", 30 * count))
    before = told(line)

    for begin in range(0, len(fixes), 20):
        batch = [replace(fix, received_at=at("08:33:20")) for fix in fixes[begin : begin + 20]]
        line.send_fixes(*batch)
    line.tick("08:34")

    assert [kind for _, kind in before] == [OUT, NEXT, OUT, NEXT, OUT]
    assert told(line) == before


def test_a_new_plan_tells_nobody_again() -> None:
    line = two_stops()
    line.drive("08:00", 0, 3000)
    before = told(line)

    line.route(
        stop("s1", 6_000, order_ids=("o1", "o2"), service_s=120),
        stop("s2", 12_000, order_ids=("o3",), service_s=120),
        revision=2,
        effective="08:06",
    )
    line.tick("08:06")
    line.tick("08:07")

    assert told(line) == before


def test_a_stop_that_comes_back_to_the_route_tells_nobody_again() -> None:
    line = two_stops()
    line.drive("08:00", 0, 3000)
    first, second = (stop("s1", 6_000, order_ids=("o1", "o2")), stop("s2", 12_000, order_ids=("o3",)))

    line.route(first, revision=2, effective="08:06")
    line.tick("08:06")
    line.fix("08:06:30", 3000)
    line.route(first, second, revision=3, effective="08:07")
    line.tick("08:07")

    assert [kind for order_id, kind in told(line) if order_id == "o3"] == [OUT, CHANGED]


def test_a_route_of_an_unknown_time_zone_is_a_dead_letter() -> None:
    line = Timeline()

    line.route(stop("s1", 6_000), time_zone="Middle/Earth")

    (letter,) = line.dead_letters
    assert "time_zone 'Middle/Earth'" in letter.reason


def test_ids_do_not_hang_on_what_told() -> None:
    first, second = two_stops(), two_stops()
    second.tick("07:59:30")

    first.drive("08:00", 0, 3000)
    second.drive("08:00:05", 0, 3000)

    assert [notice.notice_id for notice in first.notices] == [notice.notice_id for notice in second.notices]
