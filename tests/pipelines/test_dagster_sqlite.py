"""Engines and connections of Dagster's history during a build."""

import sqlite3
from pathlib import Path
from types import ModuleType

import pytest
import sqlalchemy
from dagster._core.storage.event_log.sqlite import sqlite_event_log
from dagster._core.storage.runs.sqlite import sqlite_run_storage

from pipelines.dagster_home import open_instance
from pipelines.dagster_sqlite import KeptConnection, kept_connections
from pipelines.settings import Settings


def test_a_file_is_opened_once_however_often_it_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    real = sqlite3.connect

    def connect(place: str, **options: object) -> sqlite3.Connection:
        opened.append(place)
        return real(place, **options)  # type: ignore[call-overload, no-any-return]

    for module in (sqlite3, sqlite3.dbapi2):
        monkeypatch.setattr(module, "connect", connect)

    with kept_connections(), open_instance(Settings(home=tmp_path)) as instance:
        opened.clear()
        for _ in range(5):
            instance.get_asset_keys()

    assert len(opened) <= 1


def test_what_one_wrote_the_next_sees_and_what_was_not_committed_is_gone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/history.db"

    with kept_connections():
        engine = sqlite_event_log.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
        with engine.begin() as one:
            one.exec_driver_sql("create table events (name text)")
        with engine.connect() as other:
            other.exec_driver_sql("insert into events values ('not committed')")
        with engine.connect() as third:
            rows = third.exec_driver_sql("select * from events").fetchall()

    assert rows == []


def test_two_at_once_have_two_connections(tmp_path: Path) -> None:
    with kept_connections():
        engine = sqlite_event_log.create_engine(
            f"sqlite:///{tmp_path}/history.db", poolclass=sqlalchemy.pool.NullPool
        )
        with engine.connect() as one, engine.connect() as other:
            first, second = one.connection.dbapi_connection, other.connection.dbapi_connection

    assert isinstance(first, KeptConnection)
    assert first is not second


def test_afterwards_dagster_makes_its_own_engines_again(tmp_path: Path) -> None:
    before = sqlite_event_log.create_engine

    with kept_connections():
        during = sqlite_event_log.create_engine

    assert before is sqlite_event_log.create_engine
    assert during is not before


@pytest.mark.parametrize("module", [sqlite_event_log, sqlite_run_storage])
def test_the_installed_dagster_has_what_builds_are_quicker_by(module: ModuleType) -> None:
    """Where this fails builds still work, and take longer: see how this Dagster makes its engines."""
    assert callable(getattr(module, "create_engine", None))


def test_a_dagster_without_it_is_left_as_it_is_and_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delattr(sqlite_event_log, "create_engine")
    before = sqlite_run_storage.create_engine

    with kept_connections():
        during = sqlite_run_storage.create_engine

    assert during is before
    assert "makes its SQLite engines otherwise" in caplog.text
