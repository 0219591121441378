"""Build a road graph of an extract, then find legs between random places on it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final, TypeVar

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from pipelines.roads.file import read_roads, write_roads
from pipelines.roads.osm import read_osm
from routing.plan import Location
from routing.roads.contract import contract
from routing.roads.graph import RoadGraph, great_circles_m
from routing.roads.map import RoadMap
from routing.roads.network import RoadNetwork
from routing.roads.tags import ROAD_CLASSES
from routing.roads.travel import HourlySpeeds, RoadTravel

R = TypeVar("R")

FEW: Final = 200
BESIDE_ROADS_DEG: Final = 3e-4
"""Places stand about so far from the roads, some 30 m."""
MIDNIGHT: Final = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RoadFigures:
    """One extract's figures. ``many_s`` is for ``n_many`` places, ``few_s`` for ``FEW``.

    ``hours_s`` is for the tables of 24 hours with speeds of their own for each class, search included.
    ``plain_s`` is scipy's Dijkstra over the map as it was read, for ``n_many`` nodes, without turn rules.
    """

    extract: str
    n_nodes: int
    n_junctions: int
    n_roads: int
    build_s: float
    file_kb: float
    load_s: float
    few_s: float
    n_many: int
    many_s: float
    hours_s: float
    path_ms: float
    plain_s: float


def measure_roads(extract: Path, n_many: int, seed: int) -> RoadFigures:
    """Measure one extract. Raises ``ConfigurationError`` where it can't be read or has no roads."""
    dice = np.random.default_rng(seed)
    (roads, graph), build_s = _timed(lambda: _built(extract))
    with TemporaryDirectory() as folder:
        file = Path(folder, "graph.roads")
        write_roads(graph, file)
        file_kb = file.stat().st_size / 1000
        network, load_s = _timed(lambda: RoadNetwork(read_roads(file)))
    places = _places(graph, dice, n_many)
    network.legs(places[:2])  # the machine code is made or read now
    _, few_s = _timed(lambda: network.legs(places[:FEW]))
    _, many_s = _timed(lambda: network.legs(places))
    _, hours_s = _timed(lambda: _all_hours(network, places, dice))
    pairs = list(zip(places[:100], places[100:200], strict=False))
    _, paths_s = _timed(lambda: [network.path(*pair) for pair in pairs])
    return RoadFigures(
        extract=extract.name,
        n_nodes=len(roads.lat_deg),
        n_junctions=graph.n_junctions,
        n_roads=graph.n_shapes,
        build_s=build_s,
        file_kb=file_kb,
        load_s=load_s,
        few_s=few_s,
        n_many=n_many,
        many_s=many_s,
        hours_s=hours_s,
        path_ms=1000 * paths_s / max(1, len(pairs)),
        plain_s=_plain_s(roads, dice, n_many),
    )


def _built(extract: Path) -> tuple[RoadMap, RoadGraph]:
    roads = read_osm(extract)
    return roads, contract(roads)


def _places(graph: RoadGraph, dice: np.random.Generator, n_places: int) -> list[Location]:
    points = dice.integers(0, len(graph.lat_deg), n_places)
    aside = dice.normal(0, BESIDE_ROADS_DEG, (2, n_places))
    at = zip(graph.lat_deg[points] + aside[0], graph.lon_deg[points] + aside[1], strict=True)
    return [Location(float(lat), float(lon)) for lat, lon in at]


def _all_hours(network: RoadNetwork, places: Sequence[Location], dice: np.random.Generator) -> None:
    shares = dice.uniform(0.4, 1.0, (len(ROAD_CLASSES), 24)).tolist()
    speeds = HourlySpeeds({each: tuple(hours) for each, hours in zip(ROAD_CLASSES, shares, strict=True)})
    travel = RoadTravel(network, speeds)
    for hour in range(24):
        travel.matrices(places, MIDNIGHT.replace(hour=hour))


def _plain_s(roads: RoadMap, dice: np.random.Generator, n_sources: int) -> float:
    ends = np.column_stack((roads.tail, roads.head))
    lengths_m = great_circles_m(roads.lat_deg[ends].ravel(), roads.lon_deg[ends].ravel())[::2]
    n_nodes = len(roads.lat_deg)
    seconds = csr_array((lengths_m / roads.speed_mps, (roads.tail, roads.head)), shape=(n_nodes, n_nodes))
    sources = dice.choice(n_nodes, min(n_sources, n_nodes), replace=False)
    return _timed(lambda: dijkstra(seconds, indices=sources))[1]


def _timed(work: Callable[[], R]) -> tuple[R, float]:
    began = perf_counter()
    outcome = work()
    return outcome, perf_counter() - began
