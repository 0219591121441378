"""Carriers during the day: what would be late, or has no place, can be handed over."""

from dataclasses import replace

import pytest

from routing.alternatives import Alternative, alternatives
from routing.carriers import Carrier
from routing.changes import AlternativeKind, Changes, Policy, Progress
from routing.plan import HandedOver, RoutePlan, Stop, StopKind
from routing.reoptimize import weigh
from tests.factories import TRAVEL, carrier, plan, route, shift, stop, vehicle
from tests.routing.under_way import QUICK, USUAL, progress

VAN = vehicle(per_km=1.0, co2e_kg_per_km=0.2)
KEEN = carrier(keeps_windows=True, co2e_kg_per_stop=0.1)
DAY = plan(
    route(stop("a", 1000), stop("b", 20_000, window=("08:00", "08:40")), shift=shift(vehicle=VAN)),
)
LATE = progress(free="08:30")
"""Nobody has left yet at 08:30: b would be 23 min late."""


def choices(
    *carriers: Carrier,
    current: RoutePlan = DAY,
    report: Progress = LATE,
    new: tuple[Stop, ...] = (),
    policy: Policy = USUAL,
) -> list[Alternative]:
    weighed = weigh(current, (report,), Changes(new), policy, TRAVEL, QUICK, seed=1)
    return list(alternatives(weighed, carriers=carriers).ranked)


def by_carrier(*carriers: Carrier, **more: object) -> list[Alternative]:
    found = choices(*carriers, **more)  # type: ignore[arg-type]
    return [each for each in found if each.answer.handed_over]


def test_who_would_be_late_can_be_handed_over_at_the_carriers_price() -> None:
    (found,) = by_carrier(KEEN)

    assert found.kind is AlternativeKind.HAND_OVER
    assert found.words == "hand over b to carrier C; keep everybody's order"
    assert found.outlook == "every stop is in time"
    assert [each.stop_ids for each in found.answer.routes] == [("a",)]
    assert found.answer.unassigned == ()
    # 38 km less for the van at 1 each, 5 for the carrier
    assert found.answer.effects.cost_delta == pytest.approx(-38.0 + 5.0, rel=1e-3)
    assert found.answer.effects.co2e_delta_kg == pytest.approx(-38 * 0.2 + 0.1, rel=1e-3)


def test_a_new_stop_without_a_place_can_be_handed_over() -> None:
    full = plan(route(stop("a", 1000), shift=shift(vehicle=replace(VAN, capacity_packages=1))))

    found = choices(KEEN, current=full, report=progress(), new=(stop("new", 2000),))

    assert found[0].words == "hand over new to carrier C; keep everybody's order"
    assert (found[0].answer.routes, found[0].n_unserved) == ((), 0)
    assert found[-1].n_unserved == 1


def test_an_outsider_is_never_what_is_proposed() -> None:
    assert [each.kind for each in choices(KEEN) if each.is_proposed] != [AlternativeKind.HAND_OVER]


def test_a_high_price_ranks_it_behind() -> None:
    cheap, dear = (
        [each.kind for each in choices(KEEN, policy=Policy(handed_over_s=price))] for price in (0.0, 1e6)
    )

    assert cheap[0] is AlternativeKind.HAND_OVER
    assert dear.index(AlternativeKind.NOTHING) < dear.index(AlternativeKind.HAND_OVER)


def test_the_cheapest_who_has_room_takes_it() -> None:
    cheap = carrier("cheap", 1.0, keeps_windows=True, most_stops=1)
    had = replace(DAY, handed_over=(HandedOver(stop("x"), "cheap"),))

    (free,) = by_carrier(KEEN, cheap)
    (taken,) = by_carrier(KEEN, cheap, current=had)

    assert [each.carrier_id for each in free.answer.handed_over] == ["cheap"]
    assert [each.carrier_id for each in taken.answer.handed_over] == ["C"]
    assert taken.answer.violations == ()


@pytest.mark.parametrize(
    ("who", "report"),
    [
        (carrier(), LATE),  # keeps no windows
        (KEEN, progress(free="08:30", loaded=("b",))),
        (KEEN, progress(free="08:30", has_departed=True)),
    ],
    ids=["it keeps no windows", "it is on board", "the vehicle has left"],
)
def test_what_no_carrier_takes_or_is_on_board_is_not_handed_over(who: Carrier, report: Progress) -> None:
    assert by_carrier(who, report=report) == []


def test_pick_ups_and_pairs_are_no_carriers() -> None:
    window = ("08:00", "08:40")
    pick_up = plan(route(stop("b", 20_000, window=window, kind=StopKind.PICK_UP), shift=shift(vehicle=VAN)))

    assert by_carrier(KEEN, current=pick_up) == []


def test_money_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="carrier C asks CHF, the vehicles cost EUR: they can't be added"):
        choices(replace(KEEN, currency="CHF"))
