"""What the embedded broker is told: pure functions from folder, ports and jars to text."""

from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
MIB = 1_048_576


@dataclass(frozen=True, slots=True)
class Ports:
    """Two loopback ports: one for clients, one for the controller inside the same process."""

    broker: int
    controller: int


def server_properties(data: Path, ports: Ports) -> str:
    """The broker's configuration file: one KRaft node, on loopback, with its log in ``data``."""
    properties = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{HOST}:{ports.controller}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://{HOST}:{ports.broker},CONTROLLER://{HOST}:{ports.controller}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{ports.broker}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(data),
        **_ONE_NODE,
        **_TOPIC_DEFAULTS,
    }
    return "".join(f"{key}={_escaped(value)}\n" for key, value in properties.items())


_ONE_NODE = {
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "8",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    # The controller is in the same process; after a crash it would wait 9 s for the broker that died.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    # A quarter of a 512 MiB heap would go to the compaction of a few small topics.
    "log.cleaner.dedupe.buffer.size": str(16 * MIB),
}

_TOPIC_DEFAULTS = {
    "auto.create.topics.enable": "false",
    "message.max.bytes": str(64 * MIB),
    "log.message.timestamp.type": "LogAppendTime",
}


def _escaped(value: str) -> str:
    r"""A value as Java reads it from a properties file: all beyond ASCII is ``\uXXXX``."""
    units = value.replace("\\", "\\\\").encode("utf-16-be")
    codes = (int.from_bytes(units[at : at + 2]) for at in range(0, len(units), 2))
    return "".join(chr(code) if code < 128 else f"\\u{code:04x}" for code in codes)


def java_command(java: Path, jars: list[Path], main_class: str, *arguments: str) -> list[str]:
    """The command line of one of Kafka's classes."""
    return [
        str(java),
        "-Xmx512m",
        "-Djava.awt.headless=true",
        "--enable-native-access=ALL-UNNAMED",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
        "-cp",
        ":".join(str(jar) for jar in jars),
        main_class,
        *arguments,
    ]
