"""Fixes and scans that come late find their place: only the difference is told, under the same ids."""

from msgspec.structs import replace

from streams.events.delivery import ScanKind
from streams.events.judgements import KnownBy, VerdictKind, VisitPhase
from tests.factories import at, stop
from tests.streams.fleet.on_the_way import on_the_way
from tests.streams.fleet.timeline import Timeline, later

ARRIVED, DEPARTED, CORRECTED = VisitPhase.ARRIVED, VisitPhase.DEPARTED, VisitPhase.CORRECTED
WITHDRAWN = VisitPhase.WITHDRAWN


def late_park(line: Timeline, start: str, duration_s: int, east_m: float, received: str) -> None:
    """Stand still, with fixes that all come at once, later."""
    for passed_s in range(0, duration_s + 1, 30):
        line.fix(later(start, passed_s), east_m, received_at=later(received, passed_s / 30))


# fixes    . . .                    1 km on . .     so s1 was visited, it seems
# late              |=== s1 ===|    heard only then
def test_an_inferred_visit_of_which_the_fixes_come_late_becomes_what_it_was() -> None:
    line = on_the_way(1000, 9000)
    line.drive("08:08", 1500, 2500)
    (inferred,) = line.visits

    late_park(line, "08:02", 240, 1000, "08:10")

    told = line.visits[-1]
    assert (inferred.known_by, told.known_by) == (KnownBy.INFERRED, KnownBy.GPS)
    assert told.visit_id == inferred.visit_id
    assert (told.stop_id, told.arrived_at, told.departed_at) == ("s1", at("08:02"), at("08:06"))
    assert told.dwell_s == 240


# s1       08:02 . . . . .        |-------|   told as an arrival at 08:05
# late           o o o o o o                  it stood there since 08:02
def test_an_open_visit_is_corrected_by_late_fixes_and_keeps_its_id() -> None:
    line = on_the_way(1000)
    line.park("08:05", 120, 1000)

    late_park(line, "08:02", 150, 1000, "08:08")

    (arrived, *corrected) = line.visits
    assert (arrived.phase, arrived.arrived_at) == (ARRIVED, at("08:05"))
    assert {visit.phase for visit in corrected} == {CORRECTED}
    last = corrected[-1]
    assert (last.visit_id, last.arrived_at, last.departed_at) == (arrived.visit_id, at("08:02"), None)
    assert last.changes == "arrived at 08:02:00 UTC instead of 08:05:00 UTC"


# s1       08:02 . . . . .        |-------|   told as an arrival at 08:05
# late           o o o o o o      and the newest: all in one message
def test_late_fixes_of_one_message_are_derived_once_with_the_newer_ones_behind_them() -> None:
    line = on_the_way(1000)
    line.park("08:05", 120, 1000)
    late = [line.make_fix(later("08:02", passed_s), 1000) for passed_s in range(0, 151, 30)]
    gone = [line.make_fix(later("08:10", passed_s), 1500 + 10 * passed_s) for passed_s in range(0, 181, 30)]

    line.send_fixes(*(replace(fix, received_at=at("08:14")) for fix in (*late, *gone)))

    (arrived, departed) = line.visits
    assert (arrived.phase, arrived.arrived_at, departed.phase) == (ARRIVED, at("08:05"), DEPARTED)
    assert (departed.visit_id, departed.arrived_at) == (arrived.visit_id, at("08:02"))
    assert departed.changes == "arrived at 08:02:00 UTC instead of 08:05:00 UTC"
    (repaired,) = [verdict for verdict in line.verdicts if verdict.kind is VerdictKind.REPAIRED]
    assert repaired.index >= len(late)


# s1       |======|                 left by the fixes that were heard
# late             o o o o          and still there, by those that come late
def test_a_closed_visit_is_corrected_with_what_changed() -> None:
    line = on_the_way(1000, 9000)
    line.park("08:02", 120, 1000)
    line.drive("08:10", 1000, 1500)

    late_park(line, "08:05", 180, 1000, "08:11")

    arrived, departed, *corrected = line.visits
    assert (departed.phase, departed.departed_at) == (DEPARTED, at("08:04"))
    last = corrected[-1]
    assert (last.phase, last.visit_id, last.departed_at) == (CORRECTED, arrived.visit_id, at("08:08"))
    assert last.changes == "departed at 08:08:00 UTC instead of 08:07:30 UTC"
    assert last.dwell_s == 360


# fixes    s1 .        . s1      two lone fixes inside, 130 s apart: an arrival
# late         500 m off, driving the whole time between
def test_a_visit_that_never_was_is_withdrawn() -> None:
    line = on_the_way(1000)
    line.fix("08:02", 1000)
    line.fix("08:04:10", 1000)

    for second in range(10, 130, 10):
        line.fix(later("08:02", second), 1500, speed_mps=10.0, received_at=at("08:05"))

    arrived, withdrawn = line.visits
    assert (arrived.phase, withdrawn.phase) == (ARRIVED, WITHDRAWN)
    assert withdrawn.visit_id == arrived.visit_id
    assert withdrawn.contradiction == "late fixes or scans show that the vehicle did not stay here"
    assert line.progress[-1].current_stop_id is None


def test_a_fix_that_repairs_something_has_a_verdict_that_says_what() -> None:
    line = on_the_way(1000)
    line.park("08:05", 120, 1000)

    line.fix("08:04:40", 1000, received_at=at("08:08"))
    line.fix("08:04:50", 1000, received_at=at("08:08:01"))

    (verdict,) = line.verdicts
    assert (verdict.kind, verdict.rule) == (VerdictKind.REPAIRED, "late_fix")
    assert verdict.evidence == (
        "2.3 min older than the newest: s1 corrected: arrived at 08:04:40 UTC instead of 08:05:00 UTC"
    )


# ring     |------ 128 fixes ------|
# late  x
def test_a_fix_from_before_the_ring_is_kept_and_told_as_too_late() -> None:
    line = on_the_way(90_000)
    for number in range(200):
        line.fix(later("08:02", 10 * number), 1000 + 100 * number, speed_mps=10.0)

    line.fix("08:02:05", 1000, received_at=at("08:40"))

    (verdict,) = line.verdicts
    assert (verdict.kind, verdict.rule) == (VerdictKind.TOO_LATE, "beyond_reach")
    assert verdict.evidence.startswith("older than 08:")


# s1       |======| 08:45           left by the fixes that were heard
# late   o        o o o o           one message: still there, and a fix from before the ring
def test_a_message_may_repair_a_visit_and_hold_a_fix_that_is_too_late() -> None:
    line = on_the_way(1000, 9000)
    line.park("08:05", 2400, 1000, every_s=20)
    line.drive("08:52", 1000, 1500)
    stood = [line.make_fix(later("08:46", passed_s), 1000) for passed_s in range(0, 181, 30)]

    late = (*stood, line.make_fix("08:02:05", 1000))
    line.send_fixes(*(replace(fix, received_at=at("08:55")) for fix in late))

    kinds = sorted(verdict.kind for verdict in line.verdicts)
    assert kinds == [VerdictKind.REPAIRED, VerdictKind.TOO_LATE]
    assert line.visits[-1].departed_at == at("08:49")


# scan     D 08:03, no signal: told at once, by the scan alone
# late     |=== s1 ===|  the fixes come when there is signal again
def test_a_visit_known_by_its_scan_alone_is_completed_by_the_fixes_of_a_dead_spot() -> None:
    line = on_the_way(1000, 9000)
    line.scan("08:04", ScanKind.DELIVERED, "o1")
    by_scan = line.visits[-1]

    late_park(line, "08:02", 180, 1000, "08:20")
    line.drive("08:20", 5000, 6000)

    last = line.visits[-1]
    assert (by_scan.phase, by_scan.known_by, by_scan.dwell_s) == (DEPARTED, KnownBy.SCAN, None)
    assert last.visit_id == by_scan.visit_id
    assert (last.arrived_at, last.departed_at, last.dwell_s) == (at("08:02"), at("08:05"), 180)
    assert last.scans == (ScanKind.DELIVERED,)


def test_what_was_told_before_the_late_fix_is_not_told_again() -> None:
    line = on_the_way(1000, 9000)
    line.park("08:02", 120, 1000)
    line.drive("08:04", 1000, 2000)
    before = list(line.visits)

    line.fix("08:03:10", 1002, received_at=at("08:08"))

    assert line.visits == before
    assert line.verdicts == []


# revision 2 takes s1 away, where the vehicle stands
def test_a_stop_that_leaves_the_route_while_it_is_visited_is_left_in_order() -> None:
    line = on_the_way(1000, 3000)
    line.park("08:02", 120, 1000)

    line.route(stop("s2", 3000), revision=2)
    line.drive("08:04", 1000, 1500)

    assert [(visit.stop_id, visit.phase) for visit in line.visits] == [("s1", ARRIVED), ("s1", DEPARTED)]


# revision 2 adds s9, where the vehicle stood before it knew of it
def test_a_late_fix_from_before_a_new_route_is_not_followed_by_it() -> None:
    line = on_the_way(1000)
    line.park("08:02", 150, 3000)
    line.drive("08:04:30", 3000, 4000)
    line.route(stop("s1", 1000), stop("s9", 3000), revision=2)

    line.fix("08:03:10", 3000, received_at=at("08:07"))

    assert line.visits == []
    assert [verdict.kind for verdict in line.verdicts] == [VerdictKind.TOO_LATE]
