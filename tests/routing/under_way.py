"""A plan under way: how far each shift is, and what re-optimisation makes of it."""

from collections.abc import Collection

from routing.changes import Changes, Policy, Progress, Reoptimization
from routing.plan import RoutePlan, Stop
from routing.problem import StopCriterion
from routing.reoptimize import reoptimize
from tests.factories import TRAVEL, at, place

QUICK = StopCriterion(iterations=40)
NO_CHANGES = Changes()
USUAL = Policy()


def replan(
    current: RoutePlan,
    *progress: Progress,
    new: tuple[Stop, ...] = (),
    cancelled: tuple[str, ...] = (),
    policy: Policy = USUAL,
) -> Reoptimization:
    return reoptimize(current, progress, Changes(new, cancelled), policy, TRAVEL, QUICK, seed=1)


def progress(
    shift_id: str = "A",
    east_m: float = 0.0,
    free: str = "08:00",
    *,
    done: tuple[str, ...] = (),
    frozen: tuple[str, ...] = (),
    loaded: tuple[str, ...] = (),
    current: str | None = None,
    has_departed: bool = False,
    told: tuple[str, ...] = (),
) -> Progress:
    return Progress(
        shift_id,
        place(east_m),
        at(free),
        done,
        frozen,
        loaded,
        current,
        has_departed,
        told_stop_ids=told,
    )


def sequences(answer: Reoptimization) -> dict[str, tuple[str, ...]]:
    return {each.shift.shift_id: each.stop_ids for each in answer.routes}


def leaving(current: RoutePlan, changes: Changes, passed: Collection[str | None]) -> set[str]:
    """Who was cancelled, and the other halves of pairs whose pick-up has not been ``passed``."""
    stops = [*(visit.stop for each in current.routes for visit in each.visits), *changes.new_stops]
    pairs = [{each.stop_id, each.picked_up_at} for each in stops if each.picked_up_at not in (None, *passed)]
    off = set(changes.cancelled_stop_ids)
    together = [{name for name in pair if name} for pair in pairs if pair & (off - set(passed))]
    return off.union(*together)
