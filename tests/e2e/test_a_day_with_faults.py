"""A simulated day through the whole product while its worker is killed: the truth decides."""

import os
import signal
import time
from collections import Counter
from pathlib import Path

import duckdb
import msgspec
import pytest

from streams.simulator.truth import OrderTruth, Summary
from tests.e2e.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.kafka]

DAY = ("--vehicles=6", "--orders=70", "--speed=1500", "--seed=3", "--progress-json")
KILL_AFTER_EVENTS = (4_000, 9_000)


def published_events(log: Path) -> int:
    lines = [line for line in log.read_text().splitlines() if line.startswith("{")]
    return int(msgspec.json.decode(lines[-1])["events"]) if lines else 0


def play_while_the_worker_is_killed(product: Product) -> None:
    worker = product.start("worker")
    simulator = product.start("simulate", *DAY)
    try:
        for events in KILL_AFTER_EVENTS:
            while published_events(product.home / "simulate.log") < events and simulator.poll() is None:
                time.sleep(0.1)
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
            worker = product.start("worker")
        assert simulator.wait(120) == 0, (product.home / "simulate.log").read_text()
        product.settle()
    finally:
        for process in (simulator, worker):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(15)


def test_no_order_is_lost_or_counted_twice_when_the_worker_is_killed(product: Product) -> None:
    play_while_the_worker_is_killed(product)
    product.run("land", "--once")
    product.run("build")

    truth_folder = product.home / "truth"
    truth = msgspec.json.Decoder(OrderTruth).decode_lines((truth_folder / "orders.ndjson").read_bytes())
    summary = msgspec.json.decode((truth_folder / "summary.json").read_bytes(), type=Summary)
    with duckdb.connect(str(product.published), read_only=True) as published:
        orders = published.execute(
            "select order_id, status, attempts from marts.orders order by order_id"
        ).fetchall()
        visits = published.execute(
            "select count(*), count(distinct visit_id) from marts.stop_visits"
        ).fetchall()

    assert orders == sorted((order.order_id, order.outcome.value, order.attempts) for order in truth)
    assert Counter(status for _, status, _ in orders) == Counter(summary.orders)
    assert visits[0][0] == visits[0][1] > 0
