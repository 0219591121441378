"""One build: the run, and what came of it in words."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import dagster as dg

from assets.due import find_waiting
from assets.failures import check_in_words, error_in_words, failed_checks
from assets.history.asset import CORRECTIONS
from assets.models.project import DateRange, Project
from assets.service_dates import RANGE_START_TAG, run_tags
from pipelines.dagster_home import PID_TAG, bury_the_dead, open_instance
from pipelines.dagster_sqlite import kept_connections
from pipelines.settings import Settings
from pipelines.wiring import EXPIRY_JOB, JOB, build_definitions, history_definitions, warehouse_of

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build came to. ``problems`` are failed checks with their figures, and errors.

    ``warnings`` are checks that said what is unusual and stopped nothing.

    ``corrected_dates`` are those of which a figure was published before and is another one now.
    """

    rows: tuple[tuple[str, int], ...]
    checks: int
    corrected_dates: str
    problems: tuple[str, ...]
    warnings: tuple[str, ...]


def build(
    settings: Settings,
    project: Project,
    ranges: tuple[DateRange, ...],
    *,
    is_due: bool = False,
    accepted: tuple[str, ...] = (),
) -> BuildReport:
    """Run the job over ``ranges`` in this process. Nothing is published unless all checks pass.

    ``is_due``: for what has landed since the last build, so that hours without any of it stay as they are.
    ``accepted``: topics of which what waits now is taken in, though it is not as usual.
    """
    waiting = find_waiting(warehouse_of(settings), project, accepted)
    tags = run_tags(ranges, is_due=is_due, accepted=waiting)
    definitions = build_definitions if RANGE_START_TAG in tags else history_definitions
    with _executed(settings, definitions(settings, project), JOB, tags) as result:
        return _report(result)


@dataclass(frozen=True, slots=True)
class ExpiryReport:
    """What went: rule, the day before which all went, rows, and files where they were in files."""

    removed: tuple[tuple[str, str, int, int], ...]
    problems: tuple[str, ...]


def run_expiry(settings: Settings, project: Project) -> ExpiryReport:
    """Run the job that removes what is too old, in this process."""
    with _executed(settings, build_definitions(settings, project), EXPIRY_JOB, {}) as result:
        problems = tuple(error_in_words(event) for event in result.get_step_failure_events())
        found = [one for event in result.get_asset_materialization_events() for one in _by_rule(event)]
    return ExpiryReport(tuple(found), problems)


@contextmanager
def _executed(
    settings: Settings, definitions: dg.Definitions, job: str, tags: Mapping[str, str]
) -> Iterator[dg.ExecuteInProcessResult]:
    """A job run in this process; what it came to is read while Dagster's history is open."""
    with kept_connections(), open_instance(settings) as instance:
        bury_the_dead(instance)
        yield definitions.resolve_job_def(job).execute_in_process(
            instance=instance,
            tags={**tags, PID_TAG: str(os.getpid())},
            run_config=QUIET,
            raise_on_error=False,
        )


def _by_rule(event: dg.DagsterEvent) -> Iterator[tuple[str, str, int, int]]:
    table = event.step_materialization_data.materialization.metadata["by_rule"]
    assert isinstance(table, dg.TableMetadataValue)
    for record in table.records:
        row = record.data
        if row["rows"] or row["files"]:
            name = f"{row['place']} {row['name']}"
            yield name, str(row["before"]), int(str(row["rows"])), int(str(row["files"]))


def _report(result: dg.ExecuteInProcessResult) -> BuildReport:
    checks = result.get_asset_check_evaluations()
    failed = [check_in_words(check) for check in failed_checks(result.all_events)]
    warnings = [check_in_words(check) for check in checks if not check.passed]
    errors = [] if failed else [error_in_words(event) for event in result.get_step_failure_events()]
    rows = [
        (event.asset_key.to_user_string(), int(str(event.materialization.metadata["rows"].value)))
        for event in result.get_asset_materialization_events()
        if event.asset_key and "rows" in event.materialization.metadata
    ]
    return BuildReport(
        tuple(dict(rows).items()),
        len(checks),
        _corrected_dates(result),
        (*failed, *errors),
        tuple(words for words in warnings if words not in failed),
    )


def _corrected_dates(result: dg.ExecuteInProcessResult) -> str:
    found = [
        str(event.materialization.metadata["corrected_dates"].value)
        for event in result.get_asset_materialization_events()
        if event.asset_key == CORRECTIONS
    ]
    return ", ".join(found)
