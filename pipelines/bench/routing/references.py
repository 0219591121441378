"""The instances with the best that anybody has found, by convention."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from routing.errors import ConfigurationError
from routing.instances.instance import Instance
from routing.instances.reading import read_instance

LEAST_DISTANCE, FEWEST_VEHICLES = "least distance", "fewest vehicles first"

FOLDERS = {
    "solomon": "vrptw/solomon",
    "homberger": "vrptw/homberger_200",
    "ortec": "vrptw/ortec_asymmetric",
    "li-lim": "pdptw/li_lim_100",
}
"""Where each set lies in the folder of data."""

CONVENTIONS = {
    "solomon": (LEAST_DISTANCE, FEWEST_VEHICLES),
    "homberger": (FEWEST_VEHICLES,),
    "ortec": (LEAST_DISTANCE,),
    "li-lim": (FEWEST_VEHICLES,),
}
"""Homberger's and Li and Lim's references are fewest vehicles first; ORTEC's instances have none."""


@dataclass(frozen=True, slots=True)
class Case:
    """An instance under a convention; ``best`` is a distance in the file's unit, where one is known.

    Under fewest vehicles first the fleet is as large as the reference's.
    """

    set_name: str
    instance: Instance
    convention: str
    best: float | None
    best_vehicles: int | None


def cases_of(data: Path, set_name: str, most: int | None) -> list[Case]:
    """The set's cases, of at most so many instances, spread over the set."""
    files = _files(data, set_name)
    chosen = (
        files
        if most is None
        else [files[index * len(files) // most] for index in range(min(most, len(files)))]
    )
    known = _references(data / FOLDERS[set_name].partition("/")[0] / "best_known.csv")
    return [
        case
        for file in chosen
        for case in _cases(
            set_name, read_instance(file.read_text(), file.stem), known.get(file.stem.lower(), {})
        )
    ]


def n_in_set(data: Path, set_name: str) -> int:
    """How many instances the set has. Raises ``ConfigurationError`` where there are none."""
    return len(_files(data, set_name))


def _files(data: Path, set_name: str) -> list[Path]:
    files = sorted((data / FOLDERS[set_name]).glob("*.txt"))
    if not files:
        raise ConfigurationError(f"there are no instances in {data / FOLDERS[set_name]}")
    return files


def _cases(set_name: str, instance: Instance, known: dict[str, str]) -> list[Case]:
    found = []
    for convention in CONVENTIONS[set_name]:
        suffix = "_distance_only" if convention == LEAST_DISTANCE else ""
        distance = known.get("distance_only" if suffix else "distance")
        vehicles = known.get(f"vehicles{suffix}")
        case = Case(
            set_name,
            instance,
            convention,
            float(distance) if distance else None,
            int(vehicles) if vehicles else None,
        )
        if convention == FEWEST_VEHICLES:
            if case.best_vehicles is None:
                continue
            case = replace(case, instance=_with_fleet(instance, case.best_vehicles))
        found.append(case)
    return found


def _with_fleet(instance: Instance, n_vehicles: int) -> Instance:
    shifts = instance.problem.shifts[:n_vehicles]
    return replace(instance, problem=replace(instance.problem, shifts=shifts))


def _references(path: Path) -> dict[str, dict[str, str]]:
    if not path.exists():
        return {}
    with path.open(newline="") as file:
        rows: Sequence[dict[str, str]] = list(csv.DictReader(file))
    return {row["instance"].lower(): row for row in rows}
