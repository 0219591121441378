import logging
from uuid import UUID

import pytest

from streams.judge import DeadLetter, Record
from streams.topics import GPS_FIXES
from streams.worker.telling import tell
from tests.streams.metrics.test_worker_metrics import alert

LETTER = DeadLetter(Record(GPS_FIXES.name, 1, 7, 0, None, b"x"), 2, b"x", "it is not JSON")


def test_an_alert_is_a_line_that_names_its_event(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        tell([alert()])

    (line,) = caplog.records
    assert line.getMessage() == "silent raised: "
    assert vars(line)["event_id"] == str(UUID(int=2))
    assert vars(line)["vehicle_id"] == "v1"


def test_a_dead_letter_is_a_line_that_names_its_place(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        tell([LETTER])

    (line,) = caplog.records
    said = vars(line)
    assert line.getMessage() == "dead letter: it is not JSON"
    assert (said["topic"], said["partition"], said["offset"], said["index"]) == (GPS_FIXES.name, 1, 7, 2)


def test_a_worker_that_tells_warnings_alone_says_nothing_of_them(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        tell([LETTER, alert()])

    assert caplog.records == []
