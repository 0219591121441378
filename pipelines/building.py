"""One build: which service dates are due, the run, and what came of it in words."""

import os
from dataclasses import dataclass
from datetime import date

import dagster as dg
import duckdb

from assets.ledger import dates_of_late_verdicts, dates_to_build
from assets.models.project import DateRange, Project
from assets.service_dates import RANGE_START_TAG, run_tags
from pipelines.dagster_home import PID_TAG, bury_the_dead, open_instance
from pipelines.settings import Settings
from pipelines.wiring import JOB, build_definitions, history_definitions, warehouse_of

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build came to. ``problems`` are failed checks with their figures, and errors."""

    dates: DateRange
    rows: tuple[tuple[str, int], ...]
    checks: int
    problems: tuple[str, ...]


def due_dates(settings: Settings, project: Project) -> tuple[int, DateRange | None]:
    """Files that no build has covered, and the service dates to build for them; ``None`` where none are.

    Late verdicts make the dates of what they judge due again. Other files without dates of their own
    (visits, reference) are taken in by building the latest service date once more.
    """
    warehouse = warehouse_of(settings)
    with warehouse.connect() as connection:
        for source in project.sources:
            warehouse.register(connection, source)
        files, dates = dates_to_build(connection)
        late = dates_of_late_verdicts(connection, settings.lake)
        dates = dates.including(late) if dates and late else dates or late
        if files and dates is None:
            dates = _latest_built(connection)
    return files, dates


def build(settings: Settings, project: Project, dates: DateRange) -> BuildReport:
    """Run the job over ``dates`` in this process. Nothing is published unless all checks pass."""
    tags = run_tags(dates)
    definitions = build_definitions if RANGE_START_TAG in tags else history_definitions
    with open_instance(settings) as instance:
        bury_the_dead(instance)
        result = (
            definitions(settings, project)
            .resolve_job_def(JOB)
            .execute_in_process(
                instance=instance,
                tags={**tags, PID_TAG: str(os.getpid())},
                run_config=QUIET,
                raise_on_error=False,
            )
        )
        return _report(dates, result)


def _latest_built(connection: duckdb.DuckDBPyConnection) -> DateRange | None:
    tables = "select 1 from information_schema.tables where table_name = 'int_service_dates'"
    if not connection.execute(tables).fetchall():
        return None
    sql = "select max(service_date) from intermediate.int_service_dates"
    latest: date | None = connection.execute(sql).fetchall()[0][0]
    return DateRange(latest, latest) if latest else None


def _report(dates: DateRange, result: dg.ExecuteInProcessResult) -> BuildReport:
    checks = result.get_asset_check_evaluations()
    failed = [
        f"check {one.check_name} of {one.asset_key.to_user_string()}: {one.description}"
        for one in checks
        if not one.passed
    ]
    errors = [] if failed else [_error_in_words(event) for event in result.get_step_failure_events()]
    rows = [
        (event.asset_key.to_user_string(), int(str(event.materialization.metadata["rows"].value)))
        for event in result.get_asset_materialization_events()
        if event.asset_key and "rows" in event.materialization.metadata
    ]
    return BuildReport(dates, tuple(dict(rows).items()), len(checks), (*failed, *errors))


def _error_in_words(event: dg.DagsterEvent) -> str:
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return f"step {event.step_key}: {error.message.strip() if error else 'failed'}"
