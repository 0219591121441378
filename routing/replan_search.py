"""PyVRP on the rest of the day: windows are hard there, so what can't be met is relaxed or left out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import inf

from routing.day import DayPrices, Rates
from routing.insertion import insert
from routing.plan import Stop
from routing.problem import StopCriterion
from routing.replan_prices import ReplanPrices
from routing.situation import Situation
from routing.solvers.model import TICKS_PER_S, Tariff, model_of
from routing.solvers.pyvrp import PyVrp
from routing.solvers.solver import Solver
from routing.task import Task, Tours, Vantage
from routing.worth import jobs

PYVRP = PyVrp()

ROUNDING = timedelta(seconds=1)
"""What a search in tenths of a second may need more than the truth."""


def search(
    situation: Situation,
    prices: ReplanPrices,
    start: Tours,
    stop: StopCriterion,
    seed: int,
    solver: Solver = PYVRP,
    is_free: bool = False,
) -> Tours:
    """Tours with the stops of ``start``, found by PyVRP, or another solver, from there.

    A stop that nobody can reach in time may be as late as it is in ``start``, and a shift that
    overruns may end as late as there. All other windows are hard in the search; who is left out for
    one is put back where that costs least. If it ``is_free``, no move has a price in the search.
    """
    surcharges = situation.free_surcharges if is_free else situation.surcharges
    task = _relaxed(situation, start)
    wanted = [index for sequence in start for index in sequence]
    tariffs = tuple(_tariff(row, set(wanted)) for row in surcharges)
    model = model_of(task, task.legs.mean_s(), tariffs)
    keeping = DayPrices(task, [Rates(0.0, 0.0, 1.0)] * len(start))
    in_time = tuple(keeping.keep_promises(tour, sequence) for tour, sequence in enumerate(start))
    found = solver.find(model, stop, seed, in_time).tours
    allowed = tuple(
        tuple(index for index in sequence if surcharges[tour][index] < inf)
        for tour, sequence in enumerate(found)
    )
    served = {index for sequence in allowed for index in sequence}
    missing = jobs([index for index in wanted if index not in served], task.mates)
    tours, lost = insert(allowed, missing, prices.price)
    return start if lost else tours


def _relaxed(situation: Situation, start: Tours) -> Task:
    """The task with promises that can't be kept moved to where ``start`` keeps them."""
    task = situation.task
    judged = {route.shift_id: route for route in situation.judge(start).routes}
    arrive_at = {visit.stop_id: visit.arrive_at for route in judged.values() for visit in route.visits}
    stops = [
        stop if _is_reachable(situation, index) else _reached_at(stop, arrive_at.get(stop.stop_id))
        for index, stop in enumerate(task.stops)
    ]
    stops = [_open_after(stop, stops, task.mates[index]) for index, stop in enumerate(stops)]
    vantages = [
        _ending_at(vantage, judged[vantage.shift.shift_id].ends_at + ROUNDING) for vantage in task.vantages
    ]
    return replace(task, stops=tuple(stops), vantages=tuple(vantages))


def _is_reachable(situation: Situation, index: int) -> bool:
    """Whether some shift that may serve the stop can be there in time if it drives there at once."""
    task = situation.task
    windows = task.stops[index].windows
    if not windows:
        return True
    durations_s = task.legs.mean_s()
    return any(
        surcharges[index] < inf
        and _ready_at(vantage, task.stops[index]) + timedelta(seconds=float(durations_s[origin, index]))
        <= windows[-1].closes_at
        for vantage, origin, surcharges in zip(task.vantages, task.origins, situation.surcharges, strict=True)
    )


def _ready_at(vantage: Vantage, stop: Stop) -> datetime:
    """When it can leave with what the stop needs."""
    if stop.released_at is None or vantage.is_begun or stop.stop_id in vantage.loaded_stop_ids:
        return vantage.leaves_at
    return max(vantage.leaves_at, stop.released_at)


def _reached_at(stop: Stop, arrive_at: datetime | None) -> Stop:
    """The stop with a window that is open as long as ``arrive_at``."""
    return stop if arrive_at is None else stop.open_until(arrive_at + ROUNDING)


def _open_after(stop: Stop, stops: Sequence[Stop], mate: int) -> Stop:
    """A delivery that closes before its pick-up opens is late whoever serves it: open until then."""
    pick_up = stops[mate].window if mate >= 0 and stop.picked_up_at is not None else None
    return stop if pick_up is None else _reached_at(stop, pick_up.opens_at)


def _ending_at(vantage: Vantage, ends_at: datetime) -> Vantage:
    shift = vantage.shift
    ends_at -= timedelta(seconds=shift.overtime_s)
    return replace(vantage, shift=replace(shift, ends_at=max(shift.ends_at, ends_at)))


def _tariff(surcharges: tuple[float, ...], wanted: set[int]) -> Tariff:
    """Time costs its ticks, and serving a stop those of its surcharge.

    A stop that ``start`` has no place for is forbidden, else it might push out one that has.
    """
    return Tariff(
        per_tick=1,
        surcharges=tuple(
            round(surcharge * TICKS_PER_S) if index in wanted and surcharge < inf else None
            for index, surcharge in enumerate(surcharges)
        ),
    )
