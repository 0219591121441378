from streams.events.delivery import ScanKind
from tests.factories import at, stop
from tests.streams.fleet.on_the_way import ARRIVED, DEPARTED, on_the_way
from tests.streams.fleet.timeline import Timeline


# depot    07:58 |=====| 08:00:10, the last fix inside
# fixes    . . . . . . o o          o = outside 225 m, two in a row
def test_leaving_the_depot_is_a_departure_as_of_the_last_fix_inside() -> None:
    line = on_the_way(1000)

    arrived, departed = line.depot_visits

    assert (arrived.phase, arrived.arrived_at, arrived.stop_id) == (ARRIVED, at("07:58"), "D1")
    assert (departed.phase, departed.departed_at) == (DEPARTED, at("08:00:20"))
    assert line.progress[-1].has_departed


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


def test_a_departed_scan_means_the_vehicle_has_left() -> None:
    line = Timeline()
    line.route(stop("s1", 1000))
    line.park("07:58", 60)

    line.scan("08:01", ScanKind.DEPARTED)

    assert line.progress[-1].has_departed
    assert line.progress[-1].next_stop_id == "s1"


# depot    |====|  08:00  08:03 |=====|       forgot something, no stop visited
def test_coming_back_to_the_depot_from_no_stop_undoes_the_departure() -> None:
    line = on_the_way(5000)
    line.drive("08:01:20", 800, 0)

    line.park("08:03", 120, 0)

    assert not line.progress[-1].has_departed


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
