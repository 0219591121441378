"""Why bytes are not an event, in words: the field, the value that stands there, what would be right."""

import re
from dataclasses import dataclass

import msgspec
import msgspec.inspect as inspect

from streams.fields import bare_type

LONGEST_VALUE = 80
"""Characters of a wrong value that a reason shows."""

_AT_FIELD = re.compile(r"^(?P<what>.*?) - at `(?:key in )?\$\.?(?P<path>.*)`$", re.DOTALL)
_MISSING = re.compile(r"^Object missing required field `(?P<field>[^`]*)`$")
_EXPECTED = re.compile(r"^Expected `(?P<kind>[^`]*)`,? ?(?P<bound>.*)$", re.DOTALL)
_PLACE = re.compile(r"\[\d+\]")
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
_BOUNDS = (
    ("<= ", "at most {}"),
    (">= ", "at least {}"),
    ("of length >= ", "at least this long: {}"),
    ("of length <= ", "at most {} characters"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with bytes: the ``reason`` names the value, the ``rule`` holds no value at all."""

    reason: str
    rule: str


def explain(data: bytes, error: Exception, wanted: type[msgspec.Struct]) -> Fault:
    """What is wrong with ``data``, which msgspec refused as a ``wanted`` with ``error``."""
    if not data.strip():
        return _valueless("the value is empty")
    if isinstance(error, msgspec.ValidationError):
        return _explain_field(data, error, wanted)
    if isinstance(error, RecursionError):
        return _valueless("it is nested too deeply")
    return Fault(f"it is not JSON: {error}", "it is not JSON")


def _valueless(words: str) -> Fault:
    return Fault(words, words)


def _explain_field(data: bytes, error: Exception, wanted: type[msgspec.Struct]) -> Fault:
    said = str(error)
    found = _AT_FIELD.match(said)
    what, path = (found["what"], found["path"]) if found else (said, "")
    missing = _MISSING.match(what)
    if missing:
        field = _join(path, missing["field"])
        return Fault(f"the field {field} is missing", f"the field {_any_place(field)} is missing")
    value = _value_at(data, path)
    right = _right(what, path, wanted)
    if right is not None:
        named = path or "the value"
        return Fault(f"{named} is {value}; it must be {right}", f"{_any_place(named)}: it must be {right}")
    if path:
        return Fault(f"{path} is {value}: {what}", f"{_any_place(path)}: it can't be so")
    # An event's own words on fields that contradict each other: the values stand behind the colon.
    return Fault(what, what.partition(": ")[0] if error.__cause__ else "the contract is broken")


def _any_place(path: str) -> str:
    return _PLACE.sub("[]", path)


def _right(what: str, path: str, wanted: type[msgspec.Struct]) -> str | None:
    """What would be right, in words; ``None`` where msgspec's own words are all that is known."""
    kind = _type_at(inspect.type_info(wanted), path)
    if isinstance(kind, inspect.EnumType):
        return f"one of {', '.join(str(member.value) for member in kind.cls)}"
    if what.startswith("Invalid RFC3339"):
        return _KINDS["date" if what.endswith(" date") else "datetime"]
    if what.startswith("Invalid UUID"):
        return _KINDS["uuid"]
    expected = _EXPECTED.match(what)
    if expected is None:
        return None
    kinds = " or ".join(_KINDS.get(kind, kind) for kind in expected["kind"].split(" | "))
    bound = expected["bound"]
    for sign, words in _BOUNDS:
        if bound.startswith(sign):
            return f"{kinds}, {words.format(bound.removeprefix(sign))}"
    return kinds


def _type_at(kind: inspect.Type, path: str) -> inspect.Type | None:
    """The type of what stands at ``path``, where it is no key of an object without a contract."""
    for step in _STEP.findall(path):
        inner = _type_inside(kind, step)
        if inner is None:
            return None
        kind = bare_type(inner)[0]
    return kind


def _type_inside(kind: inspect.Type, step: str) -> inspect.Type | None:
    if isinstance(kind, inspect.StructType | inspect.DataclassType):
        return next((field.type for field in kind.fields if field.encode_name == step), None)
    if isinstance(kind, inspect.VarTupleType | inspect.ListType):
        return kind.item_type
    return None


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
