"""A mapping bound to a file's columns: checked as a whole before the first row, then row to events."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from string import Formatter
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import msgspec.inspect as inspect
from msgspec import UNSET

from routing.errors import ContractError, MappingError
from streams.codec import decode
from streams.events.base import Event
from streams.fields import bare_type, contract_fields
from streams.ingest import lists, values
from streams.ingest.keys import INGESTED
from streams.ingest.mapping import Condition, EventRule, FieldRule
from streams.ingest.mapping import Mapping as MappingFile
from streams.ingest.names import listed
from streams.ingest.units import unit_for
from streams.ingest.values import Convert, Unmappable, is_empty, to_text
from streams.topics import Topic

SET_BY_INGEST = ("event_id", "source", "schema_version", "correlation_id", "causation_id")

Values = Mapping[str, object]
Read = Callable[[Values, int], object]
"""A row's values and its number to a field's value; ``None`` where the row says nothing."""


@dataclass(frozen=True, slots=True)
class BoundEvent:
    """One event rule, ready for rows. ``ordinal`` is its place in the mapping."""

    ordinal: int
    topic: Topic
    event_type: type[Event]
    is_once: bool
    conditions: tuple[Callable[[Values], bool], ...]
    fields: tuple[tuple[str, bool, Read], ...]

    def is_wanted(self, row: Values) -> bool:
        """Whether a row passes the filter."""
        return all(condition(row) for condition in self.conditions)

    def build(self, row: Values, number: int, event_id: str, source: str) -> Event:
        """The event that the row with this number makes. Raises ``Unmappable`` naming the field."""
        content: dict[str, object] = {"event_id": event_id, "source": source}
        for name, is_required, read in self.fields:
            try:
                value = read(row, number)
            except Unmappable as problem:
                raise Unmappable(f"{name}: {problem.rule}", f"{name}: {problem}") from problem
            if value is None and is_required:
                raise Unmappable(f"{name}: empty, and {self.topic.name} can't do without it")
            if value is not None:
                content[name] = value
        try:
            return decode(self.event_type, msgspec.json.encode(content))
        except ContractError as error:
            raise contract_broken(error) from error


def contract_broken(error: ContractError) -> Unmappable:
    """A contract's words as a reason, and its rule, which can be counted."""
    reason = str(error)
    words = reason.partition(": ")[2] if reason.startswith("not a valid ") else reason
    return Unmappable(error.rule, words)


def bind(mapping: MappingFile, columns: Iterable[str], file: str) -> tuple[BoundEvent, ...]:
    """The rules of ``mapping`` for a ``file`` with ``columns``.

    Raises ``MappingError`` naming the column, topic, field, unit or time zone that is not there, and
    those that are.
    """
    known = tuple(columns)
    return tuple(
        _Binder(mapping, rule, ordinal, known, file).bind() for ordinal, rule in enumerate(mapping.events)
    )


@dataclass(frozen=True, slots=True)
class _Binder:
    """One rule on its way to a ``BoundEvent``."""

    mapping: MappingFile
    rule: EventRule
    ordinal: int
    columns: tuple[str, ...]
    file: str

    def bind(self) -> BoundEvent:
        topic = INGESTED.get(self.rule.topic)
        if topic is None or topic.event is None:
            raise MappingError(f"{self._here}: not a topic to ingest; those are {', '.join(INGESTED)}")
        known = {field.name: field for field in contract_fields(topic.event)}
        self._check_fields(known)
        bound = BoundEvent(
            self.ordinal,
            topic,
            topic.event,
            self.rule.once,
            tuple(self._condition(condition) for condition in self.rule.filter),
            tuple(
                (name, known[name].required, self._reader(known[name], field))
                for name, field in self.rule.fields.items()
            ),
        )
        self._check_constants(bound)
        return bound

    @property
    def _here(self) -> str:
        return f"event {self.ordinal + 1} of the mapping ({self.rule.topic})"

    def _check_fields(self, known: Mapping[str, inspect.Field]) -> None:
        mappable = [name for name in known if name not in SET_BY_INGEST]
        for name in self.rule.fields:
            if name in SET_BY_INGEST:
                raise MappingError(f"{self._here}: {name} is set by ingest and can't be mapped")
            if name not in known:
                raise MappingError(f"{self._here}: no field {name!r}; there are {', '.join(mappable)}")
        missing = [name for name in mappable if known[name].required and name not in self.rule.fields]
        if missing:
            raise MappingError(f"{self._here}: lacks what every such event has: {', '.join(missing)}")

    def _check_constants(self, bound: BoundEvent) -> None:
        """An event of constants is built once here, so that its faults are told before anything is sent."""
        if not bound.is_once:
            return
        try:
            bound.build({}, 0, "00000000-0000-0000-0000-000000000000", self.mapping.source)
        except Unmappable as problem:
            raise MappingError(f"{self._here}: {problem}") from problem

    def _column(self, name: str) -> str:
        if name not in self.columns:
            raise MappingError(
                f"{self._here}: {self.file} has no column {name!r}; it has {listed(self.columns)}"
            )
        return name

    def _reader(self, field: inspect.Field, rule: FieldRule) -> Read:
        if rule.column is not None and (rule.split_by or rule.numbered):
            return self._list(field, rule, rule.column)
        convert = self._converter(field, rule)
        if rule.constant is not None:
            return self._constant(field.name, rule.constant, convert)
        if rule.template is not None:
            return self._template(field.name, rule.template, convert)
        if rule.column is None:
            return lambda _row, number: convert(number)
        column = self._column(rule.column)

        def read(row: Values, _number: int) -> object:
            value = row.get(column)
            return None if is_empty(value) else convert(value)

        return read

    def _list(self, field: inspect.Field, rule: FieldRule, name: str) -> Read:
        kind, _ = bare_type(field.type)
        make = lists.element_maker(kind) if isinstance(kind, inspect.VarTupleType) else None
        if make is None:
            raise MappingError(f"{self._here}: split_by and numbered make lists of ids, {field.name} is none")
        column, separator = self._column(name), rule.split_by
        name_of = self._template(field.name, rule.numbered or "", to_text)

        def read(row: Values, number: int) -> object:
            value = row.get(column)
            if is_empty(value):
                return None
            if separator is not None:
                return [make(part) for part in lists.split(value, separator)]
            common = name_of(row, number)
            if common is None:
                raise Unmappable("a column that its names are made of is empty")
            return [make(part) for part in lists.numbered(value, str(common))]

        return read

    def _constant(self, name: str, constant: object, convert: Convert) -> Read:
        try:
            value = constant if isinstance(constant, tuple) else convert(constant)
        except Unmappable as problem:
            raise MappingError(f"{self._here}: constant of {name}: {problem}") from problem
        return lambda _row, _number: value

    def _template(self, name: str, template: str, convert: Convert) -> Read:
        parts = list(Formatter().parse(template))
        if any(spec or conversion for _, _, spec, conversion in parts):
            raise MappingError(f"{self._here}: template of {name} may have {{column}}s and text alone")
        pieces = [(text, None if column is None else self._column(column)) for text, column, _, _ in parts]

        def read(row: Values, _number: int) -> object:
            if any(column is not None and is_empty(row.get(column)) for _, column in pieces):
                return None
            filled = (text + ("" if column is None else to_text(row[column])) for text, column in pieces)
            return convert("".join(filled))

        return read

    def _converter(self, field: inspect.Field, rule: FieldRule) -> Convert:
        kind, _ = bare_type(field.type)
        unit = None if rule.unit is None else unit_for(field.name, rule.unit)
        zone = self._zone(rule.time_zone or self.mapping.time_zone)
        if rule.seconds_since is not None:
            return self._since(field.name, kind, rule.seconds_since, zone)
        if isinstance(kind, inspect.FloatType):
            return values.to_number(unit)
        if isinstance(kind, inspect.DateTimeType):
            return values.to_instant(zone, rule.format)
        if isinstance(kind, inspect.DateType):
            return values.to_day(zone, rule.format)
        return self._plain_converter(field.name, kind, rule)

    def _plain_converter(self, name: str, kind: inspect.Type, rule: FieldRule) -> Convert:
        if isinstance(kind, inspect.IntType):
            return values.to_whole_number
        if isinstance(kind, inspect.BoolType):
            return values.to_truth
        if isinstance(kind, inspect.StrType | inspect.EnumType):
            return to_text
        if isinstance(kind, inspect.VarTupleType) and isinstance(rule.constant, tuple):
            return lambda value: value
        if isinstance(kind, inspect.VarTupleType) and lists.element_maker(kind) is not None:
            raise MappingError(
                f"{self._here}: {name} is a list; say by what its column is split (split_by), "
                "or that it counts them (numbered)"
            )
        raise MappingError(f"{self._here}: field {name} can't be made of a column")

    def _since(self, name: str, kind: inspect.Type, start: str, zone: ZoneInfo | None) -> Convert:
        if not isinstance(kind, inspect.DateTimeType):
            raise MappingError(f"{self._here}: seconds_since makes a time, and {name} is none")
        try:
            start_at = values.to_instant(zone, None)(start)
        except Unmappable as problem:
            raise MappingError(f"{self._here}: seconds_since of {name}: {problem}") from problem
        assert isinstance(start_at, datetime)
        return values.to_instant_after(start_at)

    def _zone(self, name: str | None) -> ZoneInfo | None:
        if name is None:
            return None
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise MappingError(
                f"{self._here}: no time zone {name!r}; it is written as in Europe/Berlin"
            ) from error

    def _condition(self, condition: Condition) -> Callable[[Values], bool]:
        column = self._column(condition.column)
        if condition.empty is not UNSET:
            return lambda row: is_empty(row.get(column)) is condition.empty
        is_listed, wanted = _wanted(condition)

        def holds(row: Values) -> bool:
            return (_comparable(row.get(column)) in wanted) is is_listed

        return holds


def _wanted(condition: Condition) -> tuple[bool, frozenset[str]]:
    """Whether the column has to be among the values, or must not be; and the values."""
    if condition.is_ is not UNSET:
        return True, frozenset([_comparable(condition.is_)])
    if condition.is_not is not UNSET:
        return False, frozenset([_comparable(condition.is_not)])
    if condition.in_ is not UNSET:
        return True, frozenset(map(_comparable, condition.in_))
    assert condition.not_in is not UNSET
    return False, frozenset(map(_comparable, condition.not_in))


def _comparable(value: object) -> str:
    if is_empty(value):
        return ""
    return str(value).lower() if isinstance(value, bool) else to_text(value)
