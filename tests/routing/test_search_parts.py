from itertools import pairwise
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.day import DayPrices, Rates
from routing.descent import descend, nearest
from routing.insertion import insert
from routing.parts import what_pays
from routing.plan import StopKind
from routing.selection import select
from routing.stability import count_changes, n_next_changed, n_out_of_order
from routing.task import task_of, vantage_of
from routing.timetable import Timetable
from routing.worth import jobs
from tests.factories import TRAVEL, shift, stop, vehicle

POINTS = (0.0, 5.0, 1.0, 4.0, 2.0, 3.0)
"""Places on a line by stop index."""

NEAR = nearest(np.abs(np.subtract.outer(POINTS, POINTS)), len(POINTS))


def line(tour: int, sequence: tuple[int, ...]) -> float:
    """From -1 (first tour) or 6 (second) along the line, and back."""
    start = (-1.0, 6.0)[tour]
    places = [start, *(POINTS[stop] for stop in sequence), start]
    return sum(abs(a - b) for a, b in pairwise(places))


def test_stops_are_inserted_where_they_cost_least() -> None:
    # -1 ── 0 at 0 ───── 2 at 1 ─────────── 3 at 4 ── 1 at 5 ── 6: each joins the tour it is nearer to
    tours, left_out = insert(((0,), (1,)), ((2,), (3,)), line)

    assert left_out == ()
    assert [set(each) for each in tours] == [{0, 2}, {1, 3}]


def test_a_stop_without_an_allowed_place_is_left_out() -> None:
    def forbids_three(tour: int, sequence: tuple[int, ...]) -> float:
        return inf if 3 in sequence else line(tour, sequence)

    tours, left_out = insert(((0,), ()), ((3,), (2,)), forbids_three)

    assert left_out == ((3,),)
    assert sorted(stop for sequence in tours for stop in sequence) == [0, 2]


@given(st.permutations(range(6)), st.integers(0, 6))
def test_descent_never_loses_a_stop_and_never_gets_dearer(order: list[int], cut: int) -> None:
    start = (tuple(order[:cut]), tuple(order[cut:]))

    tours = descend(start, line, NEAR)

    assert sorted(stop for sequence in tours for stop in sequence) == list(range(6))
    assert _total(tours) <= _total(start)


@given(st.permutations(range(6)), st.integers(0, 6))
def test_descent_within_tours_leaves_every_stop_on_its_own(order: list[int], cut: int) -> None:
    start = (tuple(order[:cut]), tuple(order[cut:]))

    tours = descend(start, line, NEAR, is_within=True)

    assert [set(each) for each in tours] == [set(each) for each in start]


def test_descent_untangles_a_route() -> None:
    tours = descend(((1, 0, 3, 2, 5, 4), ()), line, NEAR, is_within=True)

    assert line(0, tours[0]) == 12


def test_descent_begins_where_it_is_told_and_goes_on_where_that_changes_a_tour() -> None:
    # Two lines apart from each other, both tangled: the second one is not asked for.
    def apart(tour: int, sequence: tuple[int, ...]) -> float:
        is_mixed = len({stop < 3 for stop in sequence}) > 1
        return inf if is_mixed else line(0, sequence)

    start = ((0, 2, 1), (3, 5, 4))

    assert descend(start, apart, NEAR, first=[2])[1] == (3, 5, 4)
    assert line(0, descend(start, apart, NEAR, first=[2])[0]) == 12
    assert descend(start, apart, NEAR, first=[]) == start


def test_one_stop_taken_out_of_a_row_and_put_elsewhere_is_one_change() -> None:
    assert n_out_of_order([2, 3, 4, 1]) == 1
    assert n_out_of_order([]) == 0


@pytest.mark.parametrize(
    ("after", "n_next", "changes"),
    [
        ("abcde", 3, 0),
        ("abced", 3, 0),  # what comes later is not next
        ("bacde", 3, 1),
        ("nabcd", 3, 1),  # n comes, c is no longer among the next
        ("bcde", 3, 1),  # a leaves, d comes
        ("dec", 2, 2),
        ("", 3, 3),
        ("baced", 0, 0),
    ],
)
def test_what_a_driver_serves_next_is_compared_by_what_leaves_and_what_comes(
    after: str, n_next: int, changes: int
) -> None:
    assert n_next_changed("abcde", after, n_next) == changes


def test_parts_of_a_plan_that_do_not_pay_stay_as_they_are() -> None:
    # Tours 0 and 1 exchange a stop for nothing; tour 2 gets shorter by being turned round.
    lengths = {(1, 2): 5.0, (3,): 5.0, (2,): 4.0, (1, 3): 6.5, (5, 4): 9.0, (4, 5): 7.0}

    tours = what_pays(((1, 2), (3,), (5, 4)), ((2,), (1, 3), (4, 5)), lambda _, each: lengths[each], 1.0)

    assert tours == ((1, 2), (3,), (4, 5))


def test_a_part_that_serves_more_is_taken_over_whatever_it_costs() -> None:
    tours = what_pays(((1,),), ((1, 2),), lambda _, each: 100.0 * len(each), 1.0)

    assert tours == ((1, 2),)


def test_a_transfer_is_nobody_more_who_is_served() -> None:
    # Stop 2 is where the parcels of stop 3 are handed over.
    lengths = {(1,): 1.0, (2, 3): 9.0}

    tours = what_pays(((1,),), ((2, 3),), lambda _, each: lengths[each], 1.0, transfers={2})

    assert tours == ((1,),)


def test_moved_and_resequenced_stops_are_counted_apart_and_new_ones_not_at_all() -> None:
    before = [["a", "b", "c", "d"], ["e"]]
    after = [["b", "c", "a"], ["e", "new", "d"]]

    assert count_changes(before, after) == (1, 1)


@given(st.lists(st.integers(0, 9), unique=True))
def test_what_is_left_after_taking_out_the_displaced_can_ascend(ranks: list[int]) -> None:
    kept = len(ranks) - n_out_of_order(ranks)

    assert kept == _longest_ascent(ranks)


def _longest_ascent(ranks: list[int]) -> int:
    best = [1] * len(ranks)
    for high in range(len(ranks)):
        best[high] += max((best[low] for low in range(high) if ranks[low] < ranks[high]), default=0)
    return max(best, default=0)


def _total(tours: tuple[tuple[int, ...], ...]) -> float:
    return sum(line(tour, sequence) for tour, sequence in enumerate(tours))


def test_halves_of_a_pair_are_one_job_and_a_half_alone_is_one_too() -> None:
    # 0 and 2 are a pair, 1 stands alone, 3 is half of a pair whose other half is not asked about
    mates = (2, -1, 0, 4, 3)

    assert jobs((2, 1, 0, 3), mates) == [(2, 0), (1,), (3,)]


def test_a_pair_is_inserted_in_the_order_that_is_allowed() -> None:
    def from_left_to_right(tour: int, sequence: tuple[int, ...]) -> float:
        is_in_order = sequence == tuple(sorted(sequence, key=POINTS.__getitem__))
        return line(tour, sequence) if is_in_order else inf

    tours, left_out = insert(((2,), ()), ((1, 0),), from_left_to_right)

    assert (tours[0], left_out) == ((0, 2, 1), ())


def test_a_left_out_stop_takes_the_place_of_one_of_less_worth_and_what_is_not_worth_its_way_goes() -> None:
    def one_at_most(tour: int, sequence: tuple[int, ...]) -> float:
        return line(tour, sequence) if len(sequence) <= 1 else inf

    worth = {0: 5.0, 1: 100.0, 2: 1.0}

    tours, left_out = select(
        ((0,), (2,)), ((1,),), one_at_most, lambda job: sum(worth[stop] for stop in job), (-1,) * 6
    )

    # Stop 1 at 5 is nearest to the second tour, which starts at 6; stop 2 is not worth its way there.
    assert tours == ((0,), (1,))
    assert left_out == ((2,),)


def test_descent_ends_when_its_time_is_over() -> None:
    start = ((1, 0, 3, 2, 5, 4), ())

    assert descend(start, line, NEAR, is_over=lambda: True) == start


def test_a_job_is_tried_where_it_fits_in_without_a_drive_where_it_does_not() -> None:
    full = shift(vehicle=vehicle(packages=2, most_stops=2))
    task = task_of([stop(f"s{n}") for n in range(3)], [vantage_of(full)], TRAVEL)
    timetable = Timetable(task)

    assert not timetable.is_too_much(0, (0, 1))
    assert timetable.is_too_much(0, (0, 1, 2))


def test_what_is_picked_up_on_the_way_is_not_too_much_at_the_start() -> None:
    pair = stop("p", kind=StopKind.PICK_UP, packages=2), stop("q", packages=2, picked_up_at="p")
    task = task_of([stop("a", packages=2), *pair], [vantage_of(shift(vehicle=vehicle(packages=2)))], TRAVEL)

    assert not Timetable(task).is_too_much(0, (0, 1, 2))
    assert DayPrices(task, [Rates(0.0, 1.0, 0.0)]).price(0, (0, 1, 2)) < inf
