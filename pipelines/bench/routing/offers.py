"""How long it takes to say which windows can be promised to a new customer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import fmean, quantiles
from time import perf_counter, process_time

from msgspec import Struct

from pipelines.bench.routing.courier_day import CENTRE, DAY, how_far
from pipelines.bench.streams.figures import Machine
from pipelines.bench.table import Table
from routing.changes import Progress
from routing.offers import offers
from routing.plan import Break, Location, RoutePlan, Shift, Stop, StopKind, TimeWindow, Vehicle
from routing.problem import Problem, StopCriterion
from routing.solve import solve
from routing.travel import StraightLine, TravelTimes

SPEEDS_MPS = tuple(5.5 if hour in (7, 8, 16, 17) else 8.0 for hour in range(24))
ITERATIONS = 400
HORIZON_H = 10


class Wish(Struct, frozen=True, kw_only=True):
    """The day: its size, and how many new customers ask for how many windows each."""

    n_stops: int
    n_shifts: int
    n_windows: int
    n_orders: int
    seed: int


class OffersFigure(Struct, frozen=True, kw_only=True):
    """New customers at one moment of the day; milliseconds are of wall time, one request at a time.

    ``p95_cpu_ms`` is of the process's own time: what a busy machine does not change.
    """

    moment: str
    orders: int
    open_stops: int
    mean_offers: float
    p50_ms: float
    p95_ms: float
    most_ms: float
    p95_cpu_ms: float


class OffersFigures(Struct, frozen=True, kw_only=True):
    """One run."""

    machine: Machine
    wish: Wish
    figures: tuple[OffersFigure, ...]


def measure_offers(wish: Wish) -> tuple[OffersFigure, ...]:
    """Ask before the day begins, for deliveries, and in its middle, for pick-ups."""
    random = Random(wish.seed)
    day = _day(wish, random)
    plan = solve(day, StopCriterion(iterations=ITERATIONS), wish.seed).plan
    orders = [_stop(f"new{n}", random) for n in range(wish.n_orders)]
    pick_ups = [replace(each, kind=StopKind.PICK_UP) for each in orders]
    windows = [
        TimeWindow(_at(7) + each, _at(7) + each + timedelta(hours=2)) for each in _starts(wish.n_windows)
    ]
    midday = [how_far(route, _at(11)) for route in plan.routes]
    return (
        _timed("before the day begins", plan, [], orders, windows, day.travel),
        _timed("at 11:00, under way", plan, midday, pick_ups, windows, day.travel),
    )


def offers_table(figures: OffersFigures) -> Table:
    """The figures of a run."""
    wish = figures.wish
    note = (
        f"{wish.n_windows} windows of 2 h over the day, {wish.n_stops} stops on {wish.n_shifts} shifts "
        "with a break, speeds by hour, every second stop with a window of 2 h; one request at a time in "
        "one process."
    )
    rows = (
        (
            each.moment,
            str(each.orders),
            str(each.open_stops),
            f"{each.mean_offers:.1f}",
            f"{each.p50_ms:.1f}",
            f"{each.p95_ms:.1f}",
            f"{each.most_ms:.1f}",
            f"{each.p95_cpu_ms:.1f}",
        )
        for each in figures.figures
    )
    heads = (
        "new customers",
        "asked",
        "open stops",
        "mean offers",
        "P50 ms",
        "P95 ms",
        "most ms",
        "P95 CPU ms",
    )
    return Table("Windows offered to a new customer", note, heads, tuple(rows))


def _timed(
    moment: str,
    plan: RoutePlan,
    progress: Sequence[Progress],
    orders: Sequence[Stop],
    windows: Sequence[TimeWindow],
    travel: TravelTimes,
) -> OffersFigure:
    spent_ms, cpu_ms, n_offers = list[float](), list[float](), list[int]()
    for order in orders:
        began_s, cpu_began_s = perf_counter(), process_time()
        found = offers(plan, progress, order, windows, travel)
        spent_ms.append(1000 * (perf_counter() - began_s))
        cpu_ms.append(1000 * (process_time() - cpu_began_s))
        n_offers.append(len(found))
    passed = {stop_id for each in progress for stop_id in (*each.done_stop_ids, *each.frozen_stop_ids)}
    return OffersFigure(
        moment=moment,
        orders=len(orders),
        open_stops=sum(len(route.visits) for route in plan.routes) - len(passed),
        mean_offers=fmean(n_offers),
        p50_ms=quantiles(spent_ms, n=20)[9],
        p95_ms=quantiles(spent_ms, n=20)[18],
        most_ms=max(spent_ms),
        p95_cpu_ms=quantiles(cpu_ms, n=20)[18],
    )


def _day(wish: Wish, random: Random) -> Problem:
    van = Vehicle("van", cost_per_km=0.35, cost_per_h=24.0, fixed_cost=30.0, co2e_kg_per_km=0.24)
    shifts = tuple(
        Shift(
            f"S{n}",
            replace(van, vehicle_id=f"v{n}", capacity_packages=200),
            f"d{n}",
            CENTRE,
            CENTRE,
            _at(7),
            _at(7 + HORIZON_H),
            breaks=(Break(_at(12), 1800.0, _at(14)),),
        )
        for n in range(wish.n_shifts)
    )
    stops = tuple(_with_window(_stop(f"s{n}", random), n, random) for n in range(wish.n_stops))
    return Problem("D1", DAY, shifts, stops, StraightLine(1.3, SPEEDS_MPS))


def _stop(stop_id: str, random: Random) -> Stop:
    place = Location(CENTRE.lat_deg + random.gauss(0, 0.03), CENTRE.lon_deg + random.gauss(0, 0.04))
    return Stop(stop_id, place, service_s=180.0, packages=random.randint(1, 3))


def _with_window(stop: Stop, number: int, random: Random) -> Stop:
    opens_at = _at(random.choice((8, 10, 12, 14)))
    return replace(stop, window=TimeWindow(opens_at, opens_at + timedelta(hours=2)) if number % 2 else None)


def _starts(n_windows: int) -> list[timedelta]:
    """Spread evenly, so that the last window closes when the shifts end."""
    return [timedelta(hours=HORIZON_H - 2) * n / max(1, n_windows - 1) for n in range(n_windows)]


def _at(hour: int) -> datetime:
    return datetime(DAY.year, DAY.month, DAY.day, hour, tzinfo=UTC)
