import json
import logging
from collections.abc import Iterator
from io import StringIO
from uuid import UUID

import pytest

from pipelines.logs import start_logging


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def logged(*, is_json: bool) -> str:
    stream = StringIO()
    start_logging("info", is_json=is_json, stream=stream)
    logging.getLogger("a.b").warning("%d letters\nand more", 2, extra={"event_id": UUID(int=7)})
    return stream.getvalue()


def test_a_line_of_json_says_what_is_known_of_the_event() -> None:
    line = json.loads(logged(is_json=True))

    assert (line["level"], line["logger"], line["message"]) == ("warning", "a.b", "2 letters\nand more")
    assert line["event_id"] == str(UUID(int=7))
    assert line["at"].endswith("+00:00")
    assert set(line) == {"at", "level", "logger", "message", "event_id"}


def test_an_error_is_in_its_line() -> None:
    stream = StringIO()
    start_logging("info", is_json=True, stream=stream)

    try:
        raise ValueError("no such thing")
    except ValueError:
        logging.getLogger("a").exception("it failed")

    assert "ValueError: no such thing" in json.loads(stream.getvalue())["error"]


def test_people_get_plain_lines() -> None:
    assert logged(is_json=False).endswith("WARNING a.b: 2 letters\nand more\n")
