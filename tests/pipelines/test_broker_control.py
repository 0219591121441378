import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from pipelines.broker import control, launch
from pipelines.broker.config import Ports
from pipelines.broker.control import start, stop
from pipelines.broker.jars import fetch_jars, locked_jars
from pipelines.broker.state import RunningBroker, read_note, status, write_note
from routing.errors import ConfigurationError, KafkaUnavailable

pytestmark = pytest.mark.kafka


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A broker's folder; whatever runs in it at the end of the test is stopped."""
    folder = tmp_path / "José's kafka"
    yield folder
    stop(folder)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def publish(bootstrap_servers: str, topic: str, value: bytes) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap_servers})
    admin.create_topics([NewTopic(topic, num_partitions=1)])[topic].result(timeout=20)
    producer = Producer({"bootstrap.servers": bootstrap_servers, "acks": "all"})
    producer.produce(topic, value)
    assert producer.flush(20) == 0


def first_value(bootstrap_servers: str, topic: str) -> bytes | None:
    consumer = Consumer(
        {"bootstrap.servers": bootstrap_servers, "group.id": "g", "auto.offset.reset": "earliest"}
    )
    try:
        consumer.subscribe([topic])
        message = consumer.poll(20)
        return None if message is None else message.value()
    finally:
        consumer.close()


def test_two_who_start_at_once_get_one_broker_and_stop_leaves_no_process(home: Path) -> None:
    with ThreadPoolExecutor() as pool:
        first, second = pool.map(lambda _: start(home, preferred_port=0), range(2))

    assert first == second == start(home) == status(home)
    assert stop(home)
    assert not is_alive(first.pid)
    assert status(home) is None
    assert not stop(home)


def test_a_taken_port_makes_another_and_a_killed_broker_keeps_its_data(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        killed = start(home, preferred_port=port)
        publish(killed.bootstrap_servers, "kept", b"value")
    os.kill(killed.pid, signal.SIGKILL)
    _wait_for_the_end_of(home)

    again = start(home, preferred_port=port)

    assert killed.port != port == again.port
    assert first_value(again.bootstrap_servers, "kept") == b"value"


def _wait_for_the_end_of(home: Path) -> None:
    deadline = monotonic() + 10
    while status(home) is not None:
        assert monotonic() < deadline
        sleep(0.05)


def test_a_stale_note_does_not_end_the_process_that_has_its_pid_now(home: Path) -> None:
    home.mkdir()
    write_note(home, RunningBroker(pid=os.getpid(), port=1))

    assert status(home) is None
    assert not stop(home)


def test_a_folder_that_is_not_whole_is_refused_and_named(home: Path) -> None:
    (home / "data" / "__cluster_metadata-0").mkdir(parents=True)

    with pytest.raises(ConfigurationError, match=r"data holds no meta.properties"):
        start(home, preferred_port=0)


def test_a_broker_that_dies_at_the_start_shows_the_end_of_its_log(home: Path) -> None:
    (home / "data").mkdir(parents=True)
    (home / "data" / "meta.properties").write_text(
        "version=1\nnode.id=7\ncluster.id=AAAAAAAAAAAAAAAAAAAAAA\n"
    )

    with pytest.raises(KafkaUnavailable, match=r"(?s)Kafka ended while it started.*node.id"):
        start(home, preferred_port=0)

    assert status(home) is None


def test_a_broker_that_ignores_a_polite_request_is_killed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "STOP_TIMEOUT_S", 1.0)
    broker = start(home, preferred_port=0)
    os.kill(broker.pid, signal.SIGSTOP)

    assert stop(home)

    assert not is_alive(broker.pid)


def test_ctrl_c_while_it_starts_leaves_no_process(home: Path) -> None:
    script = f"from pathlib import Path; from pipelines.broker import start; start(Path({str(home)!r}), 0)"
    starter = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE)
    while (broker := read_note(home)) is None:
        sleep(0.01)

    starter.send_signal(signal.SIGINT)
    _, errors = starter.communicate(timeout=20)

    assert b"KeyboardInterrupt" in errors
    assert not is_alive(broker.pid)
    assert status(home) is None


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ConfigurationError, match="file/kafka can't be made: Not a directory"):
        start(tmp_path / "file" / "kafka")


def test_a_comma_in_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="takes a comma for the end"):
        start(tmp_path / "a,b")


def test_a_cluster_id_that_begins_with_a_dash_is_no_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "_new_cluster_id", lambda: "-QoV_mH_TqWnF5xk3V2jZg")
    jars = fetch_jars(locked_jars())

    launch.format_once(tmp_path, Ports(broker=1, controller=2), jars)

    assert "cluster.id=-QoV_mH_TqWnF5xk3V2jZg" in (tmp_path / "data" / "meta.properties").read_text()
