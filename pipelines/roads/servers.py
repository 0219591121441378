"""Travel times from a server that somebody runs: the tables of OSRM and Valhalla."""

from collections.abc import Callable, Sequence
from http.client import HTTPException
from math import inf
from typing import Annotated, NamedTuple, Protocol
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import msgspec
import numpy as np
from numpy.typing import NDArray

from routing.errors import ConfigurationError
from routing.matrix import TravelMatrix
from routing.plan import Location
from routing.roads.graph import FURTHEST_M

ANSWER_WITHIN_S = 60.0
METRES_PER = {"kilometers": 1000.0, "km": 1000.0, "miles": 1609.344, "mi": 1609.344}

AtLeastOne = Annotated[int, msgspec.Meta(ge=1)]
Places = Sequence[Location]
Fetch = Callable[[Request], bytes]


class Tables(NamedTuple):
    """One answer: metres and seconds, row = source; infinity where no way leads."""

    distances_m: NDArray[np.float64]
    durations_s: NDArray[np.float64]


class TableServer(Protocol):
    """Puts a question to a server, and reads its answer."""

    @property
    def most_places(self) -> int:
        """So many sources and so many targets go into one question."""
        ...

    def question(self, sources: Places, targets: Places) -> Request:
        """The request for one table."""
        ...

    def answer(self, body: bytes, sources: Places, targets: Places) -> Tables:
        """What the server says. Raises ``ValueError`` where that is no table, or a place has no road near."""
        ...


class OsrmServer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="osrm"):
    """OSRM's table service, of 5.17 or later; a place over ``furthest_m`` from any road is an error."""

    url: str
    profile: str = "driving"
    most_places: AtLeastOne = 100
    furthest_m: float = FURTHEST_M

    def question(self, sources: Places, targets: Places) -> Request:
        """The request for one table."""
        spots = ";".join(f"{place.lon_deg:.6f},{place.lat_deg:.6f}" for place in (*sources, *targets))
        rows = ";".join(map(str, range(len(sources))))
        columns = ";".join(str(len(sources) + index) for index in range(len(targets)))
        return Request(
            f"{self.url.rstrip('/')}/table/v1/{self.profile}/{spots}"
            f"?sources={rows}&destinations={columns}&annotations=duration,distance"
        )

    def answer(self, body: bytes, sources: Places, targets: Places) -> Tables:
        """What the server says."""
        table = msgspec.json.decode(body, type=_OsrmTable)
        if table.code != "Ok":
            raise ValueError(f"OSRM answers {table.code}: {table.message}")
        for places, waypoints in ((sources, table.sources), (targets, table.destinations)):
            for place, waypoint in zip(places, waypoints, strict=False):
                if waypoint is not None and waypoint.distance > self.furthest_m:
                    raise ValueError(
                        f"{place.lat_deg}, {place.lon_deg} is {waypoint.distance / 1000:.1f} km from the "
                        f"nearest road; {self.furthest_m:g} m would do"
                    )
        return Tables(_open(table.distances), _open(table.durations))


class ValhallaServer(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="valhalla"
):
    """Valhalla's time-distance matrix; ``costing`` may be ``auto``, ``truck``, ``bicycle``, ..."""

    url: str
    costing: str = "auto"
    most_places: AtLeastOne = 50

    def question(self, sources: Places, targets: Places) -> Request:
        """The request for one table."""
        asked = {
            "sources": [{"lat": place.lat_deg, "lon": place.lon_deg} for place in sources],
            "targets": [{"lat": place.lat_deg, "lon": place.lon_deg} for place in targets],
            "costing": self.costing,
        }
        headers = {"Content-Type": "application/json"}
        return Request(f"{self.url.rstrip('/')}/sources_to_targets", msgspec.json.encode(asked), headers)

    def answer(self, body: bytes, sources: Places, targets: Places) -> Tables:
        """What the server says."""
        table = msgspec.json.decode(body, type=_ValhallaTable)
        if table.units not in METRES_PER:
            raise ValueError(f"Valhalla answers in {table.units}; {' or '.join(METRES_PER)} would be right")
        rows = table.sources_to_targets
        distances = _open([[cell.distance for cell in row] for row in rows]) * METRES_PER[table.units]
        return Tables(distances, _open([[cell.time for cell in row] for row in rows]))


def ask_server(server: TableServer, places: Places, fetch: Fetch) -> TravelMatrix:
    """All legs between the places, asked for in as many questions as the server wants.

    Raises ``ValueError`` where an answer is no table of the right size.
    """
    different = tuple(dict.fromkeys(places))
    shape = len(different), len(different)
    whole = Tables(np.zeros(shape), np.zeros(shape))
    blocks = [slice(begin, begin + server.most_places) for begin in range(0, shape[0], server.most_places)]
    for rows in blocks:
        for columns in blocks:
            sources, targets = different[rows], different[columns]
            tables = server.answer(fetch(server.question(sources, targets)), sources, targets)
            for noun, table, room in zip(("distances", "durations"), tables, whole, strict=True):
                if table.shape != (len(sources), len(targets)):
                    raise ValueError(
                        f"the server answers {noun} of shape {table.shape} for {len(sources)} sources and "
                        f"{len(targets)} targets"
                    )
                room[rows, columns] = table
    return TravelMatrix(different, *whole)


def fetch_answer(request: Request) -> bytes:
    """The body of the answer. Raises ``ConfigurationError`` that names the server where there is none."""
    where = f"{request.type}://{request.host}"
    if request.type not in ("http", "https"):
        raise ConfigurationError(f"{where} is no server: http:// or https:// would be right")
    try:
        with urlopen(request, timeout=ANSWER_WITHIN_S) as answer:
            body: bytes = answer.read()
    except HTTPError as error:
        said = error.read(300).decode(errors="replace")
        raise ConfigurationError(f"{where} answers {error.code}: {said}") from error
    except (URLError, TimeoutError, ConnectionError, HTTPException) as error:
        raise ConfigurationError(f"{where} does not answer: {getattr(error, 'reason', error)}") from error
    return body


class _Waypoint(msgspec.Struct):
    distance: float = 0.0


class _OsrmTable(msgspec.Struct):
    code: str
    message: str = "no more is said"
    durations: list[list[float | None]] = []
    distances: list[list[float | None]] = []
    sources: list[_Waypoint | None] = []
    destinations: list[_Waypoint | None] = []


class _ValhallaCell(msgspec.Struct):
    distance: float | None
    time: float | None


class _ValhallaTable(msgspec.Struct):
    sources_to_targets: list[list[_ValhallaCell]]
    units: str = "kilometers"


def _open(rows: list[list[float | None]]) -> NDArray[np.float64]:
    """The table with infinity where it says that no way leads."""
    if len({len(row) for row in rows}) > 1:
        raise ValueError(f"the server answers rows of {sorted({len(row) for row in rows})} entries")
    return np.array([[inf if each is None else each for each in row] for row in rows], dtype=np.float64)
