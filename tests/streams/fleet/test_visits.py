from routing.plan import StopKind
from streams.events.delivery import ScanKind
from streams.events.judgements import KnownBy, VisitPhase
from tests.factories import at, place, stop
from tests.streams.fleet.timeline import Timeline, later

ARRIVED, DEPARTED, CORRECTED = VisitPhase.ARRIVED, VisitPhase.DEPARTED, VisitPhase.CORRECTED
WITHDRAWN = VisitPhase.WITHDRAWN


def on_the_way(*stops_m: float) -> Timeline:
    """A vehicle that left the depot at 08:00, with stops s1, s2 ... so many metres east of it."""
    line = Timeline()
    line.route(
        *(
            stop(f"s{number}", east_m, service_s=120, order_ids=(f"o{number}",))
            for number, east_m in enumerate(stops_m, 1)
        )
    )
    line.park("07:58", 120)
    line.drive("08:00", 0, 800)
    return line


# depot    07:58 |=====| 08:00:10, the last fix inside
# fixes    . . . . . . o o          o = outside 225 m, two in a row
def test_leaving_the_depot_is_a_departure_as_of_the_last_fix_inside() -> None:
    line = on_the_way(1000)

    arrived, departed = line.depot_visits

    assert (arrived.phase, arrived.arrived_at, arrived.stop_id) == (ARRIVED, at("07:58"), "D1")
    assert (departed.phase, departed.departed_at) == (DEPARTED, at("08:00:20"))
    assert line.progress[-1].has_departed


# s1       08:02 |====================| 08:04
# fixes    .     .     .      .     .   . o o
# said              arrived (08:02)          departed (08:04)
def test_standing_at_a_stop_is_an_arrival_and_leaving_it_a_departure() -> None:
    line = on_the_way(1000)
    line.park("08:02", 120, 1000)
    line.drive("08:04", 1000, 1300)

    arrived, departed = line.visits

    assert (arrived.phase, arrived.stop_id, arrived.arrived_at) == (ARRIVED, "s1", at("08:02"))
    assert (arrived.known_by, arrived.is_confirmed_by_scan) == (KnownBy.GPS, None)
    assert (departed.phase, departed.visit_id) == (DEPARTED, arrived.visit_id)
    assert departed.departed_at == at("08:04")
    assert departed.dwell_s == 120
    assert departed.is_confirmed_by_scan is False


# s1       08:02 |=====| 08:03:30, a traffic light
def test_a_short_halt_is_no_visit() -> None:
    line = on_the_way(1000)

    line.park("08:02", 90, 1000)
    line.drive("08:03:30", 1000, 1300)

    assert line.visits == []


# 60 m     ----+--+--+--------     the radius
# 90 m     ------------------      and the wider one
# fixes    .  . 80 . 70 . 85 .     drift at the kerb
def test_drift_at_the_edge_does_not_end_a_visit() -> None:
    line = on_the_way(1000)
    line.park("08:02", 120, 1000)

    for number, east_m in enumerate((1080, 1010, 1070, 1085, 1000)):
        line.fix(later(at("08:04:30"), 30 * number), east_m)

    assert [visit.phase for visit in line.visits] == [ARRIVED]


# fixes    . . . . X . . .         X = 300 m off, once
def test_one_stray_fix_does_not_end_a_visit() -> None:
    line = on_the_way(1000)
    line.park("08:02", 120, 1000)

    line.fix("08:04:30", 1300)
    line.park("08:05", 60, 1000)

    assert [visit.phase for visit in line.visits] == [ARRIVED]


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


def test_any_remaining_stop_can_be_visited_not_only_the_next() -> None:
    line = on_the_way(5000, 1000)

    line.park("08:02", 120, 1000)

    assert [visit.stop_id for visit in line.visits] == ["s2"]


def test_the_next_stop_left_unscanned_after_a_real_stay_is_taken_as_done() -> None:
    line = on_the_way(1000, 5000)

    line.park("08:02", 120, 1000)
    line.drive("08:04", 1000, 1300)

    assert line.progress[-1].done_stop_ids == ("s1",)


def test_a_stop_out_of_sequence_left_unscanned_stays_open() -> None:
    line = on_the_way(5000, 1000)

    line.park("08:02", 120, 1000)
    line.drive("08:04", 1000, 1300)

    assert line.visits[-1].phase is DEPARTED
    assert line.progress[-1].done_stop_ids == ()


def test_a_stop_is_done_when_all_its_orders_are_scanned() -> None:
    line = Timeline()
    line.route(stop("s1", 1000, order_ids=("o1", "o2")), stop("s2", 5000))
    line.park("08:02", 60, 1000)

    line.scan("08:03:10", ScanKind.DELIVERED, "o1")
    after_one = line.progress[-1].done_stop_ids
    line.scan("08:03:20", ScanKind.FAILED, "o2")

    assert after_one == ()
    assert line.progress[-1].done_stop_ids == ("s1",)


# depot    |====|              |=====|
# s1               |==D==|
def test_the_depot_visited_twice_makes_two_visits() -> None:
    line = on_the_way(1000)
    line.park("08:02", 60, 1000)
    line.scan("08:03", ScanKind.DELIVERED, "o1")
    line.drive("08:03:10", 1000, 0)

    line.park("08:05", 120, 0)

    told = line.depot_visits
    assert [visit.phase for visit in told] == [ARRIVED, DEPARTED, ARRIVED]
    assert told[2].visit_id != told[0].visit_id


def test_positions_that_are_not_to_be_believed_move_no_visit() -> None:
    line = on_the_way(1000)
    line.park("08:02", 120, 1000)

    line.fix("08:04:10", lat_deg=0.001, lon_deg=0.001)
    line.fix("08:04:20", 1500, accuracy_m=900.0)
    line.fix("08:04:30", 1500, accuracy_m=900.0)

    assert [visit.phase for visit in line.visits] == [ARRIVED]
    assert [verdict.rule for verdict in line.verdicts] == ["null_island", "poor_accuracy", "poor_accuracy"]


def test_a_departed_scan_means_the_vehicle_has_left() -> None:
    line = Timeline()
    line.route(stop("s1", 1000))
    line.park("07:58", 60)

    line.scan("08:01", ScanKind.DEPARTED)

    assert line.progress[-1].has_departed
    assert line.progress[-1].next_stop_id == "s1"


def test_speed_is_taken_from_two_fixes_where_the_device_gives_none() -> None:
    line = on_the_way(1000)

    for second in range(0, 150, 15):
        line.fix(later(at("08:02"), second), 1000, speed_mps=None)

    assert [(visit.phase, visit.arrived_at) for visit in line.visits] == [(ARRIVED, at("08:02"))]


# s1 and s2 are 22 m apart; the vehicle stands at s2, 2 m off
def test_stops_close_together_are_told_apart_by_sequence_and_others_by_distance() -> None:
    one_building, neighbours = on_the_way(1000, 1022), on_the_way(1000, 1050)

    one_building.park("08:02", 120, 1020)
    neighbours.park("08:02", 120, 1048)

    assert one_building.visits[0].stop_id == "s1"
    assert neighbours.visits[0].stop_id == "s2"


# depot    |====|  08:00  08:03 |=====|       forgot something, no stop visited
def test_coming_back_to_the_depot_from_no_stop_undoes_the_departure() -> None:
    line = on_the_way(5000)
    line.drive("08:01:20", 800, 0)

    line.park("08:03", 120, 0)

    assert not line.progress[-1].has_departed


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


def test_a_halt_with_no_stop_near_does_not_hide_the_stop_that_follows() -> None:
    line = on_the_way(1000)
    line.park("08:01:20", 60, 800)

    line.park("08:03", 120, 1000)

    assert [visit.stop_id for visit in line.visits] == ["s1"]


# depot    0 m, radius 150 m; s1 at 100 m
def test_a_stop_beside_the_depot_counts_only_once_the_vehicle_has_departed() -> None:
    line = Timeline()
    line.route(stop("s1", 100, order_ids=("o1",)), stop("s2", 3000))
    line.park("07:55", 120, 100)
    before = list(line.visits)
    line.drive("07:57", 100, 2000)

    line.park("08:10", 120, 100)

    assert before == []
    assert [visit.stop_id for visit in line.visits] == ["s1"]


# s1       |=====|   then 100 m further: outside, not clearly away
# 90 m     -------------
# fixes    . . . . . 100 100 100 100 100
def test_just_outside_a_stop_it_takes_two_minutes_to_have_departed() -> None:
    line = on_the_way(1000)
    line.park("08:02", 120, 1000)

    line.park("08:04:30", 90, 1100)
    before = [visit.phase for visit in line.visits]
    line.park("08:06:30", 0, 1100)

    assert before == [ARRIVED]
    assert (line.visits[-1].phase, line.visits[-1].departed_at) == (DEPARTED, at("08:04"))


# fixes    08:05 o                         o 08:15    2 km apart, 10 min: driving takes 5.6 min
# s1                    |-------|
def test_a_stop_between_two_sparse_fixes_with_time_for_a_stay_is_inferred() -> None:
    line = on_the_way(3000, 9000)
    line.fix("08:05", 2000, speed_mps=10.0)

    line.fix("08:15", 4000, speed_mps=10.0)
    line.fix("08:16", 4500, speed_mps=10.0)

    (visit,) = line.visits
    assert (visit.stop_id, visit.phase, visit.known_by) == ("s1", DEPARTED, KnownBy.INFERRED)
    assert at("08:05") < visit.arrived_at < (visit.departed_at or visit.arrived_at) < at("08:15")
    assert visit.dwell_s is None
    assert line.progress[-1].done_stop_ids == ("s1",)


# fixes    o 2 km                              o 5 km
# s1, s2             |-------|-------|         both passed, 20 min
def test_several_stops_passed_together_share_the_time() -> None:
    line = on_the_way(3000, 4000, 9000)
    line.fix("08:05", 2000, speed_mps=10.0)

    line.fix("08:25", 5000, speed_mps=10.0)
    line.fix("08:26", 5500, speed_mps=10.0)

    first, second = line.visits
    assert (first.stop_id, second.stop_id) == ("s1", "s2")
    assert first.departed_at == second.arrived_at


# scan                     D                   between two sparse fixes: it knows better
def test_a_scan_at_a_stop_passed_between_sparse_fixes_is_its_visit() -> None:
    line = Timeline()
    line.route(stop("s1", 3000, order_ids=("o1", "o2")), stop("s2", 9000))
    line.park("07:58", 120)
    line.drive("08:00", 0, 800)
    line.fix("08:05", 2000, speed_mps=10.0)
    line.scan("08:10", ScanKind.DELIVERED, "o1")

    line.fix("08:15", 4000, speed_mps=10.0)
    line.fix("08:16", 4500, speed_mps=10.0)

    (visit,) = line.visits
    assert (visit.known_by, visit.arrived_at, visit.scans) == (
        KnownBy.SCAN,
        at("08:10"),
        (ScanKind.DELIVERED,),
    )


# s1       |=====|
# s2              |====   80 m on, within the wider circle of s1
def test_a_neighbours_visit_ends_the_one_before() -> None:
    line = on_the_way(1000, 1080)
    line.park("08:02", 120, 1000)

    line.park("08:04:30", 120, 1080)

    assert [(visit.stop_id, visit.phase) for visit in line.visits] == [
        ("s1", ARRIVED),
        ("s1", DEPARTED),
        ("s2", ARRIVED),
    ]


# trip          1                   2
# depot    |====|             |====|
# s1              |=====|
# s2                                 |===|
def test_after_the_depot_a_second_trip_goes_on_with_the_next_stop() -> None:
    line = on_the_way(1000, 3000)
    line.park("08:02", 120, 1000)
    line.drive("08:04", 1000, 0)
    line.park("08:06", 120, 0)
    line.drive("08:08", 0, 2900)

    line.park("08:13", 120, 3000)

    assert [visit.stop_id for visit in line.visits] == ["s1", "s1", "s2"]
    assert [visit.phase for visit in line.depot_visits] == [ARRIVED, DEPARTED, ARRIVED, DEPARTED]


def test_a_fix_on_the_road_far_from_all_stops_says_nothing() -> None:
    line = on_the_way(50_000)
    line.fix("08:01:20", 800, speed_mps=10.0)

    said = line.fix("08:01:30", 900, speed_mps=10.0)

    assert said == []
