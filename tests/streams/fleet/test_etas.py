from streams.events.delivery import ScanKind
from tests.factories import at, stop
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


def test_while_serving_the_next_stop_waits_for_the_expected_end_of_service() -> None:
    line = day()
    line.park("07:58", 120)
    line.drive("08:00", 0, 900)

    line.park("08:01:40", 90, 1000)

    assert p50s(line) == {"s2": "08:06:59"}  # the first leg took 5 s less than modelled
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

    line.scan("08:03:00", ScanKind.DELIVERED, "o1")
    line.tick("08:03:50")

    assert p50s(line) == {"s2": "08:07:09"}
    assert "last position" in line.etas[-1].basis
