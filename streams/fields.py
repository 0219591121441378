"""A contract's fields, as the lake's columns and the ingest's mappings read them."""

import msgspec.inspect as inspect

from streams.events.base import Event


def contract_fields(event_type: type[Event]) -> tuple[inspect.Field, ...]:
    """The fields of an event in the order of its contract."""
    info = inspect.type_info(event_type)
    assert isinstance(info, inspect.StructType)
    return info.fields


def bare_type(info: inspect.Type) -> tuple[inspect.Type, bool]:
    """A field's type without its constraints, and whether it may be ``None``.

    Raises ``TypeError`` for a union of several types: contracts have none.
    """
    if isinstance(info, inspect.Metadata):
        return bare_type(info.type)
    if not isinstance(info, inspect.UnionType):
        return info, False
    others = [bare_type(member)[0] for member in info.types if not isinstance(member, inspect.NoneType)]
    if len(others) != 1:
        raise TypeError(f"a field has one type, this union has several: {info}")
    return others[0], True
