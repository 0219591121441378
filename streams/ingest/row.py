"""What every file is read as: rows, in its order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec


@dataclass(frozen=True, slots=True)
class Row:
    """One data row; ``number`` counts from 1, ``values`` are by column, ``raw`` are its bytes.

    A row that can't be read has a ``problem`` and no values; what a problem says behind its first colon
    is of this row alone. ``raw`` is ``None`` where the file has no bytes of its own for a row (Parquet);
    it then stands as JSON.
    """

    number: int
    values: Mapping[str, object]
    raw: bytes | None = None
    problem: str | None = None

    def as_bytes(self) -> bytes:
        """The row verbatim, for a dead letter."""
        return msgspec.json.encode(dict(self.values), enc_hook=str) if self.raw is None else self.raw


class Table(Protocol):
    """A file that can be read row by row."""

    columns: tuple[str, ...]

    def rows(self) -> Iterator[Row]:
        """All rows in the file's order."""
        ...
