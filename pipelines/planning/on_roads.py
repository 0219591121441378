"""Travel times on a built road graph, for the places of one problem."""

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from pipelines.planning.places import places_of
from pipelines.roads.file import read_roads
from routing.problem import Problem
from routing.roads.graph import FURTHEST_M
from routing.roads.tags import RoadClass

if TYPE_CHECKING:
    from routing.roads.travel import RoadTravel


class RoadsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A road graph in ``file``; where the path is relative, it begins beside the problem's file.

    ``speeds`` gives a road class's share of its own speed in each of the 24 UTC hours; places may be
    ``furthest_m`` away from the nearest road.
    """

    file: str
    speeds: dict[RoadClass, tuple[float, ...]] = {}
    furthest_m: float = FURTHEST_M

    def travel(self, beside: Path, problem: Problem) -> "RoadTravel":
        """The travel times, with all legs between the places of ``problem`` found.

        Raises ``ValueError`` that names the stop, shift, carrier or locker furthest from any road, where it
        is too far.
        """
        from routing.roads.network import RoadNetwork
        from routing.roads.travel import HourlySpeeds, RoadTravel

        path = beside / self.file
        network = RoadNetwork(read_roads(path), self.furthest_m)
        named = tuple(places_of(problem))
        away_m = network.distances_to_road_m([place for _, place in named])
        if away_m.max() > self.furthest_m:
            noun, place = named[away_m.argmax()]
            n_others = int(np.count_nonzero(away_m > self.furthest_m)) - 1
            raise ValueError(
                f"{noun} at {place.lat_deg}, {place.lon_deg} is {away_m.max() / 1000:.1f} km from the "
                f"nearest road of {self.file}, over {self.furthest_m:g} m{_others(n_others)}"
            )
        travel = RoadTravel(network, HourlySpeeds(self.speeds))
        travel.matrices([place for _, place in named], problem.shifts[0].starts_at)
        return travel


def _others(count: int) -> str:
    """How many more there are, after a semicolon; nothing where there are none."""
    if not count:
        return ""
    return "; 1 other place is as well" if count == 1 else f"; {count} other places are as well"
