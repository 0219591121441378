"""Somebody's file as rows, read as a stream: CSV, Parquet, newline-delimited JSON."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from routing.errors import ConfigurationError
from streams.ingest.csv_table import CsvTable
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
