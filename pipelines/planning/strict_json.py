"""Values from JSON files, with misspelt optional fields refused: they would be passed over otherwise."""

from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from pipelines.planning.no_numbers import require_numbers
from routing.carriers import Carrier
from routing.changes import Progress
from routing.errors import ConfigurationError
from routing.lockers import Locker
from routing.plan import (
    Break,
    HandedOver,
    Location,
    PlannedVisit,
    Route,
    RoutePlan,
    Shift,
    Stop,
    TimeWindow,
    Unassigned,
    Vehicle,
)
from routing.service import ServiceTimes
from routing.travel import StraightLine

T = TypeVar("T")

NESTED: dict[str, type] = {
    "travel": StraightLine,
    "service": ServiceTimes,
    "plan": RoutePlan,
    "routes": Route,
    "visits": PlannedVisit,
    "unassigned": Unassigned,
    "progress": Progress,
    "breaks": Break,
    "shifts": Shift,
    "shift": Shift,
    "carriers": Carrier,
    "handed_over": HandedOver,
    "lockers": Locker,
    "stops": Stop,
    "stop": Stop,
    "vehicle": Vehicle,
    "windows": TimeWindow,
    "window": TimeWindow,
    "other_windows": TimeWindow,
    "location": Location,
    "start": Location,
    "end": Location,
}
"""The value that stands under each name; used to find names that none of them has."""


def read_bytes(path: Path) -> bytes:
    """The file's content without a byte order mark. Raises ``ConfigurationError`` where it can't be read."""
    try:
        return path.read_bytes().removeprefix(BOM_UTF8)
    except OSError as error:
        raise ConfigurationError(f"{path} can't be read: {error.strerror}") from error


def read_json(path: Path, kind: type[T], noun: type | None = None) -> T:
    """The value in a file; ``noun`` is what stands at its top, or in the array there, if that is a noun.

    Raises ``ConfigurationError`` that says what is wrong and where.
    """
    try:
        return decode_strictly(read_bytes(path), kind, noun)
    except ValueError as error:
        raise ConfigurationError(f"{path}: {error}") from error


def decode_strictly(data: bytes, kind: type[T], noun: type | None = None) -> T:
    """The value. Raises ``ValueError`` where it is none, or a field is unknown."""
    try:
        value = msgspec.json.decode(data, type=kind)
    except msgspec.DecodeError:
        require_numbers(data)
        raise
    unknown = next(_unknown_names(msgspec.json.decode(data), noun, "$"), None)
    if unknown:
        raise ValueError(unknown)
    return value


def _unknown_names(value: object, noun: Any, where: str) -> Iterator[str]:  # noqa: ANN401
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _unknown_names(each, noun, f"{where}[{index}]")
    elif isinstance(value, dict):
        known = sorted(value) if noun is None else [field.name for field in fields(noun)]
        for unknown in sorted(set(value) - set(known)):
            yield f"{where} has an unknown field {unknown!r}; a {noun.__name__} has {', '.join(known)}"
        for name, child in value.items():
            if name in NESTED:
                yield from _unknown_names(child, NESTED[name], f"{where}.{name}")
