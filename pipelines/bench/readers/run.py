"""Publishing one version after another while readers read."""

import multiprocessing
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from assets.models.project import Column, Model
from assets.publishing import publish
from pipelines.bench.readers.reader import MARTS, Seen, read_until

PATIENCE_S = 120


@dataclass(frozen=True, slots=True)
class Wish:
    """How much: versions after the first, reading processes, rows of each mart, seconds between versions."""

    versions: int
    readers: int
    rows: int
    pause_s: float


@dataclass(frozen=True, slots=True)
class ReadersFigures:
    """What came of it; times in milliseconds, of openings with all that they read but the long ones."""

    openings: int
    versions_seen: int
    mixed: int
    gone_back: int
    errors: tuple[str, ...]
    open_ms: tuple[float, float, float]
    publish_ms: tuple[float, float]
    most_files: int
    files_left: int
    file_mib: float
    lasted_s: float


def measure_readers(folder: Path, wish: Wish) -> ReadersFigures:
    """Publish to an empty ``folder`` while processes read; one more version follows when they are done."""
    link = folder / "kpi.duckdb"
    warehouse = duckdb.connect()
    warehouse.execute("create schema marts; set threads = 1")
    _publish(warehouse, link, 0, wish.rows)
    context = multiprocessing.get_context("spawn")
    ready, stop, answers = context.Barrier(wish.readers + 1), context.Event(), context.Queue()
    readers = [
        context.Process(target=read_until, args=(link, ready, stop, answers)) for _ in range(wish.readers)
    ]
    for reader in readers:
        reader.start()
    ready.wait(PATIENCE_S)
    began, publish_ms, files = time.perf_counter(), list[float](), list[int]()
    for version in range(1, wish.versions + 1):
        publish_ms.append(_publish(warehouse, link, version, wish.rows))
        files.append(_files(folder))
        time.sleep(wish.pause_s)
    lasted_s = time.perf_counter() - began
    stop.set()
    seen = [answers.get(timeout=PATIENCE_S) for _ in readers]
    for reader in readers:
        reader.join(PATIENCE_S)
    _publish(warehouse, link, wish.versions + 1, wish.rows)
    size_mib = link.stat().st_size / 2**20
    return _figures(seen, publish_ms, files, _files(folder), size_mib, lasted_s)


def _publish(warehouse: duckdb.DuckDBPyConnection, link: Path, version: int, rows: int) -> float:
    """Milliseconds of the publication alone."""
    for mart in MARTS:
        warehouse.execute(
            f"create or replace table marts.{mart} as "
            f"select {version} as version, hash(range + {version}) as value from range({rows})"
        )
    began = time.perf_counter()
    publish(warehouse, tuple(map(_model, MARTS)), link, f"{version:04}")
    return (time.perf_counter() - began) * 1000


def _model(name: str) -> Model:
    columns = (Column("version", "The version that the row is of."), Column("value", "Anything."))
    return Model(name, "marts", Path(f"{name}.sql"), "", "Grain: one row per number.", columns)


def _files(folder: Path) -> int:
    return len(list(folder.glob("kpi-*.duckdb")))


def _figures(
    seen: list[Seen],
    publish_ms: list[float],
    files: list[int],
    files_left: int,
    file_mib: float,
    lasted_s: float,
) -> ReadersFigures:
    took_ms = sorted(took for each in seen for took in each.took_ms)
    return ReadersFigures(
        openings=sum(each.openings for each in seen),
        versions_seen=len(frozenset[int]().union(*(each.versions for each in seen))),
        mixed=sum(each.mixed for each in seen),
        gone_back=sum(each.gone_back for each in seen),
        errors=tuple(error for each in seen for error in each.errors),
        open_ms=(statistics.median(took_ms), took_ms[len(took_ms) * 99 // 100], took_ms[-1]),
        publish_ms=(statistics.median(publish_ms), max(publish_ms)),
        most_files=max(files),
        files_left=files_left,
        file_mib=file_mib,
        lasted_s=lasted_s,
    )
