"""CSV as rows: a quote that nobody closes costs its own line, never those behind it."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from routing.errors import ConfigurationError
from streams.ingest.first_look import check_header, check_is_text
from streams.ingest.row import Row


class _Lines:
    """A file's lines; those of the record being read are remembered, and can be given back."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._given_back: deque[str] = deque()
        self._taken: list[str] = []
        self.first = 1
        """The line in which the record being read begins, from 1."""

    def __iter__(self) -> Iterator[str]:
        while self._given_back:
            line = self._given_back.popleft()
            self._taken.append(line)
            yield line
        for line in self._file:
            self._taken.append(line)
            yield line

    @property
    def count(self) -> int:
        """How many lines the record being read has so far."""
        return len(self._taken)

    def give_back_all_but_first(self) -> None:
        """The record is its first line alone; the others are read again, by whoever iterates anew."""
        self._given_back.extendleft(reversed(self._taken[1:]))
        del self._taken[1:]

    def take(self) -> bytes:
        """The record verbatim; the next line begins another."""
        text = "".join(self._taken)
        self.first += len(self._taken)
        self._taken.clear()
        return text.encode("utf-8", "surrogateescape")


class _Record(NamedTuple):
    """The values of one row and its bytes, or why it is none."""

    values: list[str]
    raw: bytes
    problem: str | None


class CsvTable:
    """Comma-separated, UTF-8, a header in the first row; every value is text.

    Blanks behind commas don't count.
    """

    def __init__(self, path: Path) -> None:
        """Read the header. Raises ``ConfigurationError`` saying what the file is, where it is no CSV."""
        self._path = path
        check_is_text(path)
        with self._open() as file:
            header = next(self._records(file, None), _Record([], b"", None))
        if header.problem is not None:
            raise ConfigurationError(f"{path}, line 1: {header.problem}")
        self.columns = tuple(name.strip() for name in header.values)
        check_header(path, self.columns)

    def rows(self) -> Iterator[Row]:
        """All rows; one that is not UTF-8 or has another number of values than the header has a problem."""
        number = 0
        with self._open() as file:
            records = self._records(file, len(self.columns))
            next(records, None)
            for record in records:
                if record.values or record.problem:
                    number += 1
                    yield self._row(number, record)

    def _open(self) -> IO[str]:
        return self._path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")

    def _row(self, number: int, record: _Record) -> Row:
        problem = record.problem
        if problem is None and not _is_utf8(record.raw):
            problem = "the row is not UTF-8"
        if problem is not None:
            return Row(number, {}, record.raw, problem)
        return Row(number, dict(zip(self.columns, record.values, strict=False)), record.raw)

    def _records(self, file: IO[str], columns: int | None) -> Iterator[_Record]:
        """All records, blank lines among them; the header is the first, of as many ``columns`` as it has.

        A quote may run over lines, so one that is not closed takes in whatever follows. A record over
        several lines that turns out to be none is its first line alone, and reading goes on with the next.
        """
        lines = _Lines(file)
        reader = _reader(lines)
        while True:
            values: list[str] = []
            try:
                values = next(reader)
                problem = None if lines.first == 1 else _miscounted(values, columns)
            except StopIteration:
                return
            except csv.Error as error:
                is_open = lines.count > 1 or "unexpected end" in str(error)
                unclosed = f"a quote is not closed: it opens in line {lines.first}"
                problem = unclosed if is_open else f"not a CSV row: {error}"
            if problem is not None:
                lines.give_back_all_but_first()
                reader = _reader(lines)
            yield _Record(values, lines.take(), problem)


def _reader(lines: Iterable[str]) -> Iterator[list[str]]:
    return csv.reader(lines, strict=True, skipinitialspace=True)


def _miscounted(values: list[str], columns: int | None) -> str | None:
    """Empty values past the last column, as of rows that end with a comma, say nothing and are let pass."""
    if columns is None or not values or len(values) == columns:
        return None
    if len(values) > columns and not any(value.strip() for value in values[columns:]):
        return None
    return f"the row has {len(values)} values, the header {columns}"


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
