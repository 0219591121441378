"""The published KPI file: marts alone, a new file a version, behind a link that is replaced at once."""

import fcntl
import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from assets.models.changed import quoted
from assets.models.project import Model
from assets.republishing import Difference, bring_up_to_date, differences

_LOG = logging.getLogger(__name__)

KEPT_VERSIONS = 5
_READ_ONLY, _WRITABLE = 0o444, 0o644
"""Who opens a version to write by mistake is refused, rather than everybody else while it is open."""

STORAGE_VERSION = "v1.4.0"
"""BI drivers embed DuckDB 1.x, which can't read what 2.0 writes by default."""

_MACROS = """
create or replace macro marts.kpi_as_known_at(moment) as table
select * exclude (known_until_at)
from marts.kpi_versions
where
    known_from_at <= cast(moment as timestamptz)
    and (known_until_at > cast(moment as timestamptz) or known_until_at is null);
comment on macro table marts.kpi_as_known_at is
    'The figures that stood published at a moment: from marts.kpi_as_known_at(''2026-03-02 12:00:00+00'')';
"""


def publish(
    connection: duckdb.DuckDBPyConnection, models: tuple[Model, ...], link: Path, version: str
) -> Path:
    """Write ``models``, in schema ``marts``, to ``kpi-<version>.duckdb`` and point ``link`` beside it there.

    One process publishes at a time. A reader that has a former version open goes on reading it. The last
    few versions are kept, and older ones as long as somebody reads them. Where the disk is full the former
    version stays published, no draft is left, and ``duckdb.Error`` or ``OSError`` is raised.
    """
    link.parent.mkdir(parents=True, exist_ok=True)
    _forget_drafts(link.parent)
    target = link.parent / f"kpi-{version}.duckdb"
    draft = link.parent / f".draft-{version}.duckdb"
    try:
        _write(connection, models, link, draft)
    except (duckdb.Error, OSError):
        _forget_drafts(link.parent)
        raise
    draft.chmod(_READ_ONLY)
    draft.replace(target)
    _point(link, target)
    _forget_old(link, target)
    return target


def _write(
    connection: duckdb.DuckDBPyConnection, models: tuple[Model, ...], former: Path, draft: Path
) -> None:
    """A copy of the former version with what differs, or all of it anew."""
    if former.exists():
        try:
            if _is_copied(connection, models, former, draft):
                return
        except duckdb.Error as error:
            _LOG.warning("%s can't be brought up to date, all is written anew: %s", former, error)
        _forget_drafts(draft.parent)
    with _attached(connection, draft):
        _fill(connection, models, differences(connection, models))


def _is_copied(
    connection: duckdb.DuckDBPyConnection, models: tuple[Model, ...], former: Path, draft: Path
) -> bool:
    """Whether a copy was made and brought up to date: not where it would keep the bytes of what is gone."""
    shutil.copyfile(former, draft)
    with _attached(connection, draft):
        found = differences(connection, models)
        if any(each.is_gone for each in found.values()):
            return False
        _fill(connection, models, found)
    return True


@contextmanager
def _attached(connection: duckdb.DuckDBPyConnection, draft: Path) -> Iterator[None]:
    """The draft as ``published``, in one transaction: a commit a comment takes ten times as long as a day."""
    connection.execute(
        f"attach {quoted(draft.as_posix())} as published (storage_version '{STORAGE_VERSION}')"
    )
    try:
        connection.execute("begin")
        try:
            yield
        except duckdb.Error:
            connection.execute("rollback")
            raise
        connection.execute("commit")
    finally:
        connection.execute("detach published")


def _fill(
    connection: duckdb.DuckDBPyConnection, models: tuple[Model, ...], found: Mapping[str, Difference]
) -> None:
    bring_up_to_date(connection, models, found)
    if any(model.name == "kpi_versions" for model in models):
        _add_macros(connection)


def _add_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """What a macro reads is bound where it is made, so that ``marts`` must be the published one."""
    (here,) = connection.execute("select current_database()").fetchall()[0]
    connection.execute("use published")
    try:
        connection.execute(_MACROS)
    finally:
        connection.execute(f'use "{here}"')


def _point(link: Path, target: Path) -> None:
    fresh = link.parent / ".kpi.link"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target.name)
    fresh.replace(link)


def _forget_drafts(folder: Path) -> None:
    """What a failure or a killed run left; a draft's log goes with it."""
    for path in folder.glob(".draft-*"):
        path.unlink()


def _forget_old(link: Path, current: Path) -> None:
    versions = sorted(link.parent.glob("kpi-*.duckdb"), key=lambda path: path.stat().st_mtime_ns)
    for path in versions[:-KEPT_VERSIONS]:
        if path != current and not _is_needed(path):
            path.unlink()


def _is_needed(path: Path) -> bool:
    """Whether another process has the file open: DuckDB holds a shared lock on what it reads.

    A file could be unlinked under its readers, but who opened it once may open it again by its name,
    and a network's file system may take it away from them. Another user's file is theirs to delete.
    """
    try:
        path.chmod(_WRITABLE)  # the lock that readers stand in the way of wants a file that can be written
        with path.open("r+b") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        path.chmod(_READ_ONLY)
        return True
    except PermissionError:
        return True
    return False
