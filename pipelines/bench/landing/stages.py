"""What each step of landing costs on its own: reading, making the table, writing the file."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import process_time

from pipelines.bench.landing.figures import Stage
from pipelines.bench.streams.kafka import ANSWER_WITHIN_S, Log
from routing.errors import KafkaUnavailable
from streams.lake.chunk import Chunk
from streams.lake.files import write_durably
from streams.lake.scanned import Tables
from streams.lake.source import POLL_S, KafkaSource
from streams.topics import GPS_FIXES

REPEATS = 3


def reading_stage(log: Log, what: str, rows: int) -> Stage:
    """Reading a log to its end as landing reads it, with nothing done about it."""
    return _stage(what, rows, lambda: _read(log))


def writing_stages(chunks: Sequence[Chunk], folder: Path) -> Iterator[Stage]:
    """Of one fix a message: making the tables, and writing them."""
    tables = Tables()
    made = [tables.rows(GPS_FIXES, chunk).table for chunk in chunks]
    rows = sum(table.num_rows for table in made)

    def make() -> None:
        for chunk in chunks:
            tables.rows(GPS_FIXES, chunk)

    def write() -> None:
        for number, table in enumerate(made):
            write_durably(folder / f"{number}.parquet", GPS_FIXES, table)

    yield _stage("JSON to a table: contract, key, clocks, H3 cells", rows, make)
    yield _stage("the table to a file: packing, zstd, onto the disk", rows, write)


def _read(log: Log) -> None:
    source = KafkaSource(log.servers, log.prefix)
    try:
        ranges = source.states([GPS_FIXES])[GPS_FIXES.name].ranges
        left = {(GPS_FIXES.name, number): end for number, (first, end) in ranges.items() if first < end}
        source.assign(dict.fromkeys(left, 0))
        silent = 0
        while left:
            chunks, ended = source.poll()
            silent = 0 if chunks else silent + 1
            if silent * POLL_S > ANSWER_WITHIN_S:
                raise KafkaUnavailable(f"Kafka at {log.servers} stopped sending: {sorted(left)} are left")
            for place in ended:
                left.pop(place, None)
    finally:
        source.close()


def _stage(what: str, rows: int, run: Callable[[], None]) -> Stage:
    best_s = float("inf")
    for _ in range(REPEATS):
        began_s = process_time()
        run()
        best_s = min(best_s, process_time() - began_s)
    return Stage(what=what, cpu_us_a_row=best_s / rows * 1e6)
