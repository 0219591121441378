"""A problem in a file: Doorstep's own JSON, or a format that researchers exchange."""

from dataclasses import dataclass, replace
from datetime import date
from math import inf
from pathlib import Path

import msgspec

from pipelines.planning.learned import Learned, read_learned
from pipelines.planning.on_roads import RoadsFile
from pipelines.planning.places import places_of
from pipelines.planning.strict_json import decode_strictly, read_bytes
from pipelines.roads.servers import OsrmServer, ValhallaServer, ask_server, fetch_answer
from routing.carriers import Carrier
from routing.errors import ConfigurationError
from routing.instances.instance import Instance
from routing.instances.reading import read_instance
from routing.lockers import Locker
from routing.matrix import TravelMatrix
from routing.plan import Location, Shift, Stop
from routing.problem import Problem
from routing.service import ServiceTimes
from routing.travel import StraightLine, TravelTimes


class MatrixFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Legs between ``places``, row = origin; ``null`` where no way leads."""

    places: tuple[Location, ...]
    distances_m: tuple[tuple[float | None, ...], ...]
    durations_s: tuple[tuple[float | None, ...], ...]

    def travel(self) -> TravelMatrix:
        """The travel times of the tables."""
        distances_m = _open("distances_m", self.distances_m)
        return TravelMatrix(self.places, distances_m, _open("durations_s", self.durations_s))


class ProblemFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file holds; what stands from ``travel`` on may be left out.

    One of ``travel``, ``matrix``, ``roads`` and ``server`` says how long legs take; without any,
    ``StraightLine()`` does.
    ``service`` says how long service takes at stops that don't say it themselves.
    """

    depot_id: str
    service_date: date
    shifts: tuple[Shift, ...]
    stops: tuple[Stop, ...]
    travel: StraightLine | None = None
    matrix: MatrixFile | None = None
    service: ServiceTimes | None = None
    roads: RoadsFile | None = None
    server: OsrmServer | ValhallaServer | None = None
    carriers: tuple[Carrier, ...] = ()
    lockers: tuple[Locker, ...] = ()

    def problem(self, beside: Path = Path()) -> Problem:
        """The problem. Raises ``ValueError`` where its parts don't fit together.

        A road graph's file is looked for from ``beside`` on.
        """
        named = [name for name in ("travel", "matrix", "roads", "server") if getattr(self, name) is not None]
        if len(named) > 1:
            raise ValueError(f"the file has both {' and '.join(named)}: one of them says how long legs take")
        stops = self.stops if self.service is None else self.service.filled_in(self.stops)
        problem = Problem(
            self.depot_id,
            self.service_date,
            self.shifts,
            stops,
            StraightLine(),
            self.carriers,
            self.lockers,
        )
        return replace(problem, travel=self.travel_in(problem, beside))

    def travel_in(self, problem: Problem, beside: Path) -> TravelTimes:
        """How long legs take between the places of ``problem``, whatever its own travel times are."""
        if self.matrix is not None:
            travel = self.matrix.travel()
            _require_places(travel, problem)
            return travel
        if self.roads is not None:
            return self.roads.travel(beside, problem)
        if self.server is not None:
            return ask_server(self.server, [place for _, place in places_of(problem)], fetch_answer)
        return self.travel or StraightLine()

    def on_roads(self, file: Path) -> "ProblemFile":
        """The same with the road graph in ``file`` instead of ``travel``, or of the graph that it names."""
        if self.matrix is not None or self.server is not None:
            raise ValueError(
                "--roads can't stand beside the file's matrix or server: one says how long legs take"
            )
        roads = msgspec.structs.replace(self.roads or RoadsFile(""), file=str(file.absolute()))
        return msgspec.structs.replace(self, travel=None, roads=roads)

    def with_learned(self, learned: Learned) -> Problem:
        """The problem with legs as they were driven, and service as it took unless the file says that."""
        if self.matrix is not None or self.roads is not None or self.server is not None:
            raise ValueError(
                "--learned can't stand beside matrix, roads or server: one of them says how long legs take"
            )
        service = self.service or learned.service(ServiceTimes())
        problem = msgspec.structs.replace(self, service=service).problem()
        return replace(problem, travel=learned.travel(problem, self.travel or StraightLine()))


@dataclass(frozen=True, slots=True)
class ReadProblem:
    """A problem as it was read, and the researchers' instance or the learned figures behind it, if any."""

    problem: Problem
    instance: Instance | None = None
    learned: Learned | None = None


def read_problem(path: Path, roads: Path | None = None, learned: Path | None = None) -> ReadProblem:
    """The problem in a file, on the road graph in ``roads`` or as the published file ``learned`` has it.

    Raises ``ConfigurationError`` that says what is wrong and where.
    """
    data = read_bytes(path)
    try:
        if data.lstrip()[:1] in (b"{", b"["):
            return _own(data, path.parent, roads, learned)
        if roads is not None or learned is not None:
            option = "--roads" if roads is not None else "--learned"
            raise ValueError(f"{option} wants places on the Earth, and a researchers' file has others")
        instance = read_instance(data.decode(), path.stem)
        return ReadProblem(instance.problem, instance)
    except ValueError as error:
        raise ConfigurationError(f"{path}: {error}") from error


def _own(data: bytes, beside: Path, roads: Path | None, published: Path | None) -> ReadProblem:
    read = decode_strictly(data, ProblemFile)
    if roads is not None:
        read = read.on_roads(roads)
    if published is None:
        return ReadProblem(read.problem(beside))
    learned = read_learned(published, read.depot_id)
    return ReadProblem(read.with_learned(learned), learned=learned)


def _require_places(travel: TravelMatrix, problem: Problem) -> None:
    """Raise ``ValueError`` that names the first whose place the matrix lacks."""
    lacking = [(noun, place) for noun, place in places_of(problem) if place not in travel]
    if lacking:
        noun, place = lacking[0]
        more = len(lacking) - 1
        others = f", and {more} more" if more else ""
        raise ValueError(f"the matrix lacks the place of {noun}, {place.lat_deg}, {place.lon_deg}{others}")


def _open(name: str, table: tuple[tuple[float | None, ...], ...]) -> list[list[float]]:
    """The table with infinity where it says that no way leads."""
    for number, row in enumerate(table):
        if len(row) != len(table):
            raise ValueError(
                f"the matrix has {len(row)} entries in row {number} of {name}, which has {len(table)} rows"
            )
    return [[inf if each is None else each for each in row] for row in table]
