"""A mapping's nouns, as its YAML file has them: which columns become which fields of which event."""

from typing import Annotated

import msgspec
import yaml
from msgspec import UNSET, Meta, Struct, UnsetType

from routing.errors import MappingError
from streams.events.base import Id

Scalar = str | int | float | bool


class Condition(Struct, frozen=True, forbid_unknown_fields=True, rename={"is_": "is", "in_": "in"}):
    """What a row's column has to be; exactly one of the tests. Values are compared as text."""

    column: str
    is_: Scalar | UnsetType = UNSET
    is_not: Scalar | UnsetType = UNSET
    in_: tuple[Scalar, ...] | UnsetType = UNSET
    not_in: tuple[Scalar, ...] | UnsetType = UNSET
    empty: bool | UnsetType = UNSET

    def __post_init__(self) -> None:
        tests = (self.is_, self.is_not, self.in_, self.not_in, self.empty)
        if sum(test is not UNSET for test in tests) != 1:
            raise ValueError("a condition has exactly one of is, is_not, in, not_in, empty")


class FieldRule(Struct, frozen=True, forbid_unknown_fields=True):
    """Where one field's value comes from.

    That is a ``column``, a ``constant``, a ``template`` of columns, or the ``row_number``.
    ``unit`` is the column's own unit. ``time_zone`` is of its local times, ``format`` how they are
    written: a ``strptime`` pattern, ``unix_s`` or ``unix_ms``; ISO 8601 without it. ``seconds_since``
    is the moment from which a column, or the rows themselves, count seconds. Of a field that is a list, a
    column holds the ids with ``split_by`` between them, or their count, and ``numbered`` is the template
    of their names before the number.
    """

    column: str | None = None
    constant: Scalar | tuple[str, ...] | None = None
    template: str | None = None
    row_number: bool = False
    unit: str | None = None
    time_zone: str | None = None
    format: str | None = None
    seconds_since: str | None = None
    split_by: Annotated[str, Meta(min_length=1)] | None = None
    numbered: str | None = None

    def __post_init__(self) -> None:
        origins = (self.column, self.constant, self.template, self.row_number or None)
        if sum(origin is not None for origin in origins) != 1:
            raise ValueError("a field has exactly one of column, constant, template, row_number: true")
        if self.column is None and any((self.unit, self.time_zone, self.format)):
            raise ValueError("unit, time_zone and format go with a column")
        if self.seconds_since is not None and (self.format or not (self.column or self.row_number)):
            raise ValueError("seconds_since goes with a column or row_number, and with no format")
        if (self.split_by or self.numbered) and (self.column is None or (self.split_by and self.numbered)):
            raise ValueError("split_by goes with a column, or numbered does, not both")


class EventRule(Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of event: made of every row that passes ``filter``, or ``once`` a file, of constants."""

    topic: str
    fields: dict[str, FieldRule]
    filter: tuple[Condition, ...] = ()
    once: bool = False

    def __post_init__(self) -> None:
        if self.once and (self.filter or any(rule.constant is None for rule in self.fields.values())):
            raise ValueError("what is sent once a file has constants alone and no filter")


class Mapping(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole mapping file. ``source`` names the events' source, ``time_zone`` is of all local times."""

    source: Id
    events: Annotated[tuple[EventRule, ...], Meta(min_length=1)]
    time_zone: str | None = None


class _Loader(yaml.SafeLoader):
    """YAML in which a date stays the text that it is."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_mapping(text: str) -> Mapping:
    """The mapping in a YAML text. Raises ``MappingError`` saying where it is wrong."""
    try:
        return msgspec.convert(yaml.load(text, _Loader), Mapping)
    except yaml.YAMLError as error:
        raise MappingError(f"the mapping is no YAML: {error}") from error
    except msgspec.ValidationError as error:
        raise MappingError(f"the mapping is wrong: {error}") from error
