"""A failed run is told to a webhook: a real run, a real sensor, a real HTTP server on loopback."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer

import dagster as dg
import msgspec
import pytest

from assets.failures import FailureMessage, failure_sensor, send
from assets.models.project import DateRange
from assets.service_dates import run_tags
from routing.errors import ModelError, WebhookFailed
from tests.models.events import DAY

MESSAGE = FailureMessage("text", "run", "build", (), DAY, "error", "http://ui/runs/run")
UI = "http://ui.example:3000"


@dataclass
class Webhook:
    """What was posted, and what it answers: the given codes first, then 200."""

    url: str
    answers: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def messages(self) -> list[FailureMessage]:
        return [msgspec.json.decode(body, type=FailureMessage) for body in self.bodies]


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(found.answers.pop(0) if found.answers else 200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the test reads what was posted."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found = Webhook(f"http://127.0.0.1:{server.server_port}/secret")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def failed_run(instance: dg.DagsterInstance, *assets: dg.AssetsDefinition) -> str:
    """The id of a run of ``DAY`` that failed."""
    day = date.fromisoformat(DAY)
    tags = run_tags([DateRange(day, day)])
    result = dg.materialize(list(assets), instance=instance, tags=tags, raise_on_error=False)
    assert not result.success
    return result.run_id


@dg.asset
def broken() -> None:
    raise ModelError("model orders: no column named price")


@dg.asset(check_specs=[dg.AssetCheckSpec("is_whole", asset="checked", blocking=True)])
def checked():  # type: ignore[no-untyped-def]  # noqa: ANN201
    result = dg.AssetCheckResult(passed=False, description="3 of 9 rows are null")
    return dg.MaterializeResult(check_results=[result])


def evaluate(instance: dg.DagsterInstance, webhook: Webhook, run: dg.AssetsDefinition) -> tuple[str, object]:
    """The run that failed, and what a tick of the sensor came to."""
    sensor = failure_sensor(webhook.url, UI)
    with dg.build_sensor_context(instance) as first:
        cursor = sensor.evaluate_tick(first).cursor
    run_id = failed_run(instance, run)
    with dg.build_sensor_context(instance, cursor=cursor) as context:
        return run_id, sensor.evaluate_tick(context)


@pytest.mark.filterwarnings("ignore")
def test_an_error_is_told_with_run_asset_partition_and_link(webhook: Webhook) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        run_id, _ = evaluate(instance, webhook, broken)

    (message,) = webhook.messages
    assert message == FailureMessage(
        text=f"__ephemeral_asset_job__ of {DAY} failed: {message.error} {message.link}",
        run_id=run_id,
        job="__ephemeral_asset_job__",
        assets=("broken",),
        partition=DAY,
        error="step broken: routing.errors.ModelError: model orders: no column named price",
        link=f"{UI}/runs/{run_id}",
    )


@pytest.mark.filterwarnings("ignore")
def test_a_failed_check_is_told_with_its_asset_and_figures(webhook: Webhook) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        evaluate(instance, webhook, checked)

    (message,) = webhook.messages
    assert message.assets == ("checked",)
    assert message.error == "check is_whole of checked: 3 of 9 rows are null"


@pytest.mark.filterwarnings("ignore")
def test_a_webhook_that_is_away_hides_nothing(webhook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assets.failures.TRIES", 1)
    webhook.answers = [500]

    with dg.DagsterInstance.ephemeral() as instance:
        run_id, tick = evaluate(instance, webhook, broken)
        run = instance.get_run_by_id(run_id)

    assert run is not None
    assert run.status is dg.DagsterRunStatus.FAILURE
    (reaction,) = tick.dagster_run_reactions  # type: ignore[attr-defined]
    assert "DOORSTEP_FAILURE_WEBHOOK" in reaction.error.to_string()


def test_sending_is_tried_three_times(webhook: Webhook) -> None:
    webhook.answers, waited = [503, 500], list[float]()

    send(webhook.url, MESSAGE, waited.append)

    assert webhook.messages == [MESSAGE] * 3
    assert waited == [2.0, 4.0]


def test_who_cannot_be_told_is_named_without_the_secret(webhook: Webhook) -> None:
    webhook.answers = [500, 500, 500]

    with pytest.raises(WebhookFailed, match="run run failed: HTTP Error 500") as error:
        send(webhook.url, MESSAGE, lambda _: None)

    assert "secret" not in str(error.value)
