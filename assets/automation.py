"""What starts builds by itself: a sensor on what is not built yet, and a schedule for the day that ended."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import dagster as dg

from assets.due import Due, find_due
from assets.models.project import DateRange, Project
from assets.service_dates import partitioned_runs, run_tags
from assets.warehouse import Warehouse
from routing.errors import ConfigurationError

SENSOR = "new_files"
UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


def run_requests(due: Due, now: datetime) -> list[dg.RunRequest]:
    """A run for each stretch of dates that is due; what failed is asked for again in the next hour.

    Dagster starts one run a key, so that the same files are not tried again every minute.
    """
    return [
        dg.RunRequest(
            run_key=f"{dates} {due.fingerprint} {now:%Y-%m-%dT%H}", tags=run_tags([dates], is_due=True)
        )
        for found in due.ranges
        for dates in partitioned_runs(found)
    ]


def new_files_sensor(
    job_name: str, project: Project, warehouse: Warehouse, now: Callable[[], datetime]
) -> dg.SensorDefinition:
    """Starts the job for the service dates that no build has covered. The ledger says which, not a cursor."""

    @dg.sensor(
        name=SENSOR,
        job_name=job_name,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Builds the service dates of what has landed and is not built.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        mine = dg.RunsFilter(job_name=job_name, statuses=UNFINISHED, tags={"dagster/sensor_name": SENSOR})
        if context.instance.get_runs(mine, limit=1):
            yield dg.SkipReason("runs that were asked for are not finished")
            return
        try:
            due = find_due(warehouse, project)
        except ConfigurationError as error:
            yield dg.SkipReason(str(error))
            return
        requests = run_requests(due, now())
        if not requests:
            yield dg.SkipReason("all that landed is built, or is of dates that are still to come")
        yield from requests

    return sensor


def nightly_schedule(job_name: str, time_zone: str) -> dg.ScheduleDefinition:
    """Builds the day that ended once more, at 4:30 in the time zone of the home."""

    @dg.schedule(
        name="nightly",
        job_name=job_name,
        cron_schedule="30 4 * * *",
        execution_timezone=time_zone,
        description="The day that ended, once more.",
    )
    def nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        ended = context.scheduled_execution_time.date() - timedelta(days=1)
        return dg.RunRequest(run_key=f"{ended}", tags=run_tags([DateRange(ended, ended)]))

    return nightly


def retention_schedule(job_name: str, time_zone: str) -> dg.ScheduleDefinition:
    """Removes what is too old, every morning once the nightly build is through."""
    return dg.ScheduleDefinition(
        name="retention",
        job_name=job_name,
        cron_schedule="30 5 * * *",
        execution_timezone=time_zone,
        description="What is older than its retention goes.",
    )
