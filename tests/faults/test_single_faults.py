"""One fault at a time: a stop in the middle, a solver that sleeps, a disk that is full."""

import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import duckdb
import msgspec
import pytest

from streams.events.dispatch import Proposal
from streams.lake.manifest import read_manifest
from streams.publish import Publisher
from streams.topics import (
    COMMANDS,
    DEPOTS,
    FLEET_INPUTS,
    GPS_FIXES,
    ORDERS,
    PROPOSALS,
    VERDICTS,
)
from tests.e2e.product import Product
from tests.faults.calm import SAID, calm_run
from tests.faults.deployment import STOPS_WITHIN_S, wait_until_ready
from tests.faults.feeding import Feeder
from tests.faults.fleet_day import Size
from tests.faults.known_stream import OBSERVED, KnownStream, known_stream
from tests.faults.reading import read_topics
from tests.streams.dispatch import world
from tests.streams.lake.records import parquet_files

pytestmark = [pytest.mark.kafka, pytest.mark.e2e]

SMALL = Size(vehicles=20, fixes=200, every_s=20.0, stops=6)
DISK_BYTES = 96 * 1024
FILE_BYTES = 20_000
OBSERVED_NAMES = tuple(f"{topic.name}/" for topic in OBSERVED)


@pytest.fixture
def product(kafka: str, tmp_path: Path) -> Product:
    """An empty deployment with its topics."""
    deployment = Product(tmp_path, kafka, f"f{uuid4().hex[:10]}.")
    deployment.run("topics", "create")
    return deployment


def feed(product: Product, stream: KnownStream, within_s: float) -> Feeder:
    """The stream on its way to the product's topics."""
    feeder = Feeder(product.servers, stream, within_s, product.prefix)
    feeder.start()
    return feeder


def test_a_worker_told_to_stop_in_the_middle_has_everything_committed(product: Product) -> None:
    worker = product.start("worker")
    wait_until_ready(product)
    feeder = feed(product, known_stream(SMALL, seed=5), within_s=4.0)
    while feeder.share < 0.5:
        time.sleep(0.05)

    began_s = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    code = worker.wait(30)
    took_s = time.monotonic() - began_s
    feeder.finish()
    with product.running("worker"):
        product.settle()

    said = Counter(one.record.value for one in read_topics(product.servers, SAID, product.prefix))
    calm = calm_run(one.record for one in read_topics(product.servers, FLEET_INPUTS, product.prefix))
    assert (code, took_s < STOPS_WITHIN_S) == (0, True), (product.home / "worker.log").read_text()[-2_000:]
    assert set(said) == {word for words in calm.events.values() for word in words}
    assert said.most_common(1)[0][1] == 1  # what was committed is not said again


def test_the_stream_goes_on_while_a_solver_sleeps_beyond_its_deadline(product: Product) -> None:
    publisher = Publisher(product.servers, product.prefix)
    for topic, event in (
        (DEPOTS, world.depot_record()),
        (ORDERS, world.order("o1")),
        (COMMANDS, world.command()),
    ):
        publisher.send(topic, "D1", event)
        publisher.flush()  # topics go each their own way: a command before its order plans nothing
    with sleeping_solver(product):
        wait_until_ready(product)
        for number in range(200):
            publisher.send(GPS_FIXES, "v1", b"%d" % number if number % 2 else twice())
        publisher.close()
        product.settle(within_s=60.0)
        proposals = until_there(
            lambda: [one.record.value for one in read_topics(product.servers, [PROPOSALS], product.prefix)]
        )

    verdicts = read_topics(product.servers, [VERDICTS], product.prefix)
    (proposal,) = [msgspec.json.decode(value, type=Proposal) for value in proposals]
    assert len(verdicts) == 99
    assert proposal.routes == ()
    assert "the solver died or took" in " ".join(proposal.effects.reasons)


def twice() -> bytes:
    """The same fix whenever it is asked for."""
    vehicle = known_stream(Size(vehicles=1, fixes=2, every_s=20.0, stops=1), seed=5).vehicles[0]
    return vehicle.fixes.build(0, 60.0, 1).replace(b"v-0000", b"v1")


def until_there(look: Callable[[], list[bytes]], within_s: float = 30.0) -> list[bytes]:
    """What ``look`` sees, once that is anything."""
    deadline_s = time.monotonic() + within_s
    while not (seen := look()):
        assert time.monotonic() < deadline_s
        time.sleep(0.3)
    return seen


@contextmanager
def sleeping_solver(product: Product) -> Iterator[None]:
    """The worker with a solver that sleeps."""
    with (product.home / "worker.log").open("ab") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.sleeping_solver"],
            env=product.environment,
            stdout=log,
            stderr=log,
        )
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(20)


def quota(product: Product) -> Iterator[dict[str, object]]:
    """No file of landing may grow beyond the limit; then it may."""
    yield {
        "preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, resource.RLIM_INFINITY))
    }
    yield {}


def small_disk(product: Product) -> Iterator[dict[str, object]]:
    """The lake is on a disk of a few blocks; then on a larger one."""
    lake = product.home / "lake"
    lake.mkdir()
    mount(f"size={DISK_BYTES}", lake)
    try:
        yield {}
        mount("remount,size=64m", lake)
        yield {}
    finally:
        subprocess.run(["umount", "--lazy", lake], check=True)


def mount(options: str, folder: Path) -> None:
    """A tmpfs there; skips the test where that is not allowed."""
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"no tmpfs can be mounted here: {done.stderr.strip()}")


@pytest.mark.parametrize(("fill", "in_words"), [(quota, "File too large"), (small_disk, "No space left")])
def test_a_full_disk_is_named_and_nothing_is_lost_once_there_is_room(
    product: Product, fill: Callable[[Product], Iterator[dict[str, object]]], in_words: str
) -> None:
    stream = known_stream(SMALL, seed=5)
    feed(product, stream, within_s=0.0).finish()
    states = fill(product)

    full = land_once(product, next(states))
    while_full = readable_ids(product)
    with_room = land_once(product, next(states))

    ids = readable_ids(product)
    listed = {file.path for topic in OBSERVED for file in read_manifest(product.home / "lake", topic.name)}
    on_disk = {path for path in parquet_files(product.home / "lake") if path.startswith(OBSERVED_NAMES)}
    states.close()
    assert (full.returncode, with_room.returncode) == (2, 0), (full.stderr, with_room.stderr)
    assert in_words in full.stderr
    assert str(product.home / "lake") in full.stderr
    assert "Traceback" not in full.stderr
    assert len(while_full) < len(ids)
    assert set(ids) == {event_id for sent in stream.sent.values() for event_id in sent.ids}
    assert len(ids) == len(set(ids)) + sum(sent.duplicates for sent in stream.sent.values())
    assert on_disk == listed


def land_once(product: Product, how: dict[str, object]) -> subprocess.CompletedProcess[str]:
    """``doorstep land --once``, however it ends."""
    return subprocess.run(
        [sys.executable, "-m", "pipelines", "land", "--once"],
        env=product.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **how,
    )


def readable_ids(product: Product) -> list[str]:
    """The event ids that a reader of the lake finds, with repetitions."""
    lake = product.home / "lake"
    files = [str(lake / file.path) for topic in OBSERVED for file in read_manifest(lake, topic.name)]
    if not files:
        return []
    query = "select event_id from read_parquet($files, union_by_name = true)"
    return [event_id for (event_id,) in duckdb.execute(query, {"files": files}).fetchall()]
