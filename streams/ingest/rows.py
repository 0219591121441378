"""Somebody's file as rows, read as a stream: CSV, Parquet, newline-delimited JSON."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from routing.errors import ConfigurationError
from streams.ingest.csv_table import CsvTable
from streams.ingest.first_look import UTF_8_MARK, check_is_text
from streams.ingest.names import escaped
from streams.ingest.row import Row, Table

BATCH_ROWS = 10_000


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
        """All rows; times finer than a microsecond are cut to it.

        Raises ``ConfigurationError`` naming the last row that could be read, where the file is damaged.
        """
        number = 0
        try:
            for values in self._values():
                number += 1
                yield Row(number, values)
        except (pa.ArrowException, OSError) as error:
            raise ConfigurationError(f"{self._path} can't be read past row {number}: {error}") from error

    def _values(self) -> Iterator[dict[str, object]]:
        schema = pa.schema([field.with_type(_microseconds(field.type)) for field in self._schema])
        with pq.ParquetFile(self._path) as file:
            for batch in file.iter_batches(BATCH_ROWS):
                yield from batch.cast(schema, safe=False).to_pylist()


def _microseconds(kind: pa.DataType) -> pa.DataType:
    return pa.timestamp("us", kind.tz) if pa.types.is_timestamp(kind) else kind


class JsonLinesTable:
    """One JSON object a line. Columns are all keys that occur; a key that a line lacks is empty there."""

    def __init__(self, path: Path) -> None:
        """Read the file once for its keys, in the order in which they turn up.

        Raises ``ConfigurationError`` saying what the file is, where no line is a JSON object.
        """
        self._path = path
        check_is_text(path)
        keys: dict[str, None] = {}
        first: Row | None = None
        for row in self.rows():
            first = first or row
            keys.update(dict.fromkeys(row.values))
        self.columns = tuple(keys)
        if not keys:
            raise ConfigurationError(_no_objects(path, first))

    def rows(self) -> Iterator[Row]:
        """All lines that are not blank; one that is no JSON object has a problem."""
        decoder = msgspec.json.Decoder(dict[str, object])
        number = 0
        with self._path.open("rb") as file:
            for place, line in enumerate(file):
                text = line if place else line.removeprefix(UTF_8_MARK)
                if not text.strip():
                    continue
                number += 1
                try:
                    yield Row(number, decoder.decode(text), line)
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                    yield Row(number, {}, line, f"not a JSON object: {error}")


def _no_objects(path: Path, first: Row | None) -> str:
    if first is None:
        return f"{path}, line 1: the file is blank; one JSON object a line would be right"
    shown = escaped(first.as_bytes().decode("utf-8", "surrogateescape").strip())
    return f"{path}, line 1: no JSON object with keys, as {{...}} would be, nor any line below it: {shown}"
