"""The generic tests of YAML files as SQL: each selects the rows that break a promise."""

from collections.abc import Callable
from pathlib import Path

from assets.models.project import SqlTest
from routing.errors import ModelError

Arguments = dict[str, object]
Entry = str | dict[str, Arguments]


WRITTEN = "$written"
"""Stands in a test of new rows alone for the condition that tells them."""


def generic_tests(path: Path, model: str, entries: list[tuple[str | None, Entry]]) -> list[SqlTest]:
    """The tests of one model; an entry comes with the column it stands at, ``None`` for the model."""
    return [_generic_test(path, model, column, entry) for column, entry in entries]


def _generic_test(path: Path, model: str, column: str | None, entry: Entry) -> SqlTest:
    kind, arguments = (entry, {}) if isinstance(entry, str) else next(iter(entry.items()))
    if kind not in _BUILDERS:
        raise ModelError(f"{path}: {model} has an unknown test {kind!r}; there are {', '.join(_BUILDERS)}")
    short = kind.split(".")[-1]
    name = f"{short}_{column}" if column else f"{short}_of_row"
    table = "{{ ref('" + model + "') }}"
    try:
        sql = _BUILDERS[kind](table, column or "", arguments)
        of_written = _BUILDERS[kind](
            _to_look_at(kind, table, column or "", arguments), column or "", arguments
        )
    except (KeyError, TypeError) as error:
        raise ModelError(f"{path}: the test {kind} of {model} lacks an argument: {error}") from error
    # What another table says of a row may change without the row.
    return SqlTest(
        name, model, sql, None if "ref(" in sql.replace(table, "") else of_written, is_generic=True
    )


def _to_look_at(kind: str, table: str, column: str, arguments: Arguments) -> str:
    """The written rows; where rows are held against each other, with those of the same key."""
    written = f"select * from {table} where {WRITTEN}"
    names = [column] if kind == "unique" else arguments.get("combination_of_columns")
    if not isinstance(names, list):
        return f"({written})"
    same = " and ".join(f'one."{name}" is not distinct from other."{name}"' for name in names)
    return f"(select one.* from {table} as one semi join ({written}) as other on {same})"


def _not_null(table: str, column: str, arguments: Arguments) -> str:
    return f'select * from {table} where "{column}" is null'


def _unique(table: str, column: str, arguments: Arguments) -> str:
    return (
        f'select "{column}", count(*) as rows from {table} where "{column}" is not null '
        "group by 1 having count(*) > 1"
    )


def _accepted_values(table: str, column: str, arguments: Arguments) -> str:
    values = arguments["values"]
    assert isinstance(values, list)
    listed = ", ".join("'" + str(value).replace("'", "''") + "'" for value in values)
    return f'select * from {table} where "{column}"::varchar not in ({listed})'


def _relationships(table: str, column: str, arguments: Arguments) -> str:
    """The strangers among the values first: they are few, however many rows have them."""
    parent = "{{ " + str(arguments["to"]) + " }}"
    strangers = f'select "{column}" from {table} except select "{arguments["field"]}" from {parent}'
    return f'select * from {table} where "{column}" in ({strangers})'


def _unique_combination(table: str, column: str, arguments: Arguments) -> str:
    names = arguments["combination_of_columns"]
    assert isinstance(names, list)
    listed = ", ".join(f'"{name}"' for name in names)
    return f"select {listed}, count(*) as rows from {table} group by all having count(*) > 1"


def _expression_is_true(table: str, column: str, arguments: Arguments) -> str:
    return f"select * from {table} where not ({arguments['expression']})"


_BUILDERS: dict[str, Callable[[str, str, Arguments], str]] = {
    "not_null": _not_null,
    "unique": _unique,
    "accepted_values": _accepted_values,
    "relationships": _relationships,
    "dbt_utils.unique_combination_of_columns": _unique_combination,
    "dbt_utils.expression_is_true": _expression_is_true,
}
