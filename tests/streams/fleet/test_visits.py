from streams.events.judgements import KnownBy
from tests.factories import at
from tests.streams.fleet.on_the_way import ARRIVED, DEPARTED, on_the_way
from tests.streams.fleet.timeline import later


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


def test_positions_that_are_not_to_be_believed_move_no_visit() -> None:
    line = on_the_way(1000)
    line.park("08:02", 120, 1000)

    line.fix("08:04:10", lat_deg=0.001, lon_deg=0.001)
    line.fix("08:04:20", 1500, accuracy_m=900.0)
    line.fix("08:04:30", 1500, accuracy_m=900.0)

    assert [visit.phase for visit in line.visits] == [ARRIVED]
    assert [verdict.rule for verdict in line.verdicts] == ["null_island", "poor_accuracy", "poor_accuracy"]


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


def test_a_halt_with_no_stop_near_does_not_hide_the_stop_that_follows() -> None:
    line = on_the_way(1000)
    line.park("08:01:20", 60, 800)

    line.park("08:03", 120, 1000)

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


def test_a_fix_on_the_road_far_from_all_stops_says_nothing() -> None:
    line = on_the_way(50_000)
    line.fix("08:01:20", 800, speed_mps=10.0)

    said = line.fix("08:01:30", 900, speed_mps=10.0)

    assert said == []
