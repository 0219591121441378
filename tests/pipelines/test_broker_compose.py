from pathlib import Path

import yaml

from pipelines.broker.config import Ports, server_properties
from pipelines.broker.jars import locked_jars

COMPOSE_FILE = Path(__file__).parents[2] / "deploy" / "compose.yaml"


def test_docker_runs_the_version_that_is_embedded() -> None:
    service = yaml.safe_load(COMPOSE_FILE.read_text())["services"]["kafka"]

    [version] = {jar.version for jar in locked_jars() if jar.artifact == "kafka_2.13"}
    assert service["image"] == f"apache/kafka:{version}"


def test_docker_treats_topics_as_the_embedded_broker_does() -> None:
    environment = yaml.safe_load(COMPOSE_FILE.read_text())["services"]["kafka"]["environment"]
    properties = dict(line.split("=", 1) for line in server_properties(Path("d"), Ports(1, 2)).splitlines())

    for key in ("auto.create.topics.enable", "message.max.bytes", "log.message.timestamp.type"):
        assert environment["KAFKA_" + key.upper().replace(".", "_")] == properties[key]
