"""Reasons of dead letters, put together: a few kinds for metrics, the text without its values for lists."""

import re
from enum import StrEnum


class ReasonKind(StrEnum):
    """What is wrong with a letter, roughly; so few that each can be a time series."""

    NOT_JSON = "not_json"
    MISSING_FIELD = "missing_field"
    WRONG_VALUE = "wrong_value"
    KEY = "key"
    TIME = "time"
    SIZE = "size"
    OTHER = "other"


_SIGNS = (
    ("is larger than", ReasonKind.SIZE),
    ("the value is empty", ReasonKind.NOT_JSON),
    ("it is not JSON", ReasonKind.NOT_JSON),
    ("nested too deeply", ReasonKind.NOT_JSON),
    ("not a valid JSON array", ReasonKind.NOT_JSON),
    ("an empty array", ReasonKind.NOT_JSON),
    (" is missing", ReasonKind.MISSING_FIELD),
    ("it must be the ", ReasonKind.KEY),
    ("it must be ", ReasonKind.WRONG_VALUE),
    ("not a valid ", ReasonKind.WRONG_VALUE),
    ("lies before 1970", ReasonKind.TIME),
    ("more than a day ahead", ReasonKind.TIME),
)
_KEY = re.compile(r"^key .* but \w+ ", re.DOTALL)
_VALUES = (
    (re.compile(r" is .*; it must be ", re.DOTALL), " is …; it must be "),
    (re.compile(r"^key .* but (\w+) .*$", re.DOTALL), r"key … but \1 …"),
    (re.compile(r"^(the record has no key; it must be the \w+), .*$", re.DOTALL), r"\1, …"),
    (re.compile(r"(lies before 1970|more than a day ahead of [^:]*): .*$", re.DOTALL), r"\1: …"),
    (re.compile(r"(?<!before )\b\d+"), "…"),
)


def kind_of(reason: str) -> ReasonKind:
    """The kind of a reason, by its words; ``OTHER`` for words that nobody here wrote."""
    if _KEY.match(reason):
        return ReasonKind.KEY
    return next((kind for sign, kind in _SIGNS if sign in reason), ReasonKind.OTHER)


def without_values(reason: str) -> str:
    """The reason with ``…`` for what differs from letter to letter: values, places, figures."""
    for pattern, instead in _VALUES:
        reason = pattern.sub(instead, reason)
    return reason
