import pytest
from msgspec.structs import replace

from routing.plan import StopKind
from streams.events.delivery import ScanKind
from streams.events.judgements import KnownBy
from tests.factories import at, place, stop
from tests.streams.fleet.on_the_way import ARRIVED, CORRECTED, DEPARTED, WITHDRAWN, on_the_way
from tests.streams.fleet.timeline import Timeline, later


# s1       08:02 |==D=====| 08:03
def test_a_stop_of_a_minute_is_known_by_its_scan() -> None:
    line = on_the_way(1000)

    line.fix("08:02", 1000)
    line.scan("08:02:25", ScanKind.DELIVERED, "o1")
    line.fix("08:02:50", 1000)
    line.drive("08:03", 1000, 1300)

    arrived, departed = line.visits
    assert (arrived.known_by, arrived.arrived_at) == (KnownBy.SCAN, at("08:02"))
    assert (departed.departed_at, departed.is_confirmed_by_scan) == (at("08:02:50"), True)
    assert departed.scans == (ScanKind.DELIVERED,)
    assert line.progress[-1].done_stop_ids == ("s1",)


def test_a_scan_confirms_the_visit_that_gps_saw() -> None:
    line = on_the_way(1000)

    line.park("08:02", 120, 1000)
    line.scan("08:04:10", ScanKind.FAILED, "o1")
    line.drive("08:04:10", 1000, 1300)

    arrived, departed = line.visits
    assert arrived.known_by is KnownBy.GPS
    assert (departed.is_confirmed_by_scan, departed.scans) == (True, (ScanKind.FAILED,))
    assert departed.contradiction is None


# GPS      s1 |=======|
# scan                          D (made at 08:03, arrives at 08:30)
def test_a_late_scan_repairs_the_closed_visit() -> None:
    line = on_the_way(1000, 9000)
    line.park("08:02", 120, 1000)
    line.drive("08:04", 1000, 4000)

    line.scan("08:03", ScanKind.DELIVERED, "o1", received_at=at("08:30"))

    arrived, departed, corrected = line.visits
    assert corrected.phase is CORRECTED
    assert corrected.visit_id == arrived.visit_id
    assert corrected.is_confirmed_by_scan is True
    assert corrected.changes == "known by scan instead of gps; scanned delivered"
    assert (corrected.departed_at, corrected.contradiction) == (departed.departed_at, None)


def test_a_scan_while_gps_has_the_vehicle_elsewhere_is_a_contradiction_in_words() -> None:
    line = on_the_way(1000, 5000)

    line.scan("08:01:25", ScanKind.DELIVERED, "o2")

    (visit,) = line.visits
    assert (visit.stop_id, visit.known_by, visit.phase) == ("s2", KnownBy.SCAN, DEPARTED)
    assert visit.dwell_s is None
    assert visit.contradiction == "scanned while GPS had the vehicle 4.3 km from the stop"


def test_the_scanners_own_position_counts_before_the_vehicles() -> None:
    line = on_the_way(1000, 5000)
    near = line.make_fix("08:01", 4950)

    line.scan("08:01:25", ScanKind.DELIVERED, "o2", lat_deg=near.lat_deg, lon_deg=near.lon_deg)

    assert line.visits[0].contradiction is None


# fixes    . . . 800 m                  . 1000 m
# scan             A 08:01:40, 1 km
def test_an_arrival_scan_between_two_fixes_opens_the_visit() -> None:
    line = on_the_way(1000)

    line.scan("08:01:38", ScanKind.ARRIVED, stop_id="s1")
    line.park("08:02", 60, 1000)
    line.scan("08:03:10", ScanKind.DELIVERED, "o1")
    line.drive("08:03:20", 1000, 1300)

    assert [visit.phase for visit in line.visits] == [ARRIVED, DEPARTED]
    assert len({visit.visit_id for visit in line.visits}) == 1
    assert line.visits[0].arrived_at == at("08:01:38")
    assert line.visits[1].dwell_s == 82


# fixes    s1 |===.  until 08:03        one message at 08:08
# scan                        A s2, 08:05, 1.5 km away: it may have driven there since
def test_a_scan_ahead_of_gps_opens_its_visit_and_ends_the_one_before() -> None:
    line = on_the_way(1000, 2500)
    line.park("08:02", 60, 1000)
    line.scan("08:03:10", ScanKind.DELIVERED, "o1")

    line.scan("08:05", ScanKind.ARRIVED, stop_id="s2")
    before = [(visit.stop_id, visit.phase, visit.contradiction) for visit in line.visits[-2:]]
    kept = [
        line.make_fix(later("08:03:30", after), 1000 + 15 * after, speed_mps=15.0)
        for after in range(0, 90, 10)
    ]
    kept += [line.make_fix(later("08:05", after), 2500) for after in range(10, 180, 10)]
    line.send_fixes(*(replace(fix, received_at=at("08:08")) for fix in kept))

    assert before == [("s1", DEPARTED, None), ("s2", ARRIVED, None)]
    left = [visit for visit in line.visits if visit.stop_id == "s1"][-1]
    assert (left.phase, left.departed_at) == (CORRECTED, at("08:03:30"))
    assert [visit.phase for visit in line.visits if visit.stop_id == "s2"] == [ARRIVED]


# the vehicle stood at s1 at 08:04; a minute later it may be 900 m away from there
@pytest.mark.parametrize(("east_m", "begins"), [(1_880, True), (1_920, False)])
def test_a_scan_begins_a_visit_as_far_away_as_may_be_driven_since(east_m: float, begins: bool) -> None:
    line = on_the_way(1000, east_m)
    line.park("08:02", 120, 1000)

    line.scan("08:05", ScanKind.ARRIVED, stop_id="s2")

    assert (line.progress[-1].current_stop_id == "s2") is begins


def test_a_scan_of_the_wrong_parcel_at_the_door_ends_no_visit() -> None:
    line = on_the_way(1000, 2500)
    line.park("08:02", 60, 1000)
    line.scan("08:04:45", ScanKind.ARRIVED, stop_id="s1")

    line.scan("08:04:50", ScanKind.ARRIVED, stop_id="s2")

    assert line.progress[-1].current_stop_id == "s1"


def test_a_scan_further_away_than_could_be_driven_is_a_contradiction() -> None:
    line = on_the_way(1000, 5000)
    line.park("08:02", 120, 1000)

    line.scan("08:05", ScanKind.ARRIVED, stop_id="s2")

    assert line.visits[-1].contradiction == "scanned while GPS had the vehicle 4.0 km from the stop"


# s1       |==D=====            one building: the van stays
# s2             |===D===|
def test_two_stops_in_one_building_follow_each_other() -> None:
    line = on_the_way(1000, 1010)

    line.park("08:02", 60, 1005)
    line.scan("08:03:30", ScanKind.DELIVERED, "o1")
    line.fix("08:04", 1005)
    line.scan("08:05", ScanKind.DELIVERED, "o2")
    line.drive("08:05:10", 1005, 1400)

    told = [(visit.stop_id, visit.phase) for visit in line.visits]
    assert told == [("s1", ARRIVED), ("s1", DEPARTED), ("s2", ARRIVED), ("s2", DEPARTED)]
    assert line.visits[1].departed_at == line.visits[2].arrived_at == at("08:03:30")
    assert line.progress[-1].done_stop_ids == ("s1", "s2")


# GPS      s1 |=======     by sequence
# scan             D s2    one scan resolves
def test_a_scan_tells_which_of_two_stops_in_one_building_it_was() -> None:
    line = on_the_way(1000, 1010)

    line.park("08:02", 120, 1005)
    line.scan("08:04:30", ScanKind.DELIVERED, "o2")

    mistaken, withdrawn, taken = line.visits
    assert (withdrawn.phase, withdrawn.visit_id) == (WITHDRAWN, mistaken.visit_id)
    assert withdrawn.contradiction == "the vehicle stood here for stop s2, by its scan"
    assert (taken.stop_id, taken.phase, taken.arrived_at) == ("s2", ARRIVED, at("08:02"))
    assert line.progress[-1].done_stop_ids == ("s2",)


def test_a_stop_is_done_when_all_its_orders_are_scanned() -> None:
    line = Timeline()
    line.route(stop("s1", 1000, order_ids=("o1", "o2")), stop("s2", 5000))
    line.park("08:02", 60, 1000)

    line.scan("08:03:10", ScanKind.DELIVERED, "o1")
    after_one = line.progress[-1].done_stop_ids
    line.scan("08:03:20", ScanKind.FAILED, "o2")

    assert after_one == ()
    assert line.progress[-1].done_stop_ids == ("s1",)


def test_two_scans_of_a_walked_stop_make_one_visit_from_the_first_to_the_last() -> None:
    line = Timeline()
    line.route(stop("s1", 1000, order_ids=("o1", "o2")))

    line.scan("08:10", ScanKind.DELIVERED, "o1")
    line.scan("08:12", ScanKind.DELIVERED, "o2")

    told, widened = line.visits
    assert (told.dwell_s, widened.phase, widened.dwell_s) == (None, CORRECTED, 120)
    assert widened.visit_id == told.visit_id


# s1       |=====|       unscanned, 1 km out
# s2              |==D   40 m on, within the wider circle of s1
def test_a_scan_after_the_vehicle_moved_on_leaves_the_first_visit_its_dwell() -> None:
    line = on_the_way(1000, 1080)
    line.park("08:02", 120, 1000)
    line.fix("08:04:10", 1040, speed_mps=5.0)
    line.fix("08:04:20", 1080)

    line.scan("08:04:50", ScanKind.DELIVERED, "o2")

    _, left, taken = line.visits
    assert (left.stop_id, left.dwell_s, left.contradiction) == ("s1", 140, None)
    assert (taken.stop_id, taken.arrived_at) == ("s2", at("08:04:20"))


def test_a_parcel_returned_to_the_depot_is_no_visit_of_its_stop() -> None:
    line = on_the_way(1000)

    line.scan("08:30", ScanKind.RETURNED, "o1")

    assert line.visits == []
    assert line.progress[-1].done_stop_ids == ()


def test_what_is_loaded_at_a_pick_up_finishes_it_there() -> None:
    line = Timeline()
    line.route(stop("s1", 1000, kind=StopKind.PICK_UP, order_ids=("o1",)))

    line.scan("08:10", ScanKind.LOADED, "o1")

    assert line.progress[-1].done_stop_ids == ("s1",)
    assert line.progress[-1].loaded_stop_ids == ()


# s2       |=====|       |====D====|     out of sequence, twice, 4 min apart
def test_a_scan_belongs_to_the_visit_that_it_was_made_in() -> None:
    line = on_the_way(5000, 1000)
    line.park("08:02", 120, 1000)
    line.drive("08:04", 1000, 1500)
    line.drive("08:05", 1500, 1000)
    line.park("08:06", 180, 1000)

    line.scan("08:08:30", ScanKind.DELIVERED, "o2")
    line.drive("08:09", 1000, 1500)

    first, second = [visit for visit in line.visits if visit.phase is DEPARTED]
    assert (first.scans, second.scans) == ((), (ScanKind.DELIVERED,))
    assert second.contradiction is None


def test_without_gps_a_scan_is_where_the_vehicle_was_seen_last() -> None:
    line = Timeline()
    line.route(stop("s1", 1000, order_ids=("o1",)), stop("s2", 3000))

    line.scan("08:10", ScanKind.DELIVERED, "o1")

    assert line.progress[-1].location == place(1000)


def test_a_scan_long_after_its_visit_is_a_contradiction_in_words() -> None:
    line = on_the_way(1000, 9000)
    line.park("08:02", 120, 1000)
    line.drive("08:04", 1000, 4000)

    line.scan("08:12", ScanKind.DELIVERED, "o1")

    assert line.visits[-1].contradiction == "scanned 8.0 min after the departure at 08:04:00 UTC"


# s1   08:02 |==F==|          08:09 |= = = = = = = D==|      without a word until the scan says it
# s2                 |==D==|
def test_back_at_a_stop_that_failed_the_visit_began_when_the_vehicle_came() -> None:
    line = on_the_way(1000, 2000)
    line.park("08:02", 120, 1000)
    line.scan("08:04", ScanKind.FAILED, "o1")
    line.drive("08:04:10", 1000, 2000)
    line.park("08:05:50", 120, 2000)
    line.scan("08:07:50", ScanKind.DELIVERED, "o2")
    line.drive("08:08", 2000, 1000)
    before = len(line.visits)

    line.park("08:09:40", 600, 1000)
    line.fix("08:19:45", 1150)
    line.park("08:19:50", 90, 1000)
    line.scan("08:21:20", ScanKind.DELIVERED, "o1")
    line.drive("08:21:30", 1000, 0)

    arrived, departed = line.visits[before:]
    assert (arrived.stop_id, arrived.phase, arrived.arrived_at) == ("s1", ARRIVED, at("08:09:40"))
    assert (departed.visit_id, departed.scans) == (arrived.visit_id, (ScanKind.DELIVERED,))
    assert departed.dwell_s == 11 * 60 + 40


def test_a_forgotten_parcel_brought_back_at_once_is_a_visit_of_its_own() -> None:
    line = on_the_way(1000, 5000)
    line.park("08:02", 150, 1000)
    line.drive("08:04:30", 1000, 2000)
    line.drive("08:06:10", 2000, 1000)

    line.park("08:07:50", 120, 1000)
    line.scan("08:09:50", ScanKind.DELIVERED, "o1")
    line.drive("08:10", 1000, 2000)

    first, _, again, left = line.visits
    assert (first.arrived_at, again.arrived_at) == (at("08:02"), at("08:07:50"))
    assert left.scans == (ScanKind.DELIVERED,)


# both doors 10 m apart, and the second is served first, before two minutes are over
def test_the_other_stop_of_a_building_is_arrived_at_when_the_vehicle_came_there() -> None:
    line = on_the_way(1000, 1010)

    line.park("08:02", 90, 1000)
    line.scan("08:03:40", ScanKind.DELIVERED, "o2")

    (arrived,) = line.visits
    assert (arrived.stop_id, arrived.arrived_at) == ("s2", at("08:02"))


def failed_and_left() -> Timeline:
    """s1 failed at 08:04 and was left for s2, which was done; the vehicle is under way to s1 at 08:09:40."""
    line = on_the_way(1000, 2000)
    line.park("08:02", 120, 1000)
    line.scan("08:04", ScanKind.FAILED, "o1")
    line.drive("08:04:10", 1000, 2000)
    line.park("08:05:50", 120, 2000)
    line.scan("08:07:50", ScanKind.DELIVERED, "o2")
    line.drive("08:08", 2000, 1000)
    return line


# s1   08:09:40 . 08:10:40, the last fix                   15:00 D
def test_a_scan_hours_after_the_last_fix_does_not_say_that_the_vehicle_was_there_all_along() -> None:
    line = failed_and_left()
    line.park("08:09:40", 60, 1000)

    line.scan("15:00", ScanKind.DELIVERED, "o1")

    assert at("08:09:40") not in [visit.arrived_at for visit in line.visits]


# s1   08:30 .        08:45, 6 km away          09:00 . D
def test_who_drove_away_between_two_fixes_at_a_stop_came_back_with_the_second() -> None:
    line = failed_and_left()
    line.park("08:29:30", 30, 1000)
    line.fix("08:45", 7000, speed_mps=10.0)
    line.fix("09:00", 1000)

    line.scan("09:01", ScanKind.DELIVERED, "o1")

    assert line.visits[-1].arrived_at == at("09:00")


# s1   08:10 .   08:11:50, elsewhere   D
def test_who_was_seen_elsewhere_last_is_not_back_at_a_stop() -> None:
    line = failed_and_left()
    line.park("08:09:40", 120, 1000)
    line.fix("08:11:50", 1200, speed_mps=10.0)

    line.scan("08:11:55", ScanKind.DELIVERED, "o1")

    assert at("08:09:40") not in [visit.arrived_at for visit in line.visits]
