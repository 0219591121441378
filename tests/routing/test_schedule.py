import pytest

from routing.plan import TimeWindow
from routing.schedule import schedule_route
from routing.travel import StraightLine
from tests.factories import TRAVEL, at, place, route, shift, stop, window


def test_service_waits_for_the_window_and_the_drive_home_is_counted() -> None:
    # 08:00 ─100 s─► a, waits until 09:00, 60 s of service ─100 s─► home
    planned = route(stop("a", 1000, window=("09:00", "10:00"), service_s=60))

    (visit,) = planned.visits
    assert (visit.arrive_at - at("08:00")).total_seconds() == pytest.approx(100, abs=0.1)
    assert visit.begin_at == at("09:00")
    assert visit.depart_at == at("09:01")
    assert (planned.ends_at - at("09:01")).total_seconds() == pytest.approx(100, abs=0.1)
    assert planned.distance_m == pytest.approx(2000, rel=1e-4)


def test_a_closed_window_is_served_late_on_arrival() -> None:
    (visit,) = route(stop("a", 1000, window=("07:00", "08:00"))).visits

    assert visit.begin_at == visit.arrive_at > at("08:00")


@pytest.mark.parametrize(
    ("east_m", "promised", "begins"),
    [
        # 10 km take 1000 s: there at 08:16:40
        (1_000, window("08:00", "08:10"), "08:01:40"),
        (10_000, window("09:00", "10:00"), "09:00"),
        (40_000, window("09:00", "10:00"), "09:06:40"),
        (80_000, window("12:00", "12:30"), "12:00"),
        (200_000, window("12:00", "12:30"), "13:33:20"),
    ],
)
def test_of_several_windows_the_first_that_is_not_over_is_promised(
    east_m: float, promised: TimeWindow, begins: str
) -> None:
    choosy = stop(
        "a", east_m, window=("08:00", "08:10"), other_windows=[("09:00", "10:00"), ("12:00", "12:30")]
    )

    (visit,) = route(choosy).visits

    assert visit.stop.windows == (promised,)
    assert (visit.begin_at - at(begins)).total_seconds() == pytest.approx(0, abs=2)


def test_a_shift_without_stops_stays_at_home() -> None:
    planned = route(shift=shift(end=place(5000)))

    assert (planned.visits, planned.distance_m, planned.ends_at) == ((), 0.0, at("08:00"))


def test_a_vehicle_may_leave_later_than_its_shift_starts() -> None:
    planned = schedule_route(shift(), [stop("a", 1000)], TRAVEL, depart_at=at("08:30"))

    assert (planned.visits[0].arrive_at - at("08:30")).total_seconds() == pytest.approx(100, abs=0.1)


def test_each_leg_takes_the_speed_of_its_own_hour() -> None:
    # leaves at 08:00 at 10 m/s; the second leg begins at 09:00, at 5 m/s
    rush = StraightLine(detour=1.0, speeds_mps=(10.0,) * 9 + (5.0,) * 15)

    planned = route(stop("a", 1000, window=("09:00", "10:00")), stop("b", 2000), travel=rush)

    assert (planned.visits[1].arrive_at - at("09:00")).total_seconds() == pytest.approx(200, abs=0.1)


def test_a_route_ends_where_its_shift_does() -> None:
    planned = route(stop("a", 1000), shift=shift(end=place(3000)))

    assert planned.distance_m == pytest.approx(3000, rel=1e-4)
