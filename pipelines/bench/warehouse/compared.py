"""Whether two ways came to the same: tables column by column, and what vehicles did."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

NUMBERS = ("DOUBLE", "FLOAT", "DECIMAL")
TOLERANCE = 1e-6
Digest = tuple[float, ...]


def same_marts(published: Path, output: Path, marts: Sequence[str]) -> int:
    """How many of ``marts`` are equal in both files, in all columns of the published one.

    Sums of parallel threads differ in their last digits, so that columns of fractions are held against
    each other by their sums; all others by the hashes of whole rows of them, repeats counted.
    """
    with duckdb.connect() as connection:
        for name, path in (("ours", published.resolve()), ("theirs", output)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        return sum(_is_same(connection, mart) for mart in marts)


def _is_same(connection: duckdb.DuckDBPyConnection, mart: str) -> bool:
    columns = connection.execute(f"describe ours.marts.{mart}").fetchall()
    fractions = [name for name, kind, *_ in columns if kind.startswith(NUMBERS)]
    exact = ", ".join(f'"{name}"' for name, *_ in columns if name not in fractions)
    parts = ["count(*)", *(f'coalesce(sum("{name}"), 0) + count("{name}")' for name in fractions)]
    if exact:
        parts.append(f"coalesce(sum(hash({exact})::hugeint), 0)")
    one, other = (
        connection.execute(f"select {', '.join(parts)} from {side}.marts.{mart}").fetchall()[0]
        for side in ("ours", "theirs")
    )
    return all(_is_near(a, b) for a, b in zip(one, other, strict=True))


def _is_near(one: float, other: float) -> bool:
    if isinstance(one, int) and isinstance(other, int):
        return one == other
    return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def differing_vehicles(ours: Mapping[str, Sequence[float]], theirs: Mapping[str, Sequence[float]]) -> int:
    """How many vehicles did not come to the same legs, metres and minutes in both."""
    return sum(
        name not in ours
        or name not in theirs
        or not all(_is_near(float(a), float(b)) for a, b in zip(ours[name], theirs[name], strict=True))
        for name in ours.keys() | theirs.keys()
    )
