import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from pipelines.broker.address import bootstrap_servers, require_kafka
from pipelines.broker.probe import is_answering, parse_addresses, wait_until_answering
from pipelines.broker.state import RunningBroker, status, try_lock, write_note
from pipelines.settings import Settings
from routing.errors import ConfigurationError, KafkaUnavailable


@pytest.fixture
def web_server() -> Iterator[int]:
    """A port where something answers that is no Kafka."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("localhost:9092", [("localhost", 9092)]),
        ("a:1, b:2", [("a", 1), ("b", 2)]),
        ("[::1]:9092", [("::1", 9092)]),
    ],
)
def test_addresses_are_read(text: str, addresses: list[tuple[str, int]]) -> None:
    assert parse_addresses(text) == addresses


@pytest.mark.parametrize("text", ["localhost", "localhost:", ":9092", "a:1,", "a:70000", "a:x"])
def test_what_is_no_address_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="is not host:port"):
        parse_addresses(text)


def test_a_web_server_is_no_kafka(web_server: int) -> None:
    assert not is_answering(("127.0.0.1", web_server), timeout_s=2.0)


def test_waiting_for_nobody_ends_at_the_deadline() -> None:
    started = monotonic()

    assert not wait_until_answering([("127.0.0.1", closed_port())], timeout_s=0.3)

    assert monotonic() - started < 1.0


@pytest.mark.kafka
def test_one_answering_address_of_several_is_enough(kafka: str) -> None:
    assert require_kafka(Settings(kafka_bootstrap_servers=f"127.0.0.1:{closed_port()},{kafka}")).endswith(
        kafka
    )


def test_no_embedded_broker_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(KafkaUnavailable, match="type 'doorstep kafka start'"):
        bootstrap_servers(Settings(home=tmp_path))


def test_a_wrong_address_is_a_wrong_setting() -> None:
    with pytest.raises(
        ConfigurationError, match=r"KAFKA_BOOTSTRAP_SERVERS is 'kafka': 'kafka' is not host:port"
    ):
        require_kafka(Settings(kafka_bootstrap_servers="kafka"))


def test_a_note_without_a_lock_is_stale(tmp_path: Path) -> None:
    write_note(tmp_path, RunningBroker(pid=1, port=9))
    lock = try_lock(tmp_path)
    assert lock is not None
    assert status(tmp_path) == RunningBroker(pid=1, port=9)

    os.close(lock)

    assert status(tmp_path) is None
