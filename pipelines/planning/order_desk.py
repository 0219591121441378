"""What an order desk asks: a day's travel times, the plan under way, and a new order, each in a file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import msgspec

from pipelines.planning.problem_file import ProblemFile
from pipelines.planning.strict_json import read_json
from routing.changes import Progress
from routing.errors import ConfigurationError
from routing.offers import Offer, offers
from routing.plan import RoutePlan, Stop, TimeWindow
from routing.problem import Problem
from routing.travel import StraightLine, TravelTimes


class OrderFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new order as a stop, and the windows to ask for; without any, those of the whole day."""

    stop: Stop
    windows: tuple[TimeWindow, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """A new order, the plan that it would join, and the windows in question."""

    plan: RoutePlan
    progress: tuple[Progress, ...]
    order: Stop
    windows: tuple[TimeWindow, ...]
    travel: TravelTimes

    def answer(self) -> list[Offer]:
        """The windows that can be promised. Raises ``ConfigurationError`` where plan and order don't fit."""
        try:
            return offers(self.plan, self.progress, self.order, self.windows, self.travel)
        except ValueError as error:
            raise ConfigurationError(str(error)) from error

    def not_offered(self, found: Sequence[Offer]) -> list[TimeWindow]:
        """The windows that ``found`` has no offer for."""
        kept = [offer.stop.window for offer in found]
        return [window for window in self.windows if window not in kept]


def read_ask(
    day: Path,
    plan: Path,
    order: Path,
    progress: Path | None = None,
    roads: Path | None = None,
    hours: float = 2.0,
) -> Ask:
    """The question that these files hold, with windows of ``hours`` where the order names none.

    ``day`` says how long legs and services take, ``plan`` is what ``doorstep plan --out`` wrote.
    Raises ``ConfigurationError`` that says what is wrong and in which file.
    """
    problem, current = read_json(day, ProblemFile), read_json(plan, RoutePlan, RoutePlan)
    if (problem.depot_id, problem.service_date) != (current.depot_id, current.service_date):
        raise ConfigurationError(
            f"{plan} is of {current.depot_id} on {current.service_date}, "
            f"but {day} of {problem.depot_id} on {problem.service_date}"
        )
    asked = read_json(order, OrderFile)
    reports = () if progress is None else read_json(progress, tuple[Progress, ...], Progress)
    try:
        (stop,) = (asked.stop,) if problem.service is None else problem.service.filled_in([asked.stop])
        travel = _travel(problem if roads is None else problem.on_roads(roads), current, reports, stop, day)
    except ValueError as error:
        raise ConfigurationError(f"{day}: {error}") from error
    return Ask(current, reports, stop, asked.windows or windows_of(current, timedelta(hours=hours)), travel)


def _travel(
    problem: ProblemFile, plan: RoutePlan, progress: Sequence[Progress], order: Stop, day: Path
) -> TravelTimes:
    """Legs between all places that the answer needs: a server is asked for these alone."""
    planned = [visit.stop for route in plan.routes for visit in route.visits]
    vehicles = [Stop(f"where the vehicle of shift {each.shift_id} is", each.location) for each in progress]
    # Only places count here; which of them are lockers is for the plan to say.
    stops = {
        stop.stop_id: replace(stop, locker_ids=(), at_locker=None) for stop in (*planned, *vehicles, order)
    }
    shifts = tuple(route.shift for route in plan.routes)
    places = Problem(plan.depot_id, plan.service_date, shifts, tuple(stops.values()), StraightLine())
    return problem.travel_in(places, day.parent)


def windows_of(plan: RoutePlan, length: timedelta) -> tuple[TimeWindow, ...]:
    """Windows one after the other over all shifts, from the full hour in which the first one starts."""
    opens_at = min(route.shift.starts_at for route in plan.routes)
    opens_at = opens_at.replace(minute=0, second=0, microsecond=0)
    ends_at = max(route.shift.ends_at for route in plan.routes)
    n_windows = -((opens_at - ends_at) // length)
    return tuple(TimeWindow(opens_at + n * length, opens_at + (n + 1) * length) for n in range(n_windows))
