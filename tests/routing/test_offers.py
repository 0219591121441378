from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from routing.changes import Progress
from routing.day import rates_of
from routing.evaluation import Evaluation
from routing.offers import Offer, offers
from routing.plan import Route, RoutePlan, Stop, StopKind, TimeWindow
from routing.schedule import schedule_route
from tests.factories import TRAVEL, at, place, plan, rest, route, shift, stop, vehicle, window
from tests.routing.day_under_way import UnderWay, is_no_worse, is_out_of_reach, plans_under_way
from tests.routing.strategies import stops, windows

ALL_DAY = window("08:00", "16:00")


def offered(
    current: RoutePlan, order: Stop, *asked: TimeWindow, progress: tuple[Progress, ...] = ()
) -> list[Offer]:
    return offers(current, progress, order, asked or (ALL_DAY,), TRAVEL)


def test_a_window_that_somebody_can_keep_is_offered_and_no_other() -> None:
    # a is 1000 s away and has to be reached by 08:20; the new one is as far on the other side
    current = plan(route(stop("a", 10_000, window=("08:00", "08:20"))))

    found = offered(current, stop("new", -10_000), window("08:00", "08:40"), window("08:30", "09:00"))

    assert [each.stop.window for each in found] == [window("08:30", "09:00")]
    assert found[0].route.stop_ids == ("a", "new")
    assert (found[0].shift_id, found[0].position) == ("A", 1)
    assert abs(found[0].visit.arrive_at - at("08:50")) < timedelta(seconds=1)


def test_each_offer_says_what_it_adds() -> None:
    van = vehicle(per_km=0.5, per_h=36.0, co2e_kg_per_km=0.2)
    current = plan(route(stop("a", 1000), shift=shift(vehicle=van)))

    (offer,) = offered(current, stop("new", 2000, service_s=100))

    assert offer.extra_distance_m == pytest.approx(2000, rel=1e-3)
    assert offer.extra_duration_s == pytest.approx(300, rel=1e-3)
    assert offer.extra_cost == pytest.approx(2 * 0.5 + 300 / 3600 * 36, rel=1e-3)
    assert offer.extra_co2e_kg == pytest.approx(0.4, rel=1e-3)


def test_the_cheapest_and_the_greenest_offer_are_marked() -> None:
    # the electric van costs more a kilometre; it is free in the afternoon only
    diesel = shift("D", vehicle=vehicle("d", per_km=0.2, co2e_kg_per_km=0.3), ends="12:00")
    electric = shift("E", vehicle=vehicle("e", per_km=0.9, co2e_kg_per_km=0.0), starts="12:00")
    current = plan(route(shift=diesel), route(shift=electric))

    morning, afternoon = offered(current, stop("new"), window("08:00", "10:00"), window("13:00", "14:00"))

    assert (morning.is_cheapest, morning.is_greenest) == (True, False)
    assert (afternoon.is_cheapest, afternoon.is_greenest) == (False, True)


def test_a_shift_that_would_have_to_begin_costs_its_fixed_price() -> None:
    current = plan(route(shift=shift(vehicle=vehicle(fixed_cost=40.0))))

    (offer,) = offered(current, stop("new"))

    assert offer.extra_cost == 40.0


def test_where_no_vehicle_costs_anything_the_least_distance_is_cheapest() -> None:
    current = plan(route(stop("a", 9000)), route(stop("b", -9000), shift=shift("B")))

    (offer,) = offered(current, stop("new", -8000))

    assert (offer.shift_id, offer.is_cheapest, offer.is_greenest) == ("B", True, True)


def test_what_is_driven_to_stays_first() -> None:
    eastward = shift(end=place(4000))
    current = plan(route(stop("a", 1000), stop("b", 2000), stop("c", 3000), shift=eastward))
    under_way = Progress("A", place(1000), at("09:00"), done_stop_ids=("a",), frozen_stop_ids=("b",))

    (offer,) = offered(current, stop("new", 1500), progress=(under_way,))

    assert offer.route.stop_ids == ("a", "b", "new", "c")
    assert offer.route.visits[0] == current.routes[0].visits[0]
    assert offer.visit.arrive_at >= at("09:02")


def test_a_parcel_at_the_depot_is_not_offered_a_vehicle_that_has_left_but_a_pick_up_is() -> None:
    current = plan(route(stop("a", 3000)))
    on_the_road = Progress("A", place(1000), at("08:10"), has_departed=True)

    assert offered(current, stop("new"), progress=(on_the_road,)) == []
    assert len(offered(current, stop("new", kind=StopKind.PICK_UP), progress=(on_the_road,))) == 1


def test_a_delivery_under_way_makes_room_for_a_pick_up_behind_it() -> None:
    small = shift(vehicle=vehicle(packages=2))
    current = plan(route(stop("a", packages=2), shift=small))
    driving_there = Progress("A", place(500), at("08:10"), frozen_stop_ids=("a",), has_departed=True)

    (offer,) = offered(current, stop("new", packages=2, kind=StopKind.PICK_UP), progress=(driving_there,))

    assert offer.route.stop_ids == ("a", "new")


def test_nobody_is_promised_what_pushes_a_break_too_far_back() -> None:
    # 08:00 --a 09:00..09:30--> break due 09:30, at the latest 09:40; another 20 min of service do not fit
    tight = shift(breaks=(rest("09:30", 30, latest="09:40"),), ends="10:10")
    current = plan(route(stop("a", 100, window=("09:00", "09:30"), service_s=1800), shift=tight))

    found = offered(
        current, stop("new", 200, service_s=1200), window("09:00", "10:00"), window("08:00", "08:40")
    )

    assert [each.stop.window for each in found] == [window("08:00", "08:40")]


def test_who_is_late_already_gets_no_later_but_others_may_be_served() -> None:
    late = stop("a", 1000, window=("07:00", "07:30"))

    (offer,) = offered(plan(route(late)), stop("new", 500, service_s=60))

    assert offer.route.stop_ids == ("a", "new"), "before a it would be cheaper"


def test_the_risk_is_that_of_the_normal_arrival_behind_its_spread() -> None:
    # 1000 s of driving, deviations 150 s and 100 s: 180 s, as long as the window closes after P50: 15.9%
    (offer,) = offered(plan(route()), stop("new", 10_000), window("08:00", "08:19:40"))

    assert offer.own_lateness_risk == pytest.approx(0.1587, abs=2e-3)
    assert offer.lateness_risk == pytest.approx(offer.own_lateness_risk)


def test_the_risk_counts_those_promised_before_by_what_theirs_goes_up() -> None:
    # a is reached at 08:33:20 instead of 08:16:40; its window closes at 08:40
    current = plan(route(stop("a", 10_000, window=("08:30", "08:40"))))

    (offer,) = offered(current, stop("new", 5_000, service_s=1000))

    assert offer.own_lateness_risk == 0.0
    assert 0.05 < offer.lateness_risk < 0.5


def test_an_order_that_the_plan_has_or_that_is_half_of_a_pair_is_refused() -> None:
    current = plan(route(stop("a")))

    with pytest.raises(ValueError, match="new stop a is in plan D1 already"):
        offered(current, stop("a"))
    with pytest.raises(ValueError, match="Stop new is half of a pair"):
        offered(current, stop("new", picked_up_at="a"))


def test_no_window_asked_for_is_no_offer() -> None:
    assert offers(plan(route()), (), stop("new"), (), TRAVEL) == []


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(plans_under_way(), stops("new"), st.lists(windows(), min_size=1, max_size=4))
def test_what_is_offered_is_what_trying_everything_finds(
    day: UnderWay, order: Stop, asked: list[TimeWindow]
) -> None:
    before = day.judge()

    found = offers(day.plan, day.progress, order, asked, day.travel)

    by_window = {each.stop.window: each for each in found}
    for each in asked:
        best = min(
            (
                price(day, before, after)
                for _, after in everywhere(day, before, replace(order, window=each, other_windows=()))
            ),
            default=None,
        )
        offer = by_window.get(each)
        assert (offer is None) == (best is None), f"{each} is {'not ' if offer is None else ''}offered"
        if offer is not None and best is not None:
            after = day.judge(offer.route)
            assert is_no_worse(before, after, day.plan.routes)
            assert after.is_feasible or not before.is_feasible
            assert price(day, before, after) == pytest.approx(best, abs=1e-6)
            assert offer.extra_cost == pytest.approx(after.cost - before.cost, abs=1e-6)
            assert offer.extra_distance_m == pytest.approx(after.distance_m - before.distance_m, abs=1e-6)
            assert offer.extra_duration_s == pytest.approx(after.duration_s - before.duration_s, abs=1e-6)
            assert offer.extra_co2e_kg == pytest.approx(after.co2e_kg - before.co2e_kg, abs=1e-6)
            assert 0.0 <= offer.own_lateness_risk <= offer.lateness_risk + 1e-9 <= 1.0 + 1e-9
    event(f"{len(by_window)} of {len(set(asked))} windows")


def everywhere(day: UnderWay, before: Evaluation, order: Stop) -> Iterator[tuple[Route, Evaluation]]:
    """Every route with the order in it that breaks nothing further."""
    progress = {each.shift_id: each for each in day.progress}
    for each in day.plan.routes:
        how_far = progress.get(each.shift.shift_id)
        if how_far is not None and is_out_of_reach(order, how_far):
            continue
        n_fixed = 0 if how_far is None else len({*how_far.done_stop_ids, *how_far.frozen_stop_ids})
        served = [visit.stop for visit in each.visits]
        for gap in range(n_fixed, len(served) + 1):
            longer = schedule_route(each.shift, [*served[:gap], order, *served[gap:]], day.travel)
            after = day.judge(longer)
            if is_no_worse(before, after, day.plan.routes):
                yield longer, after


def price(day: UnderWay, before: Evaluation, after: Evaluation) -> float:
    is_free = rates_of([each.shift.vehicle for each in day.plan.routes])[0].per_m == 1.0
    return after.distance_m - before.distance_m if is_free else after.cost - before.cost
