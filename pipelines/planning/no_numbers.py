"""NaN and infinity in JSON: what other programs write, and no number of JSON's."""

import json
from collections.abc import Iterator
from math import isfinite


def require_numbers(data: bytes) -> None:
    """Raise ``ValueError`` that names the place of the first figure that is none; JSON itself has no such."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return
    found = next(_no_numbers(value, "$"), None)
    if found is not None:
        where, figure = found
        raise ValueError(f"{where} is {figure}, which is no number; in a matrix null says that no way leads")


def _no_numbers(value: object, where: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, float) and not isfinite(value):
        yield where, value
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _no_numbers(each, f"{where}[{index}]")
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _no_numbers(each, f"{where}.{name}")
