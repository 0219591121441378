from routing.plan import Break
from streams.events.delivery import ScanKind
from tests.factories import at, route, shift, stop
from tests.streams.fleet.timeline import Timeline, later


# 10 m/s; depot 0 m, s1 at 1 km, s2 at 3 km, two minutes of service each
def day() -> Timeline:
    line = Timeline()
    line.route(
        stop("s1", 1000, service_s=120, order_ids=("o1",)), stop("s2", 3000, service_s=120, order_ids=("o2",))
    )
    return line


def p50s(line: Timeline) -> dict[str, str]:
    return {eta.stop_id: f"{later(eta.p50_at, 0.5):%H:%M:%S}" for eta in line.etas[-1].stops}


def test_before_departure_etas_count_from_the_shifts_start() -> None:
    line = day()

    (update,) = line.etas

    assert p50s(line) == {"s1": "08:01:40", "s2": "08:07:00"}
    assert update.estimated_at == at("06:00")
    assert "not departed" in update.basis


# shift    08:00 |
# ticks    . . . . .  08:10, still at the depot
def test_a_late_start_pushes_the_etas_at_the_ticks() -> None:
    line = day()

    line.tick("08:10")

    assert p50s(line)["s1"] == "08:11:40"


def test_a_drive_on_plan_gives_no_new_estimate() -> None:
    line = Timeline()
    line.route(stop("s1", 20_000))
    line.park("07:58", 120)
    line.drive("08:00", 0, 3000)
    told = len(line.etas)

    line.drive("08:05", 3000, 9000)

    assert len(line.etas) == told


# driven   08:00 0 km ... 08:05 3 km, and no further
# behind                             1 min      1 min 10 s: estimated anew
def test_standing_on_the_road_moves_the_estimate_when_it_comes_to_over_a_minute() -> None:
    line = Timeline()
    line.route(stop("s1", 20_000))
    line.park("07:58", 120)
    line.drive("08:00", 0, 3000)
    told = len(line.etas)

    line.fix("08:05", 3000)
    line.fix("08:05:55", 3000)
    early = len(line.etas)
    line.fix("08:06:10", 3000)

    assert (early, len(line.etas)) == (told, told + 1)
    assert p50s(line)["s1"] == "08:34:30"


# planned  08:01:40 s1, two minutes of service, 08:07:00 s2
def test_an_arrival_on_time_is_no_news_of_the_next_stop() -> None:
    line = day()
    line.park("07:58", 120)
    line.drive("08:00", 0, 900)
    told = len(line.etas)

    line.park("08:01:40", 90, 1000)

    assert len(line.etas) == told


# planned  08:01:40 s1, two minutes of service
# fixes    . . . .  08:04:40 one minute over   08:05:00
def test_while_serving_the_next_stop_waits_for_the_end_of_service() -> None:
    line = day()
    line.park("07:58", 120)
    line.drive("08:00", 0, 900)

    line.park("08:01:40", 240, 1000)

    assert p50s(line) == {"s2": "08:08:29"}  # the first leg took 5 s less than modelled
    assert "being served" in line.etas[-1].basis


def test_a_window_that_is_not_open_yet_is_waited_for() -> None:
    line = Timeline()

    line.route(stop("s1", 1000, window=("09:00", "10:00"), service_s=60), stop("s2", 2000))

    assert p50s(line) == {"s1": "08:01:40", "s2": "09:02:40"}


def test_etas_are_told_at_most_once_a_minute_and_not_forgotten() -> None:
    line = day()
    line.route(stop("s1", 2000), revision=2, effective="06:00")
    within = len(line.etas)

    line.tick("06:00:30")
    still = len(line.etas)
    line.tick("06:01:00")

    assert (within, still, len(line.etas)) == (1, 1, 2)
    assert p50s(line) == {"s1": "08:03:20"}


def test_a_done_stop_leaves_the_estimates() -> None:
    line = day()
    line.park("07:58", 120)
    line.drive("08:00", 0, 1000)
    line.park("08:01:40", 60, 1000)

    line.scan("08:05:00", ScanKind.DELIVERED, "o1")
    line.tick("08:05:30")

    assert p50s(line) == {"s2": "08:08:20"}
    assert "last position" in line.etas[-1].basis


# s1 in 20 km, s2 with 10 min of service, s3; s2's parcel is handed over on the way to s1
def test_a_later_stop_that_moves_by_over_three_minutes_is_told_though_the_next_one_stays() -> None:
    line = Timeline()
    line.route(stop("s1", 20_000), stop("s2", 20_500, service_s=600, order_ids=("o2",)), stop("s3", 21_000))
    line.park("07:58", 120)
    line.drive("08:00", 0, 3000)
    told, before = len(line.etas), p50s(line)

    line.scan("08:05:10", ScanKind.DELIVERED, "o2")

    assert len(line.etas) == told + 1
    assert (before["s1"], before["s3"]) == ("08:33:20", "08:45:00")
    assert p50s(line) == {"s1": "08:33:40", "s3": "08:35:20"}  # from the last fix, at 2.9 km


# driven   08:00 0 km ... 08:05 3 km, heard until then: 20 km are reached at 08:33:20
# ticks                            . . . .  08:40: it may have arrived in the minute for which it says nothing
def test_a_vehicle_that_is_not_heard_is_taken_to_drive_on_until_it_should_have_arrived() -> None:
    line = Timeline()
    line.route(stop("s1", 20_000))
    line.park("07:58", 120)
    line.drive("08:00", 0, 3000)
    line.fix("08:05", 3000, speed_mps=10.0)
    told = len(line.etas)

    for clock in ("08:10", "08:20", "08:33"):
        line.tick(clock)
    on_its_way = len(line.etas)
    line.tick("08:40")

    assert on_its_way == told
    assert p50s(line) == {"s1": "08:39:00"}


# driven   08:00 ... 08:05 3 km | s1 with its window at 20 km, to be reached at 08:33:20
# messages                          one of 30 fixes, sent at 08:15, of 08:05:20 to 08:15
def test_fixes_that_a_device_kept_and_sends_at_once_tell_of_no_delay_on_a_drive_on_plan() -> None:
    line = Timeline()
    line.route(stop("s1", 20_000, window=("08:30", "08:41")))
    line.park("07:58", 120)
    line.drive("08:00", 0, 3000)
    for clock in ("08:06", "08:08", "08:10", "08:12", "08:14"):
        line.tick(clock)

    kept = [
        line.make_fix(later("08:05", after_s), 3000 + 10 * after_s, speed_mps=10.0, received_at=at("08:15"))
        for after_s in range(20, 601, 20)
    ]
    line.send_fixes(*kept)

    assert line.delays == []
    assert p50s(line) == {"s1": "08:33:20"}


# s1       arrived 08:01:40, two minutes of service; heard until 08:02:40
# ticks                                 08:04 .. 08:06: it has left by then, though nobody said so
def test_a_vehicle_not_heard_since_its_arrival_is_taken_to_leave_after_the_service() -> None:
    line = day()
    line.park("07:58", 120)
    line.drive("08:00", 0, 1000)
    line.park("08:01:40", 180, 1000)
    before = p50s(line)["s2"]

    line.tick("08:06")

    assert p50s(line)["s2"] == before


# break    08:05 |======= 30 min =======|      heard until 08:05:50, standing at 3 km; then 17 km of drive
# ticks          . . . . .  the break goes on, and what is left of it is not counted twice
def test_a_vehicle_that_falls_silent_in_its_break_is_taken_to_have_it() -> None:
    line = Timeline()
    pause = Break(at("08:05"), 1_800.0)
    line.route(planned=route(stop("s1", 20_000), shift=shift(breaks=(pause,))))
    line.park("07:58", 120)
    line.drive("08:00", 0, 3000)
    line.park("08:05", 50, 3000, every_s=10)

    seen = set()
    for clock in ("08:06", "08:10", "08:15", "08:20", "08:25", "08:28", "08:30", "08:34"):
        line.tick(clock)
        seen.add(p50s(line)["s1"])

    assert seen == {"09:03:20"}


def test_progress_and_eta_agree_on_a_vehicle_that_is_not_heard() -> None:
    line = Timeline()
    line.route(stop("s1", 20_000))
    line.park("07:58", 120)
    line.drive("08:00", 0, 3000)
    line.fix("08:05", 3000, speed_mps=10.0)

    line.tick("08:20")

    told = line.progress[-1]
    assert later(told.free_at, 1_700.5).replace(microsecond=0) == at("08:33:20")
    assert told.judged_at == at("08:20")


# fixes    08:05 3 km                          08:05:20 to 08:06, received at 08:11
# scan                 08:10 s1, 6 km: 14 km on to s2 are 23:20
def test_fixes_older_than_a_scan_that_come_after_it_move_the_vehicle_no_more() -> None:
    line = Timeline()
    line.route(stop("s1", 6_000, service_s=0, order_ids=("o1",)), stop("s2", 20_000, service_s=0))
    line.park("07:58", 120)
    line.drive("08:00", 0, 3000)
    line.fix("08:05", 3000, speed_mps=10.0)
    line.scan("08:10", ScanKind.DELIVERED, "o1")
    line.tick("08:10:30")
    before = p50s(line)["s2"]

    kept = (
        line.make_fix(later("08:05", after), 3000 + 10 * after, received_at=at("08:11"))
        for after in (20, 40, 60)
    )
    line.send_fixes(*kept)
    line.tick("08:11:30")

    assert before == "08:33:20"
    assert p50s(line)["s2"] == before


# break    08:05 |=== 30 min ===|      the van drives on past it: it is had before the rest of the leg
def test_progress_counts_a_break_that_is_due_as_had_when_the_vehicle_leaves() -> None:
    line = Timeline()
    pause = Break(at("08:05"), 1_800.0)
    line.route(planned=route(stop("s1", 20_000), shift=shift(breaks=(pause,))))
    line.park("07:58", 120)
    line.drive("08:00", 0, 3600)

    line.tick("08:20")

    before, told = line.progress[0], line.progress[-1]
    assert (before.breaks_taken, told.breaks_taken) == (0, 1)
    arrives_at = later(told.free_at, (20_000 - 3_500) / 10)
    assert f"{later(arrives_at, 0.5):%H:%M:%S}" == p50s(line)["s1"]
