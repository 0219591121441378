"""The VRPLIB format, with the windows, service times and explicit matrices of the ORTEC instances.

A header or section that would change the problem and is not read is an error, not passed over.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from routing.instances.instance import Instance, Node, Units, euclidean, instance_of
from routing.instances.lines import Line, lines_of

UNITS = Units(distance_m=1.0, time_s=1.0)
"""A unit is taken for a metre, and for the second it takes."""

HARMLESS = (
    "NAME",
    "COMMENT",
    "EDGE_WEIGHT_UNIT_OF_MEASUREMENT",
    "NODE_COORD_TYPE",
    "DISPLAY_DATA_TYPE",
)
READ = ("TYPE", "DIMENSION", "CAPACITY", "VEHICLES", "EDGE_WEIGHT_TYPE", "EDGE_WEIGHT_FORMAT", "SERVICE_TIME")
SECTIONS = (
    "NODE_COORD_SECTION",
    "DEMAND_SECTION",
    "DEPOT_SECTION",
    "SERVICE_TIME_SECTION",
    "TIME_WINDOW_SECTION",
    "EDGE_WEIGHT_SECTION",
)

TYPES = ("CVRP", "ACVRP", "VRP", "VRPTW", "CVRPTW")
"""Problems of deliveries from one depot; any other has something that is not read."""

ROUNDINGS: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "EUC_2D": lambda straight: np.floor(straight + 0.5),
    "CEIL_2D": np.ceil,
    "FLOOR_2D": np.floor,
    "EXACT_2D": np.asarray,
}
"""How straight lines become whole numbers; TSPLIB's EUC_2D rounds to the nearest."""


@dataclass(frozen=True, slots=True)
class _File:
    headers: dict[str, Line]
    sections: dict[str, list[Line]]

    def value(self, key: str) -> str | None:
        line = self.headers.get(key)
        return None if line is None else line.text.partition(":")[2].strip()

    def integer(self, key: str) -> int | None:
        value = self.value(key)
        if value is None:
            return None
        if not value.lstrip("-").isdigit():
            raise self.headers[key].error(f"has a {key} that is not whole")
        return int(value)


def read_vrplib(text: str, name: str) -> Instance:
    """The instance; the first node is the depot. Raises ``ValueError`` with the line.

    ``VEHICLES``, where the file has it, is the fleet. ``name`` is taken where the file has none.
    """
    file = _sorted(lines_of(text))
    dimension, capacity = file.integer("DIMENSION"), file.integer("CAPACITY")
    if dimension is None or capacity is None or dimension < 1:
        raise ValueError(f"VRPLIB file {name} has DIMENSION {dimension} and CAPACITY {capacity}")
    _check_type(file)
    nodes = [Node(number, 0.0, 0.0, 0) for number in range(dimension)]
    nodes = _with_coordinates(nodes, file)
    nodes = _with_figures(nodes, file)
    _check_depot(file)
    distances = _distances(nodes, file)
    return instance_of(
        file.value("NAME") or name, nodes, capacity, file.integer("VEHICLES"), distances, UNITS
    )


def _sorted(lines: list[Line]) -> _File:
    """Headers, and the lines of each section."""
    file = _File({}, {})
    current: list[Line] | None = None
    for line in lines:
        word = line.text.split(":")[0].strip()
        if word == "EOF":
            break
        if word in SECTIONS:
            current = file.sections.setdefault(word, [])
        elif word.endswith("_SECTION"):
            raise line.error("begins a section that is not read; without it this is another problem")
        elif current is not None and line.is_numeric:
            current.append(line)
        elif word in HARMLESS or word in READ:
            file.headers[word], current = line, None
        else:
            raise line.error("is no header that is read; without it this may be another problem")
    return file


def _with_coordinates(nodes: list[Node], file: _File) -> list[Node]:
    for index, line in _rows(file, "NODE_COORD_SECTION", len(nodes)):
        _, x, y = line.numbers("node", "x", "y")
        nodes[index] = replace(nodes[index], x=x, y=y)
    return nodes


def _with_figures(nodes: list[Node], file: _File) -> list[Node]:
    service = file.integer("SERVICE_TIME") or 0
    nodes[1:] = [replace(node, service=float(service)) for node in nodes[1:]]
    _require(file, "DEMAND_SECTION", "which says what each customer gets")
    for index, line in _rows(file, "DEMAND_SECTION", len(nodes)):
        _, demand = line.integers("node", "demand")
        nodes[index] = replace(nodes[index], demand=demand)
    for index, line in _rows(file, "SERVICE_TIME_SECTION", len(nodes)):
        _, service_time = line.numbers("node", "service time")
        nodes[index] = replace(nodes[index], service=service_time)
    for index, line in _rows(file, "TIME_WINDOW_SECTION", len(nodes)):
        _, ready, due = line.numbers("node", "ready", "due")
        nodes[index] = replace(nodes[index], ready=ready, due=due)
    return nodes


def _rows(file: _File, section: str, dimension: int) -> list[tuple[int, Line]]:
    """The section's lines by the index of their node; each node has one, where the section is there."""
    rows = {}
    for line in file.sections.get(section, []):
        number = line.whole("node", float(line.fields[0]))
        if not 1 <= number <= dimension or number - 1 in rows:
            raise line.error(f"of {section} names node {number}, again or outside 1..{dimension}")
        rows[number - 1] = line
    if section in file.sections and len(rows) < dimension:
        missing = next(index for index in range(dimension) if index not in rows)
        raise ValueError(f"{section} has {len(rows)} of {dimension} nodes: node {missing + 1} is missing")
    return sorted(rows.items())


def _check_type(file: _File) -> None:
    kind = file.value("TYPE")
    if kind is not None and kind.upper() not in TYPES:
        raise file.headers["TYPE"].error(f"has a TYPE that is not read; {', '.join(TYPES)} are")


def _require(file: _File, section: str, why: str) -> None:
    if section not in file.sections:
        raise ValueError(f"the file has no {section}, {why}")


def _check_depot(file: _File) -> None:
    depots = [line for line in file.sections.get("DEPOT_SECTION", []) if line.fields[0] != "-1"]
    for line in depots:
        if line.fields != ["1"]:
            raise line.error("names a depot other than node 1, which alone is read")


def _distances(nodes: list[Node], file: _File) -> NDArray[np.float64]:
    kind, layout = file.value("EDGE_WEIGHT_TYPE"), file.value("EDGE_WEIGHT_FORMAT")
    if kind in ROUNDINGS:
        _require(file, "NODE_COORD_SECTION", f"which an EDGE_WEIGHT_TYPE of {kind} needs")
        return ROUNDINGS[kind](euclidean(nodes))
    if kind != "EXPLICIT" or layout not in ("FULL_MATRIX", "LOWER_ROW"):
        known = ", ".join((*ROUNDINGS, "EXPLICIT as FULL_MATRIX or LOWER_ROW"))
        raise ValueError(f"EDGE_WEIGHT_TYPE {kind} as {layout} is not read; {known} are")
    figures = [field for line in file.sections.get("EDGE_WEIGHT_SECTION", []) for field in line.fields]
    try:
        weights = np.array(figures, dtype=np.float64)
    except ValueError as error:
        raise ValueError(f"EDGE_WEIGHT_SECTION: {error}") from None
    return _square(weights, len(nodes), layout)


def _square(weights: NDArray[np.float64], dimension: int, layout: str) -> NDArray[np.float64]:
    expected = dimension**2 if layout == "FULL_MATRIX" else dimension * (dimension - 1) // 2
    if len(weights) != expected:
        raise ValueError(
            f"EDGE_WEIGHT_SECTION has {len(weights)} figures; {expected} are {layout} of {dimension} nodes"
        )
    if layout == "FULL_MATRIX":
        return weights.reshape(dimension, dimension)
    square = np.zeros((dimension, dimension))
    square[np.tril_indices(dimension, -1)] = weights
    return square + square.T
