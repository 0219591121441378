"""A failed run told to a webhook, in words and in fields."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from http.client import HTTPException

import dagster as dg
import msgspec

from assets.service_dates import ranges_of_run
from routing.errors import WebhookFailed

SENSOR = "tell_of_failures"
TRIES, TIMEOUT_S = 3, 10.0
MOST_ERROR_CHARACTERS = 2000


class FailureMessage(msgspec.Struct, frozen=True):
    """What the webhook is sent as JSON; ``text`` is what chat programs show.

    ``partition`` are the service dates of the run, empty for a run without; ``link`` leads to the run.
    """

    text: str
    run_id: str
    job: str
    assets: tuple[str, ...]
    partition: str
    error: str
    link: str


def failure_message(run: dg.DagsterRun, events: Iterable[dg.DagsterEvent], ui_url: str) -> FailureMessage:
    """What is known of a failed run by its events; where checks failed, an error only repeats them."""
    events = tuple(events)
    checks = failed_checks(events)
    of_steps = [event for event in events if event.is_step_failure]
    of_run = [event for event in events if event.is_run_failure]
    assets = {check.asset_key.to_user_string() for check in checks} or {
        step for event in of_steps if (step := event.step_key)
    }
    words = [check_in_words(check) for check in checks] or list(map(error_in_words, of_steps or of_run))
    error = "; ".join(words)[:MOST_ERROR_CHARACTERS] or "it failed and left no reason"
    partition = ", ".join(map(str, ranges_of_run(run.tags)))
    link = f"{ui_url}/runs/{run.run_id}"
    return FailureMessage(
        text=f"{run.job_name} of {partition or 'all dates'} failed: {error} {link}",
        run_id=run.run_id,
        job=run.job_name,
        assets=tuple(sorted(assets)),
        partition=partition,
        error=error,
        link=link,
    )


def failed_checks(events: Iterable[dg.DagsterEvent]) -> list[dg.AssetCheckEvaluation]:
    """The checks among ``events`` that said no; those that only warn are not among them."""
    return [
        check
        for event in events
        if event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION
        for check in (event.event_specific_data,)
        if isinstance(check, dg.AssetCheckEvaluation)
        and not check.passed
        and check.severity is dg.AssetCheckSeverity.ERROR
    ]


def check_in_words(check: dg.AssetCheckEvaluation) -> str:
    """A check that said no, with its figures."""
    return f"check {check.check_name} of {check.asset_key.to_user_string()}: {check.description}"


def error_in_words(event: dg.DagsterEvent) -> str:
    """The first cause of a failure, in the words of who raised it."""
    if not event.is_step_failure:
        return event.message or "the run failed"
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return f"step {event.step_key}: {error.message.strip() if error else 'failed'}"


def send(url: str, message: FailureMessage, wait: Callable[[float], None] = time.sleep) -> None:
    """Post ``message`` as JSON, up to three times. Raises ``WebhookFailed``, without the secret URL."""
    request = urllib.request.Request(
        url, msgspec.json.encode(message), {"Content-Type": "application/json"}, method="POST"
    )
    for number in range(1, TRIES + 1):
        refused = _refusal(request)
        if refused is None:
            return
        if number < TRIES:
            wait(2.0**number)
    raise WebhookFailed(
        f"the webhook of DOORSTEP_FAILURE_WEBHOOK was not told that run {message.run_id} failed: {refused}"
    )


def _refusal(request: urllib.request.Request) -> str | None:
    """What went wrong in words; ``None`` where the webhook took it."""
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S):
            return None
    except urllib.error.HTTPError as error:
        with error:
            return str(error)
    except (OSError, HTTPException) as error:
        return str(error)


def failure_sensor(url: str, ui_url: str) -> dg.SensorDefinition:
    """Tells the webhook of each failed run of this home, those of ``doorstep build`` too."""

    @dg.run_failure_sensor(
        name=SENSOR,
        monitor_all_code_locations=True,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Posts each failed run to the webhook. Where that fails, the tick here says so.",
    )
    def sensor(context: dg.RunFailureSensorContext) -> None:
        run = context.dagster_run
        entries = context.instance.all_logs(run.run_id, of_type=_TELLING)
        events = [entry.dagster_event for entry in entries if entry.dagster_event]
        send(url, failure_message(run, events, ui_url))

    return sensor


_TELLING = {
    dg.DagsterEventType.ASSET_CHECK_EVALUATION,
    dg.DagsterEventType.STEP_FAILURE,
    dg.DagsterEventType.RUN_FAILURE,
}
