"""Five real delivery routes, planned by ``doorstep plan`` and held against what their drivers drove."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pipelines.planning.problem_file import ProblemFile
from routing.evaluate import evaluate
from routing.geometry import haversine_m
from routing.plan import Location, RoutePlan, Shift, Stop, TimeWindow, Vehicle
from routing.travel import StraightLine

AMAZON = Path(__file__).parents[2] / ".." / "shared" / "data" / "amazon_last_mile"
SHIFT = timedelta(hours=12)
ITERATIONS = 600

Json = dict[str, Any]
"""A file of somebody else's, as it is."""

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not AMAZON.is_dir(), reason="no Amazon data here"),
]


@dataclass(frozen=True)
class Reference:
    """Known of a route: stops, packages, stops with a window, closed haversine km as it was driven."""

    name: str
    n_stops: int
    n_packages: int
    n_with_window: int
    driven_km: float


REFERENCES = [
    Reference("3f166f0e", 165, 238, 1, 73.745),
    Reference("5486294a", 150, 228, 3, 86.964),
    Reference("693060a6", 167, 237, 10, 57.212),
    Reference("7f5d87f0", 181, 253, 17, 66.584),
    Reference("bcc07fea", 139, 212, 34, 57.522),
]
each_route = pytest.mark.parametrize("reference", REFERENCES, ids=lambda reference: reference.name)


@dataclass(frozen=True)
class DrivenRoute:
    """One of Amazon's routes: the problem its driver had, and the order in which he served it."""

    problem: ProblemFile
    station: Location
    driven_stop_ids: tuple[str, ...]
    n_packages_with_window: int

    def closed_km(self, stop_ids: Sequence[str]) -> float:
        """From the station round the stops and back, along great circles."""
        location = {stop.stop_id: stop.location for stop in self.problem.stops}
        round_trip = [self.station, *(location[stop_id] for stop_id in stop_ids), self.station]
        return sum(haversine_m(a, b) for a, b in pairwise(round_trip)) / 1000


def amazon(name: str) -> DrivenRoute:
    route_id, route = _entry("route_data.json", name)
    _, packages = _entry("package_data.json", name)
    _, sequence = _entry("actual_sequences.json", name)
    departs_at = _utc(f"{route['date_YYYY_MM_DD']} {route['departure_time_utc']}")
    places = {stop_id: Location(stop["lat"], stop["lng"]) for stop_id, stop in route["stops"].items()}
    (station_id,) = [stop_id for stop_id, stop in route["stops"].items() if stop["type"] == "Station"]
    station = places.pop(station_id)
    # Amazon gives volumes and no weights: a litre stands for a kilogram, so that the capacity counts.
    van = Vehicle(f"van-{name}", capacity_kg=route["executor_capacity_cm3"] / 1000)
    problem = ProblemFile(
        depot_id=route["station_code"],
        service_date=departs_at.date(),
        shifts=(Shift(route_id, van, "driver", station, station, departs_at, departs_at + SHIFT),),
        stops=tuple(_stop(stop_id, place, packages[stop_id]) for stop_id, place in places.items()),
    )
    order = sorted(places, key=sequence["actual"].__getitem__)
    windows = [_window(package) for parcels in packages.values() for package in parcels.values()]
    return DrivenRoute(problem, station, tuple(order), len([each for each in windows if each is not None]))


def _entry(file: str, name: str) -> tuple[str, Json]:
    entries: Json = json.loads((AMAZON / file).read_text())
    return next((key, value) for key, value in entries.items() if key.startswith(f"RouteID_{name}"))


def _stop(stop_id: str, place: Location, parcels: Json) -> Stop:
    """Service takes the packages' planned seconds; the window is what all packages' windows share."""
    windows = [window for window in map(_window, parcels.values()) if window is not None]
    return Stop(
        stop_id,
        place,
        service_s=sum(parcel["planned_service_time_seconds"] for parcel in parcels.values()),
        window=None
        if not windows
        else TimeWindow(max(w.opens_at for w in windows), min(w.closes_at for w in windows)),
        packages=len(parcels),
        weight_kg=sum(_litres(parcel["dimensions"]) for parcel in parcels.values()),
    )


def _window(parcel: Json) -> TimeWindow | None:
    opens, closes = parcel["time_window"]["start_time_utc"], parcel["time_window"]["end_time_utc"]
    return TimeWindow(_utc(opens), _utc(closes)) if isinstance(opens, str) else None


def _litres(size: dict[str, float]) -> float:
    return size["depth_cm"] * size["height_cm"] * size["width_cm"] / 1000


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def doorstep_plan(problem: ProblemFile, folder: Path) -> RoutePlan:
    """What ``doorstep plan`` writes for it."""
    file, out = folder / "problem.json", folder / "plan.json"
    file.write_bytes(msgspec.json.encode(problem))
    command = ["plan", str(file), "--iterations", str(ITERATIONS), "--seed", "1", "--out", str(out)]
    done = subprocess.run(
        [sys.executable, "-m", "pipelines", *command],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "the evaluator finds nothing wrong with it" in done.stdout
    return msgspec.json.decode(out.read_bytes(), type=RoutePlan)


@each_route
def test_the_drivers_own_sequence_has_the_known_length(reference: Reference) -> None:
    driven = amazon(reference.name)

    assert driven.closed_km(driven.driven_stop_ids) == pytest.approx(reference.driven_km, abs=0.001)
    assert len(driven.problem.stops) == reference.n_stops
    assert sum(stop.packages for stop in driven.problem.stops) == reference.n_packages
    assert driven.n_packages_with_window == reference.n_with_window


@each_route
def test_the_plan_serves_everybody_in_time_and_is_not_longer_than_the_drivers(
    reference: Reference, tmp_path: Path
) -> None:
    driven = amazon(reference.name)

    plan = doorstep_plan(driven.problem, tmp_path)

    judged = evaluate(plan, StraightLine(), driven.problem.stops)
    (route,) = plan.routes
    assert judged.violations == ()
    assert plan.unassigned == ()
    assert len(route.visits) == reference.n_stops
    assert driven.closed_km(route.stop_ids) <= reference.driven_km
