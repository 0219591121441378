from datetime import date, timedelta

import pytest

from streams.simulator import fate
from streams.simulator.city import TIME_ZONE, build_city, local
from streams.simulator.demand import orders_of
from streams.simulator.roads import Point
from streams.simulator.roster import shifts_of
from streams.simulator.traffic import Incident, Traffic, planned_travel, utc_speeds_mps

DATE = date(2026, 10, 13)
CITY = build_city(1, 2, 24)


def test_a_city_needs_a_van_for_each_depot() -> None:
    with pytest.raises(ValueError, match="3 depots and 2 vans"):
        build_city(1, 3, 2)


def test_both_kinds_of_vans_work_in_two_waves_at_every_depot() -> None:
    shifts = shifts_of(CITY, DATE)
    noon_at = local(DATE, 12)

    for depot in CITY.depots:
        vans = {van.vehicle_id for van in CITY.vans if van.depot_id == depot.depot_id}
        own = [shift for shift in shifts if shift.vehicle.vehicle_id in vans]
        assert len(own) == 12
        assert 4 <= sum(shift.starts_at > noon_at for shift in own) <= 6
    assert {van.energy for van in CITY.vans} == {"diesel", "electric"}


def test_orders_are_promised_within_working_hours_and_placed_before() -> None:
    orders = orders_of(CITY, DATE, 300)

    assert len({order.order_id for order in orders}) == 300
    for order in orders:
        assert order.placed_at < order.promise.opens_at
        assert local(DATE, 8) <= order.promise.opens_at
        assert order.promise.closes_at <= local(DATE, 19)


def test_neighbours_share_a_stop_its_place_and_its_window() -> None:
    orders = orders_of(CITY, DATE, 300)
    by_stop = {order.stop_id: order for order in orders}

    shared = [order for order in orders if by_stop[order.stop_id] is not order]

    assert 5 < len(shared) < 40
    for order in shared:
        other = by_stop[order.stop_id]
        assert (order.place, order.promise, order.depot_id) == (other.place, other.promise, other.depot_id)


def test_some_orders_are_placed_on_the_day_for_its_afternoon() -> None:
    orders = orders_of(CITY, DATE, 300)

    same_day = [order for order in orders if order.placed_at > local(DATE, 0)]

    assert 10 < len(same_day) < 45
    assert all(order.promise.opens_at >= local(DATE, 15) for order in same_day)


def test_more_orders_leave_the_first_ones_as_they_were() -> None:
    few = {order.order_id: order for order in orders_of(CITY, DATE, 50)}
    many = {order.order_id: order for order in orders_of(CITY, DATE, 60)}

    assert few.items() <= many.items()


def test_about_one_door_in_twenty_stays_shut() -> None:
    failures = [fate.failure_at_door(1, f"stop {number}") for number in range(4000)]

    share = sum(failure is not None for failure in failures) / 4000
    assert 0.04 < share < 0.06
    assert failures.count("not_at_home") > failures.count("refused") > 0


def test_an_incident_slows_its_area_for_its_time_only() -> None:
    began_at = local(DATE, 10)
    incident = Incident("i", Point(6000, 0), 2000, began_at, began_at + timedelta(hours=1), 0.4)
    traffic = Traffic(utc_speeds_mps(DATE, TIME_ZONE), (incident,))

    inside = traffic.speed_mps(Point(6500, 0), began_at)
    later = traffic.speed_mps(Point(6500, 0), began_at + timedelta(hours=1))
    elsewhere = traffic.speed_mps(Point(-6500, 0), began_at)

    assert inside == pytest.approx(0.4 * elsewhere)
    assert later > inside


def test_planners_are_a_little_too_hopeful_at_every_hour() -> None:
    planned = planned_travel(DATE, TIME_ZONE).speeds_mps
    real = utc_speeds_mps(DATE, TIME_ZONE)

    assert all(1.0 < hope / truth < 1.15 for hope, truth in zip(planned, real, strict=True))


def test_speeds_follow_the_local_clock_through_summer_time() -> None:
    summer, winter = utc_speeds_mps(DATE, TIME_ZONE), utc_speeds_mps(date(2026, 11, 10), TIME_ZONE)

    assert summer[6] == winter[7]
