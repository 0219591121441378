"""Why bytes are not an event, in words: the field, the value that stands there, what would be right."""

import re

import msgspec

LONGEST_VALUE = 80
"""Characters of a wrong value that a reason shows."""

_AT_FIELD = re.compile(r"^(?P<what>.*?) - at `(?:key in )?\$\.?(?P<path>.*)`$", re.DOTALL)
_MISSING = re.compile(r"^Object missing required field `(?P<field>[^`]*)`$")
_EXPECTED = re.compile(r"^Expected `(?P<kind>[^`]*)`,? ?(?P<bound>.*)$", re.DOTALL)
_STEP = re.compile(r"[^.\[\]]+")

_KINDS = {
    "float": "a number",
    "int": "a whole number",
    "str": "text",
    "bool": "true or false",
    "datetime": "a time with its offset from UTC, such as 2026-03-02T08:00:00Z",
    "date": "a date, such as 2026-03-02",
    "uuid": "a UUID",
    "array": "an array",
    "object": "an object",
    "null": "null",
}
_BOUNDS = (("<= ", "at most "), (">= ", "at least "), ("of length >= ", "at least this long: "))


def explain(data: bytes, error: Exception) -> str:
    """What is wrong with ``data``, which msgspec refused with ``error``."""
    if not data.strip():
        return "the value is empty"
    said = str(error)
    if isinstance(error, msgspec.ValidationError):
        return _explain_field(data, said)
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return f"it is not JSON: {said}"


def _explain_field(data: bytes, said: str) -> str:
    found = _AT_FIELD.match(said)
    what, path = (found["what"], found["path"]) if found else (said, "")
    missing = _MISSING.match(what)
    if missing:
        return f"the field {_join(path, missing['field'])} is missing"
    value = _value_at(data, path)
    wanted = _wanted(what)
    if wanted is None:
        return what if not path else f"{path} is {value}: {what}"
    return f"{path or 'the value'} is {value}; it must be {wanted}"


def _wanted(what: str) -> str | None:
    if what.startswith("Invalid RFC3339"):
        return _KINDS["datetime"]
    if what.startswith("Invalid UUID"):
        return _KINDS["uuid"]
    expected = _EXPECTED.match(what)
    if expected is None:
        return None
    kinds = " or ".join(_KINDS.get(kind, kind) for kind in expected["kind"].split(" | "))
    bound = expected["bound"]
    for sign, words in _BOUNDS:
        if bound.startswith(sign):
            return f"{kinds}, {words}{bound.removeprefix(sign)}"
    return kinds


def _join(path: str, field: str) -> str:
    return f"{path}.{field}" if path else field


def _value_at(data: bytes, path: str) -> str:
    try:
        value: object = msgspec.json.decode(data)
        for step in _STEP.findall(path):
            value = _inside(value, step)
        shown = msgspec.json.encode(value).decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "not readable"
    return shown if len(shown) <= LONGEST_VALUE else f"{shown[:LONGEST_VALUE]}…"


def _inside(value: object, step: str) -> object:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    return value
