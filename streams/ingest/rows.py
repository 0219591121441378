"""Somebody's file as rows, read as a stream: CSV, Parquet, newline-delimited JSON."""

import csv
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from routing.errors import ConfigurationError

BATCH_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """One data row; ``number`` counts from 1, ``values`` are by column, ``raw`` are its bytes.

    A row that can't be read has a ``problem`` and no values. ``raw`` is ``None`` where the file has
    no bytes of its own for a row (Parquet); it then stands as JSON.
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


def open_table(path: Path) -> Table:
    """The file as a table. Raises ``ConfigurationError`` for one that can't be read."""
    kind = path.suffix.lower()
    if kind == ".csv":
        return CsvTable(path)
    if kind == ".parquet":
        return ParquetTable(path)
    if kind in (".ndjson", ".jsonl"):
        return JsonLinesTable(path)
    raise ConfigurationError(f"{path} is neither .csv nor .parquet nor .ndjson (or .jsonl)")


def content_hash(path: Path) -> str:
    """SHA-256 of the file's bytes: the same content is the same file, whatever its name."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _RememberedLines:
    """A file's lines, and those handed out since last asked: the verbatim text of a CSV row."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._file:
            self._taken.append(line)
            yield line

    def take(self) -> bytes:
        text = "".join(self._taken)
        self._taken.clear()
        return text.encode("utf-8", "surrogateescape")


class CsvTable:
    """Comma-separated, UTF-8, a header in the first row; every value is text."""

    def __init__(self, path: Path) -> None:
        """Read the header."""
        self._path = path
        with self._open() as file:
            header = next(csv.reader(file), [])
        self.columns = tuple(header)
        if len(set(header)) < len(header):
            raise ConfigurationError(f"{path} has columns of the same name: {', '.join(header)}")

    def rows(self) -> Iterator[Row]:
        """All rows; one that is not UTF-8 or has another number of values than the header has a problem."""
        with self._open() as file:
            lines = _RememberedLines(file)
            reader = csv.reader(lines)
            next(reader, None)
            lines.take()
            number = 0
            while True:
                try:
                    values = next(reader)
                    problem = None
                except StopIteration:
                    return
                except csv.Error as error:
                    values, problem = [], f"not a CSV row: {error}"
                raw = lines.take()
                if values or problem:
                    number += 1
                    yield self._row(number, values, raw, problem)

    def _open(self) -> IO[str]:
        return self._path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")

    def _row(self, number: int, values: list[str], raw: bytes, problem: str | None) -> Row:
        if problem is None and len(values) != len(self.columns):
            problem = f"the row has {len(values)} values, the header {len(self.columns)}"
        if problem is None and not _is_utf8(raw):
            problem = "the row is not UTF-8"
        if problem is not None:
            return Row(number, {}, raw, problem)
        return Row(number, dict(zip(self.columns, values, strict=True)), raw)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


class ParquetTable:
    """Parquet, read a batch of rows at a time."""

    def __init__(self, path: Path) -> None:
        """Read the schema."""
        self._path = path
        try:
            self._schema: pa.Schema = pq.read_schema(path)
        except pa.ArrowInvalid as error:
            raise ConfigurationError(f"{path} is not a Parquet file: {error}") from error
        self.columns = tuple(self._schema.names)

    def rows(self) -> Iterator[Row]:
        """All rows; times finer than a microsecond are cut to it."""
        schema = pa.schema([field.with_type(_microseconds(field.type)) for field in self._schema])
        number = 0
        with pq.ParquetFile(self._path) as file:
            for batch in file.iter_batches(BATCH_ROWS):
                for values in batch.cast(schema, safe=False).to_pylist():
                    number += 1
                    yield Row(number, values)


def _microseconds(kind: pa.DataType) -> pa.DataType:
    return pa.timestamp("us", kind.tz) if pa.types.is_timestamp(kind) else kind


class JsonLinesTable:
    """One JSON object a line. Columns are all keys that occur; a key that a line lacks is empty there."""

    def __init__(self, path: Path) -> None:
        """Read the file once for its keys, in the order in which they turn up."""
        self._path = path
        keys: dict[str, None] = {}
        for row in self.rows():
            keys.update(dict.fromkeys(row.values))
        self.columns = tuple(keys)

    def rows(self) -> Iterator[Row]:
        """All lines that are not blank; one that is no JSON object has a problem."""
        decoder = msgspec.json.Decoder(dict[str, object])
        number = 0
        with self._path.open("rb") as file:
            for line in file:
                if not line.strip():
                    continue
                number += 1
                try:
                    yield Row(number, decoder.decode(line), line)
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                    yield Row(number, {}, line, f"not a JSON object: {error}")
