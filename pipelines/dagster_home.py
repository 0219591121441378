"""Dagster's instance of a home, and cleaning up after builds that were killed."""

import os
import shutil
import sqlite3
from pathlib import Path

import dagster as dg
import sqlalchemy

from pipelines.settings import Settings

CONFIGURATION = Path(__file__).parents[1] / "deploy" / "dagster.yaml"
PID_TAG = "doorstep/pid"
UNFINISHED = [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """The instance of ``settings.dagster_home``, made where it is not there.

    A ``dagster.yaml`` that is there is the operator's and stays as it is.
    """
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    configuration = settings.dagster_home / "dagster.yaml"
    if not configuration.exists():
        shutil.copy(CONFIGURATION, configuration)
    if not sqlalchemy.event.contains(sqlalchemy.Engine, "connect", _do_not_wait_for_the_disk):
        sqlalchemy.event.listen(sqlalchemy.Engine, "connect", _do_not_wait_for_the_disk)
    return dg.DagsterInstance.from_config(str(settings.dagster_home))


def _do_not_wait_for_the_disk(connection: object, _record: object) -> None:
    """Dagster commits 1,200 times a build, 7 ms each on a busy disk.

    What a killed process wrote is there: only a power failure could cut Dagster's history. The
    warehouse is another file, and does wait.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.execute("pragma synchronous = off")


def bury_the_dead(instance: dg.DagsterInstance) -> None:
    """Fail the builds whose process is gone, so that the slot they hold in the pool is free again."""
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=UNFINISHED)):
        pid = run.tags.get(PID_TAG)
        if pid is not None and not _is_alive(int(pid)):
            instance.report_run_failed(run, "the process that built it is gone")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
