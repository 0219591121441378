"""What every test may ask for: a real Kafka, topics of its own, and the real data where it is."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings

from pipelines.broker import control
from streams.admin import create_topics

PARTITIONS = 2

settings.register_profile("doorstep", deadline=None)
settings.load_profile("doorstep")
"""No test asserts how long an example takes: a busy machine would fail it."""


@dataclass(frozen=True, slots=True)
class Topics:
    """All topics of the table, made for one test under a prefix of its own."""

    bootstrap_servers: str
    prefix: str
    partitions: int


@pytest.fixture(scope="session", autouse=True)
def signals_as_in_a_terminal() -> None:
    """A shell starts background jobs deaf to Ctrl-C; what the tests start would inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The bootstrap servers of one embedded broker, shared by the session."""
    home = tmp_path_factory.mktemp("kafka")
    try:
        yield control.start(home, preferred_port=0).bootstrap_servers
    finally:
        control.stop(home)


@pytest.fixture
def topic_prefix() -> str:
    """A prefix that no other test has."""
    return f"t{uuid4().hex[:10]}."


@pytest.fixture
def topics(kafka: str, topic_prefix: str) -> Topics:
    """All topics, empty, under this test's own prefix."""
    create_topics(kafka, topic_prefix, PARTITIONS)
    return Topics(kafka, topic_prefix, PARTITIONS)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"real data is not at {folder}")
    return folder
