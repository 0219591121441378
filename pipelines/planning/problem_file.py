"""A problem in Doorstep's own JSON."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from pathlib import Path

import msgspec

from routing.errors import ConfigurationError
from routing.plan import Location, Shift, Stop, TimeWindow, Vehicle
from routing.problem import Problem
from routing.travel import StraightLine


class ProblemFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file holds; ``travel`` may be left out."""

    depot_id: str
    service_date: date
    shifts: tuple[Shift, ...]
    stops: tuple[Stop, ...]
    travel: StraightLine = StraightLine()


NESTED = {
    "travel": StraightLine,
    "shifts": Shift,
    "stops": Stop,
    "vehicle": Vehicle,
    "window": TimeWindow,
    "location": Location,
    "start": Location,
    "end": Location,
}
"""The value that stands under each name; used to find names that none of them has."""


def read_problem(path: Path) -> Problem:
    """The problem in a file. Raises ``ConfigurationError`` that says what is wrong and where."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} can't be read: {error.strerror}") from error
    try:
        read = msgspec.json.decode(data, type=ProblemFile)
        unknown = next(_unknown_names(msgspec.json.decode(data), "$"), None)
        if unknown:
            raise ConfigurationError(f"{path}: {unknown}")
        return Problem(read.depot_id, read.service_date, read.shifts, read.stops, read.travel)
    except (ValueError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}") from error


def _unknown_names(value: object, where: str) -> Iterator[str]:
    """Misspelt optional fields would be passed over in silence otherwise."""
    if not isinstance(value, dict):
        return
    for name, child in value.items():
        noun = NESTED.get(name)
        children = child if isinstance(child, list) else [child]
        for index, each in enumerate(children):
            if noun is None or not isinstance(each, dict):
                continue
            place = f"{where}.{name}[{index}]" if isinstance(child, list) else f"{where}.{name}"
            known = [field.name for field in fields(noun)]
            for unknown in sorted(set(each) - set(known)):
                yield f"{place} has an unknown field {unknown!r}; a {noun.__name__} has {', '.join(known)}"
            yield from _unknown_names(each, place)
