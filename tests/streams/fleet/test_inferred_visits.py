from streams.events.delivery import ScanKind
from streams.events.judgements import KnownBy
from tests.factories import at, stop
from tests.streams.fleet.on_the_way import DEPARTED, on_the_way
from tests.streams.fleet.timeline import Timeline


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
