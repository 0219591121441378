"""Where a dead letter came from, as Kafka headers: written by whoever rejects, read by landing."""

from collections.abc import Iterable
from dataclasses import dataclass

from streams.judge import DeadLetter

Headers = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Origin:
    """Why bytes were rejected and where they stood: a place on Kafka, or a row of an ingested file.

    ``rule`` is the reason without any value of what was rejected: names of customers may stand in values,
    so it is this that reports show.
    ``row`` counts the file's data rows from 1; ``key`` is the record's key, so that it can be sent
    again to the same place; ``whole_bytes`` is how many bytes there were where only the first are kept.
    What the headers do not say is ``None``.
    """

    reason: str
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    index: int | None = None
    file: str | None = None
    row: int | None = None
    key: bytes | None = None
    whole_bytes: int | None = None
    rule: str | None = None

    @staticmethod
    def of(letter: DeadLetter) -> "Origin":
        """The origin of an element that a judge rejected."""
        record = letter.record
        place = (record.topic, record.partition, record.offset, letter.index)
        return Origin(letter.reason, *place, key=record.key, rule=letter.rule)

    def to_headers(self) -> Headers:
        """One header per thing known, under its field's name, as UTF-8 text; the key verbatim."""
        values = {
            "reason": self.reason,
            "rule": self.rule,
            "topic": self.topic,
            "partition": self.partition,
            "offset": self.offset,
            "index": self.index,
            "file": self.file,
            "row": self.row,
            "whole_bytes": self.whole_bytes,
        }
        texts = [(name, str(value).encode()) for name, value in values.items() if value is not None]
        return texts if self.key is None else [*texts, ("key", self.key)]

    @staticmethod
    def from_headers(headers: Iterable[tuple[str, bytes | None]]) -> "Origin":
        """The origin that ``to_headers`` wrote; anybody may write headers, so nonsense reads as ``None``."""
        given = {name: value for name, value in headers if value is not None}
        texts = {name: value.decode("utf-8", "replace") for name, value in given.items()}
        return Origin(
            texts.get("reason", ""),
            texts.get("topic"),
            _number(texts.get("partition")),
            _number(texts.get("offset")),
            _number(texts.get("index")),
            texts.get("file"),
            _number(texts.get("row")),
            given.get("key"),
            _number(texts.get("whole_bytes")),
            texts.get("rule"),
        )


def _number(text: str | None) -> int | None:
    is_number = text is not None and text.isascii() and text.isdecimal() and len(text) <= 18
    return int(text) if text is not None and is_number else None
