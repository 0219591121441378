"""Runs a peer's program on one log, on the consumer's core."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from confluent_kafka.admin import AdminClient, NewTopic

from pipelines.bench.peers.task import RESULT, Taken, Task
from pipelines.bench.streams.cores import Cores, started_on
from pipelines.bench.streams.figures import Throughput
from pipelines.bench.streams.filling import INPUT_TOPICS, Filled
from pipelines.bench.streams.kafka import ANSWER_WITHIN_S, PARTITIONS, Log
from routing.errors import DoorstepError
from streams.topics import GPS_FIXES

ROOT = Path(__file__).parents[3]
SLOWEST_A_SECOND, SLOWEST_OF_SLOW_A_SECOND = 10_000, 1_000
"""Messages; who takes longer is ended, so that the whole run ends."""

LEEWAY_S = 120.0


@dataclass(frozen=True, slots=True)
class Peer:
    """A contestant with a program of its own; ``package`` is what its environment must have."""

    name: str
    title: str
    module: str
    package: str | None = None
    is_slow: bool = False
    says_visits: bool = True


CEILING = Peer("ceiling", "confluent-kafka, counting only", "counting", says_visits=False)
PLAIN_LOOP = Peer("loop", "the kernel in a plain loop", "plain_loop")
FAUST = Peer("faust", "Faust, agent and table", "faust_agent", is_slow=True)
RIVALS = (
    Peer("quix", "Quix Streams", "quix_streams", package="quixstreams"),
    Peer("bytewax", "Bytewax", "bytewax_flow", package="bytewax"),
)
PEERS = (FAUST, *RIVALS, PLAIN_LOOP, CEILING)


def why_absent(peer: Peer, peers_python: Path) -> str | None:
    """Why the peer can't take part, or ``None``."""
    if peer.package is None:
        return None
    if not peers_python.is_file():
        return f"{peer.title}: there is no {peers_python}; `make bench` makes it"
    probe = [str(peers_python), "-c", f"import {peer.package}"]
    if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
        return None
    return f"{peer.title}: {peer.package} is not in {peers_python} (Bytewax has no wheel for Python 3.13)"


def said_topic(peer: Peer) -> str:
    """Where the peer says its visits, without the prefix."""
    return f"said.{peer.name}"


def measure_peer(
    peer: Peer, log: Log, filled: Filled, plans: Path, cores: Cores, peers_python: Path
) -> Throughput:
    """Run the peer to the end of the log. Raises ``DoorstepError`` with its words where it fails."""
    if peer.says_visits:
        _make_topic(log, said_topic(peer))
    python = sys.executable if peer.package is None else str(peers_python)
    with TemporaryDirectory(prefix="doorstep-bench-") as folder:
        task = _task(peer, log, filled, plans, folder)
        within_s = LEEWAY_S + filled.messages / (
            SLOWEST_OF_SLOW_A_SECOND if peer.is_slow else SLOWEST_A_SECOND
        )
        command = [python, "-m", f"pipelines.bench.peers.{peer.module}"]
        _run(command, task, cores, Path(folder, "peer.log"), within_s)
        taken = msgspec.json.decode(Path(folder, RESULT).read_bytes(), type=Taken)
    events_a_message = (filled.events - filled.warm_events) / (filled.messages - filled.warm_messages)
    return Throughput(
        name=peer.title,
        log_events=filled.events,
        events=round(taken.messages * events_a_message),
        messages=taken.messages,
        wall_s=taken.wall_s,
        user_s=taken.user_s,
        system_s=taken.system_s,
    )


def _task(peer: Peer, log: Log, filled: Filled, plans: Path, folder: str) -> Task:
    fixes, *others = (log.prefix + topic for topic in (GPS_FIXES.name, *_other_topics()))
    marks = 2 * (len(filled.begin_marks) + len(filled.end_marks))
    return Task(
        servers=log.servers,
        fixes_topic=fixes,
        other_topics=others,
        said_topic=log.prefix + said_topic(peer),
        group=f"{log.prefix}peer-{peer.name}",
        partitions=PARTITIONS,
        messages=filled.messages + marks,
        warm=filled.warm_messages,
        plans=str(plans),
        folder=folder,
    )


def _other_topics() -> list[str]:
    return [name for name in INPUT_TOPICS if name != GPS_FIXES.name]


def _run(command: list[str], task: Task, cores: Cores, errors: Path, within_s: float) -> None:
    core = None if cores.consumer is None else {cores.consumer}
    with errors.open("w") as output, started_on(core):
        process = subprocess.Popen(
            [*command, msgspec.json.encode(task).decode()],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        code = process.wait(within_s)
    except BaseException as error:  # out of time, or Ctrl-C: what was started is not left behind
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if isinstance(error, subprocess.TimeoutExpired):
            raise DoorstepError(f"{command[-1]} had not read its log after {within_s:.0f} s") from error
        raise
    if code != 0 or not Path(task.folder, RESULT).is_file():
        raise DoorstepError(f"{command[-1]} ended with code {code}: {errors.read_text()[-2000:]}")


def _make_topic(log: Log, name: str) -> None:
    admin = AdminClient({"bootstrap.servers": log.servers, "log_level": 0})
    requests = [NewTopic(log.prefix + name, num_partitions=PARTITIONS, replication_factor=1)]
    for future in admin.create_topics(requests, operation_timeout=ANSWER_WITHIN_S).values():
        future.result(ANSWER_WITHIN_S)
