import pytest

from tests.streams.fleet.walk import Told, Walk


def on_trip(*stops_m: float, north_m: float = 0.0) -> Walk:
    """A vehicle that left the depot at 08:00 and was last seen 500 m east of it at 08:00:50."""
    walk = Walk(*stops_m, north_m=north_m)
    walk.park("07:55", 300, 0)
    walk.drive("08:00", 0, 510)
    walk.told.clear()
    return walk


# depot    07:55 |==========| 08:00:20, the last fix inside 225 m
# fixes    .  .  .  .  .  . . o O        o = outside, O = the second one, clearly away
def test_the_depot_is_left_as_of_the_last_fix_inside() -> None:
    walk = Walk(5000)

    walk.park("07:55", 300, 0)
    walk.drive("08:00", 0, 510)

    assert walk.told == [
        Told("arrived", "depot", "07:55:00", "gps"),
        Told("left", "depot", "07:55:00", "08:00:20"),
    ]
    assert walk.head["trip_number"] == 1


# s1       08:02 |====================| 08:06
# fixes    .     .     .     .     .  . o O
# told                       arrived       left
def test_two_minutes_inside_are_an_arrival_as_of_the_first_moment_inside() -> None:
    walk = on_trip(1000)

    walk.park("08:02", 240, 1000)
    walk.drive("08:06", 1000, 1400)

    assert walk.told == [Told("arrived", "s1", "08:02:00", "gps"), Told("left", "s1", "08:02:00", "08:06:00")]


# s1       08:02 |=====| 08:03:30, a traffic light
def test_a_shorter_halt_is_no_visit() -> None:
    walk = on_trip(1000)

    walk.park("08:02", 90, 1000)
    walk.drive("08:03:30", 1000, 1400)

    assert walk.told == []


# fixes    inside at 10 m/s, again and again: a bus lane beside the stop
def test_driving_to_and_fro_past_a_stop_is_no_visit() -> None:
    walk = on_trip(1000)

    for minute in range(2, 7):
        walk.fix(f"08:0{minute}", 1000 + 10 * minute, speed_mps=10.0)

    assert walk.told == []


# 60 m     -----+-----+------
# 90 m     -----------------   the wider circle
# fixes    .  . 80 . 70 . 85
def test_drift_at_the_kerb_neither_ends_a_stay_nor_delays_its_begin() -> None:
    walk = on_trip(1000)

    for number, east_m in enumerate((1050, 1070, 1040, 1085, 1050, 1089, 1010, 1080, 1030)):
        walk.fix(f"08:0{2 + number // 2}:{30 * (number % 2):02}", east_m)

    assert walk.told == [Told("arrived", "s1", "08:02:00", "gps")]


# s1       |==================
# fixes    . . . . X . . . X .      X = 5 km off, each time alone
@pytest.mark.parametrize("stray_m", [1100, 1300, 6000, 0])
def test_a_lone_stray_fix_never_ends_a_stay(stray_m: float) -> None:
    walk = on_trip(1000)
    walk.park("08:02", 120, 1000)

    walk.fix("08:04:30", stray_m)
    walk.park("08:05", 120, 1000)
    walk.fix("08:07:30", stray_m)
    walk.park("08:08", 120, 1000)

    assert walk.told == [Told("arrived", "s1", "08:02:00", "gps")]


# s1                 X              X = one stray fix at the stop, while driving 2 km off
def test_a_lone_stray_fix_never_begins_a_stay() -> None:
    walk = on_trip(1000)
    walk.drive("08:02", 2000, 2500)

    walk.fix("08:03", 1000)
    walk.drive("08:03", 2600, 6000)

    assert walk.told == []


# s1       |=====|  on foot of the van: 08:02 .. 08:04, then 100 m further
# 90 m     ------------------------
# 150 m    --------------------------------    clearly away
# fixes    . . . . .  100 100 100 100 100      outside, not clearly away
# told                                 left    2 min after the first fix outside
def test_just_outside_it_takes_two_minutes_to_have_left() -> None:
    walk = on_trip(1000)
    walk.park("08:02", 120, 1000)

    walk.park("08:04:30", 90, 1100)
    before = list(walk.told[1:])
    walk.park("08:06:30", 30, 1100)

    assert before == []
    assert walk.told[1:] == [Told("left", "s1", "08:02:00", "08:04:00")]


# s1       08:02 |==D=| 08:02:45
def test_a_delivery_of_45_s_is_seen_through_its_scan_from_the_first_moment_inside() -> None:
    walk = on_trip(1000)

    walk.fix("08:02", 1000, speed_mps=3.0)
    walk.fix("08:02:20", 1010)
    walk.claim("08:02:25", 0)
    walk.fix("08:02:45", 1010)
    walk.drive("08:02:45", 1010, 1400)

    assert walk.told == [
        Told("arrived", "s1", "08:02:00", "scan"),
        Told("left", "s1", "08:02:00", "08:02:45"),
    ]


# fixes    . . . 500 m               . 1000 m
# scan               A, 300 m before
def test_a_scan_between_two_fixes_begins_the_stay_that_was_driven_up_to() -> None:
    walk = on_trip(700)

    walk.claim("08:01:10", 0)
    walk.park("08:01:20", 60, 700)

    assert walk.told == [Told("arrived", "s1", "08:01:10", "scan")]


def test_a_scan_far_from_its_stop_begins_no_stay() -> None:
    walk = on_trip(5000)

    walk.claim("08:00:55", 0)

    assert walk.told == []


# s1       |==D=====         one building: the van stays
# s2             |==D==|
def test_two_stops_in_one_building_are_told_apart_by_sequence_then_by_scans() -> None:
    walk = on_trip(1000, 1010)

    walk.park("08:02", 120, 1005)
    walk.claim("08:04:10", 0)
    walk.park("08:04:30", 60, 1005)
    walk.claim("08:06", 1)
    walk.drive("08:06", 1005, 1400)

    assert walk.told == [
        Told("arrived", "s1", "08:02:00", "gps"),
        Told("left", "s1", "08:02:00", "08:04:10"),
        Told("arrived", "s2", "08:04:10", "scan"),
        Told("left", "s2", "08:04:10", "08:06:00"),
    ]


# GPS      s1 |=====         by sequence
# scan            D s2       the scan knows better
def test_a_stay_taken_for_the_wrong_one_of_two_stops_in_a_building_is_mistaken() -> None:
    walk = on_trip(1000, 1010)

    walk.park("08:02", 120, 1005)
    walk.claim("08:04:10", 1)

    assert walk.told[1:] == [
        Told("left", "s1", "08:02:00", "08:02:00"),
        Told("arrived", "s2", "08:02:00", "scan"),
    ]
    assert walk.head["left_is_mistaken"]


# s1       |=====|           visited, then over
# s2                 |====   the same building, an hour later
def test_coming_back_to_a_building_is_a_stay_at_the_stop_that_is_not_over() -> None:
    walk = on_trip(1000, 1010)
    walk.park("08:02", 120, 1005)
    walk.drive("08:04", 1005, 3000)

    walk.park("09:02", 120, 1005)

    assert [told.where for told in walk.told] == ["s1", "s1", "s2"]
    assert walk.over(0) == "08:04:00"


# s1       |====|            neighbours, 80 m apart: within the wider circle of s1
# s2            |====
def test_a_stay_at_a_neighbour_within_the_wider_circle_ends_the_one_before() -> None:
    walk = on_trip(1000, 1080)
    walk.park("08:02", 120, 1000)

    walk.park("08:04:30", 120, 1080)

    assert walk.told[1:] == [
        Told("left", "s1", "08:02:00", "08:04:30"),
        Told("arrived", "s2", "08:04:30", "gps"),
    ]


# depot    |====|             |====|
# s1              |=====|
# trip          1                   2
def test_the_depot_visited_twice_makes_two_trips() -> None:
    walk = on_trip(1000, 3000)
    walk.park("08:02", 120, 1000)
    walk.drive("08:04", 1000, 0)
    walk.park("08:06", 120, 0)
    walk.drive("08:08", 0, 2000)

    walk.park("08:12", 120, 3000)

    assert [(told.what, told.where) for told in walk.told] == [
        ("arrived", "s1"),
        ("left", "s1"),
        ("arrived", "depot"),
        ("left", "depot"),
        ("arrived", "s2"),
    ]
    assert walk.head["trip_number"] == 2


# depot    |====|  forgot something |====|
def test_back_at_the_depot_from_no_stop_the_trip_has_not_begun() -> None:
    walk = on_trip(5000)

    walk.drive("08:01", 500, 0)
    walk.park("08:02", 120, 0)

    assert walk.head["trip_number"] == 0
    assert not walk.head["is_on_trip"]


# fixes    08:05 o                         o 08:15    2 km apart, 10 min: driving takes 5.6 min
# s1                    |-------|
def test_a_stop_passed_between_sparse_fixes_with_time_for_a_stay_is_inferred() -> None:
    walk = on_trip(3000)
    walk.fix("08:05", 2000, speed_mps=10.0)

    walk.fix("08:15", 4000, speed_mps=10.0)
    before = list(walk.told)
    walk.fix("08:16", 4500, speed_mps=10.0)

    assert before == []
    assert walk.told == [Told("passed", "s1", "08:07:46", "08:12:13")]
    assert walk.head["crossed_after_us"] < walk.head["crossed_since_us"]
    assert walk.head["crossed_before_us"] > walk.head["crossed_until_us"]
    assert walk.over(0) == "08:12:13"


# fixes    08:05 o          o 08:09                   2 km in 4 min is driving
def test_a_stop_that_was_driven_through_is_not_invented() -> None:
    walk = on_trip(3000)

    for minute in range(5, 30, 4):
        walk.fix(f"08:{minute:02}", 500 * minute - 500, speed_mps=8.3)

    assert walk.told == []


def test_a_stop_beside_the_straight_way_is_not_inferred() -> None:
    walk = on_trip(3000, north_m=100)
    walk.fix("08:05", 2000, speed_mps=10.0)

    walk.fix("08:15", 4000, speed_mps=10.0)
    walk.fix("08:16", 4500, speed_mps=10.0)

    assert walk.told == []


# fixes    o 2 km       X 4 km        o 2 km          X = one stray fix
def test_a_lone_stray_fix_infers_nothing() -> None:
    walk = on_trip(3000)
    walk.fix("08:05", 2000)

    walk.fix("08:15", 4000)
    walk.fix("08:25", 2000)
    walk.fix("08:26", 2000)

    assert walk.told == []


# fixes    08:05 o                                    o 08:25
# s1, s2               |-------|-------|              both passed, 20 min
def test_several_next_stops_passed_with_time_for_each_are_inferred_together() -> None:
    walk = on_trip(3000, 3300, 9000)
    walk.fix("08:05", 2000)

    walk.fix("08:25", 4000)
    walk.fix("08:26", 4500)

    assert [(told.what, told.where) for told in walk.told] == [("passed", "s1+s2")]


# s1       08:02 .                              one slow fix inside, the next 10 min later, 1 km on
def test_a_stop_where_the_last_of_sparse_fixes_was_inside_is_inferred_from_then() -> None:
    walk = on_trip(1000)
    walk.fix("08:02", 1000)

    walk.fix("08:12", 2000)
    walk.fix("08:13", 2500)

    assert walk.told == [Told("passed", "s1", "08:02:00", "08:09:13")]


# fixes    none of the depot; the shift begins at 08:00
def test_two_fixes_away_from_the_depot_after_the_shift_began_are_a_departure() -> None:
    walk = Walk(5000)

    walk.fix("08:30", 700, speed_mps=10.0)
    before = list(walk.told)
    walk.fix("08:30:10", 800, speed_mps=10.0)

    assert before == []
    assert walk.told == [Told("departed", "", "08:30:00")]


def test_speed_is_taken_from_two_fixes_where_the_device_gives_none() -> None:
    walk = on_trip(1000)

    for second in range(0, 130, 10):
        walk.fix(f"08:{2 + second // 60:02}:{second % 60:02}", 1000, speed_mps=float("nan"))

    assert walk.told == [Told("arrived", "s1", "08:02:00", "gps")]


# depot    0 m, radius 150 m; s1 at 100 m
def test_a_stop_beside_the_depot_counts_only_on_a_trip() -> None:
    walk = Walk(100)
    walk.park("07:50", 240, 100)
    walk.drive("07:54", 100, 2000)

    walk.park("08:10", 120, 100)

    assert [(told.what, told.where) for told in walk.told] == [
        ("arrived", "depot"),
        ("left", "depot"),
        ("arrived", "s1"),
    ]


# circle   (          o          )     nothing within: no stop is measured
def test_far_from_all_stops_none_is_measured() -> None:
    walk = on_trip(9000)
    assert walk.head["quiet_m"] > 0
    walk.stops["lat_deg"], walk.stops["lon_deg"] = walk.head["track_lat_deg"], 0.0

    walk.fix("08:02", 400, speed_mps=5.0)
    quiet = float(walk.head["quiet_m"])

    assert quiet == walk.head["quiet_m"]
    assert walk.head["near_place"] == 0
