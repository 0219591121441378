"""How much a plan differs from another: stops that moved, that changed their place, that come up next."""

from bisect import bisect_left
from collections.abc import Hashable, Sequence

Sequences = Sequence[Sequence[Hashable]]
"""The ids of the stops of each route."""


def n_out_of_order(ranks: Sequence[int]) -> int:
    """How many have to be taken out so that the rest ascends: the stops that changed their place."""
    tails: list[int] = []
    for rank in ranks:
        position = bisect_left(tails, rank)
        tails[position : position + 1] = [rank]
    return len(ranks) - len(tails)


def count_changes(
    before: Sequence[Sequence[Hashable]], after: Sequence[Sequence[Hashable]]
) -> tuple[int, int]:
    """Stops that changed their route, and stops that changed their place in it.

    Both hold the stop ids of the same routes in the same order; stops that are in one of them alone
    are new or gone, and count as neither.
    """
    was = {stop_id: (route, place) for route, ids in enumerate(before) for place, stop_id in enumerate(ids)}
    moved = resequenced = 0
    for route, ids in enumerate(after):
        known = [was[stop_id] for stop_id in ids if stop_id in was]
        kept = [place for home, place in known if home == route]
        moved += len(known) - len(kept)
        resequenced += n_out_of_order(kept)
    return moved, resequenced


def n_next_changed(before: Sequence[Hashable], after: Sequence[Hashable], n_next: int) -> int:
    """How many of a driver's next ``n_next`` stops are other ones, or in another order, than before.

    Both hold one route's open stops. Of what leaves the next stops and what comes to them the more counts.
    """
    was, becomes = before[:n_next], after[:n_next]
    ranks = [was.index(each) for each in becomes if each in was]
    return max(len(was), len(becomes)) - (len(ranks) - n_out_of_order(ranks))
