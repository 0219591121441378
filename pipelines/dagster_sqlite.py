"""Connections to Dagster's SQLite files, kept open while a build runs.

Dagster makes an engine and opens the file anew for each look at it, thousands of times a build: it
then compiles the same statements each time, and who closes a file last also folds its log away. With
engines and connections kept, an event costs less than half: the build of one late event took 20.6 and 21.1 s
of CPU with them and 25.0 and 26.1 s without, by turns on a busy machine.
"""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Protocol, cast

import sqlalchemy
from dagster._core.storage.event_log.sqlite import sqlite_event_log
from dagster._core.storage.runs.sqlite import sqlite_run_storage

_LOG = logging.getLogger(__name__)

Options = dict[str, object]


class MakesEngines(Protocol):
    """A module of Dagster's that calls its global ``create_engine`` for each look at a file."""

    def create_engine(self, url: str, **options: object) -> sqlalchemy.Engine:
        """SQLAlchemy's own."""
        ...


_MODULES = (cast("MakesEngines", sqlite_event_log), cast("MakesEngines", sqlite_run_storage))


class KeptConnection(sqlite3.Connection):
    """Closing it gives back what is not committed, and makes it free for the next who asks."""

    is_free = False

    def close(self) -> None:
        """Wait."""
        self.rollback()
        self.is_free = True


@contextmanager
def kept_connections() -> Iterator[None]:
    """Dagster's engines and their connections to files are kept while this lasts, and closed at its end.

    A Dagster whose modules make their engines otherwise is left as it is, and the log says so.
    """
    if not all(hasattr(module, "create_engine") for module in _MODULES):
        _LOG.warning("this Dagster makes its SQLite engines otherwise: a build opens its files for each look")
        yield
        return
    engines: dict[str, sqlalchemy.Engine] = {}
    kept: dict[tuple[int, str], list[KeptConnection]] = {}

    def create_engine(url: str, **options: object) -> sqlalchemy.Engine:
        if url not in engines:
            engines[url] = sqlalchemy.create_engine(url, **options)
            sqlalchemy.event.listen(engines[url], "do_connect", connect)
        return engines[url]

    def connect(_dialect: object, _record: object, place: list[str], options: Options) -> sqlite3.Connection:
        of_file = kept.setdefault((get_ident(), place[0]), [])
        free = next((one for one in of_file if one.is_free), None)
        if free is None:
            free = cast("KeptConnection", _open(place[0], options))
            of_file.append(free)
        free.is_free = False
        return free

    former = [module.create_engine for module in _MODULES]
    for module in _MODULES:
        module.create_engine = create_engine  # type: ignore[method-assign]
    try:
        yield
    finally:
        for module, makes in zip(_MODULES, former, strict=True):
            module.create_engine = makes  # type: ignore[method-assign]
        for connection in (one for of_file in kept.values() for one in of_file):
            sqlite3.Connection.close(connection)


def _open(path: str, options: Options) -> sqlite3.Connection:
    # Another thread closes it at the end; while it lasts, a connection is its own thread's alone.
    own: Options = {"factory": KeptConnection, "check_same_thread": False}
    return sqlite3.connect(path, **{**options, **own})  # type: ignore[call-overload, no-any-return]
