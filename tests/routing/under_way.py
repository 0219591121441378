"""A plan under way: how far each shift is, and what re-optimisation makes of it."""

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
