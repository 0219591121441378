from pathlib import Path

import pytest

from pipelines.broker.config import Ports, java_command, server_properties


def test_the_broker_listens_on_loopback_alone() -> None:
    text = server_properties(Path("/home/data"), Ports(broker=1000, controller=2000))

    properties = dict(line.split("=", 1) for line in text.splitlines())
    assert properties["listeners"] == "PLAINTEXT://127.0.0.1:1000,CONTROLLER://127.0.0.1:2000"
    assert properties["advertised.listeners"] == "PLAINTEXT://127.0.0.1:1000"
    assert properties["log.dirs"] == "/home/data"


def test_topics_are_never_made_by_accident_and_their_time_is_the_append() -> None:
    lines = server_properties(Path("data"), Ports(1, 2)).splitlines()

    assert "auto.create.topics.enable=false" in lines
    assert "log.message.timestamp.type=LogAppendTime" in lines


@pytest.mark.parametrize(
    ("folder", "written"),
    [("a\\b", "a\\\\b"), ("José", "Jos\\u00e9"), ("🚚", "\\ud83d\\ude9a"), ("a b", "a b")],
)
def test_any_folder_survives_javas_properties_format(folder: str, written: str) -> None:
    text = server_properties(Path(folder), Ports(1, 2))

    assert f"log.dirs={written}\n" in text


def test_the_class_path_holds_every_jar_and_arguments_come_last() -> None:
    command = java_command(Path("/java"), [Path("a.jar"), Path("b.jar")], "kafka.Kafka", "server.properties")

    assert command[0] == "/java"
    assert command[command.index("-cp") + 1] == "a.jar:b.jar"
    assert command[-2:] == ["kafka.Kafka", "server.properties"]
