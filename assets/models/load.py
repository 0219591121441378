"""Reading the folder of models into a ``Project``."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from assets.models.generic_tests import WRITTEN, generic_tests
from assets.models.project import LAYERS, SEEDS, Column, Model, Project, Source, SqlTest, in_build_order
from assets.models.template import Calls, find_calls, read_macros, render
from routing.errors import ModelError


class ColumnYaml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column's entry in a YAML file."""

    name: str
    description: str
    data_tests: tuple[str | dict[str, dict[str, object]], ...] = ()


class ModelYaml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model's or a seed's entry; the first line of ``description`` states the grain."""

    name: str
    description: str
    columns: tuple[ColumnYaml, ...]
    data_tests: tuple[str | dict[str, dict[str, object]], ...] = ()
    config: dict[str, dict[str, str]] = {}


class TableYaml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A source table's entry: ``meta.topic`` names the topic, ``config.event_time`` dates its rows."""

    name: str
    description: str
    meta: dict[str, str]
    config: dict[str, str] = {}


class SourceYaml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A source's entry."""

    name: str
    description: str
    tables: tuple[TableYaml, ...]


class PropertiesYaml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A YAML file beside models."""

    version: int
    models: tuple[ModelYaml, ...] = ()
    seeds: tuple[ModelYaml, ...] = ()
    sources: tuple[SourceYaml, ...] = ()


@dataclass(frozen=True, slots=True)
class _Described:
    path: Path
    yaml: ModelYaml


def load_project(folder: Path) -> Project:
    """Read all of ``folder``. Raises ``ModelError`` naming the file and what would be right."""
    macros = read_macros(folder)
    properties = [(path, _read_yaml(path)) for path in sorted(folder.glob("*/*.yml"))]
    described = _described(properties)
    models = in_build_order(tuple(_models(folder, macros, described)))
    sources = tuple(
        _source(table) for _, one in properties for group in one.sources for table in group.tables
    )
    tests = [
        _where_all_is_built(test, models)
        for model in models
        for test in generic_tests(described[model.name].path, model.name, _test_entries(described, model))
    ]
    tests += _singular_tests(folder, macros, models)
    project = Project(models, sources, tuple(tests), macros)
    for model in models:
        for name in model.sources:
            project.source(name)
    return project


def _read_yaml(path: Path) -> PropertiesYaml:
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=PropertiesYaml)
    except msgspec.DecodeError as error:
        raise ModelError(f"{path}: {error}") from error


def _described(properties: list[tuple[Path, PropertiesYaml]]) -> dict[str, _Described]:
    described: dict[str, _Described] = {}
    for path, one in properties:
        for entry in (*one.models, *one.seeds):
            if entry.name in described:
                raise ModelError(f"{path}: {entry.name} is described twice")
            if not entry.description.startswith("Grain: "):
                raise ModelError(
                    f"{path}: the description of {entry.name} starts with its grain: 'Grain: one row per …'"
                )
            described[entry.name] = _Described(path, entry)
    return described


def _models(folder: Path, macros: str, described: dict[str, _Described]) -> Iterator[Model]:
    paths = [path for layer in LAYERS for path in sorted((folder / layer).glob("*.sql"))]
    paths += sorted((folder / SEEDS).glob("*.csv"))
    for path in paths:
        if path.stem not in described:
            raise ModelError(f"{path}: {path.stem} is described in no YAML file beside it")
        yaml = described[path.stem].yaml
        columns = tuple(Column(column.name, column.description) for column in yaml.columns)
        types = tuple(yaml.config.get("column_types", {}).items())
        if path.suffix == ".csv":
            yield Model(path.stem, SEEDS, path, "", yaml.description, columns, column_types=types)
        else:
            yield _sql_model(path, macros, yaml.description, columns)
    strangers = described.keys() - {path.stem for path in paths}
    if strangers:
        raise ModelError(f"{folder}: described, but there is no such file: {', '.join(sorted(strangers))}")


def _sql_model(path: Path, macros: str, description: str, columns: tuple[Column, ...]) -> Model:
    sql = path.read_text()
    calls = find_calls(path, sql, macros)
    materialized = calls.config.get("materialized", "table")
    if materialized not in ("table", "incremental", "view"):
        raise ModelError(f"{path}: materialized={materialized!r}; it is 'table', 'incremental' or 'view'")
    if (materialized == "incremental") != ("event_time" in calls.config):
        raise ModelError(f"{path}: event_time goes with materialized='incremental', and only with it")
    if materialized != "table" and "date_by_date" in calls.config:
        raise ModelError(f"{path}: date_by_date goes with materialized='table', and only with it")
    return Model(
        path.stem,
        path.parent.name,
        path,
        sql,
        description,
        columns,
        calls.refs,
        calls.sources,
        calls.config.get("event_time"),
        calls.config.get("unique_key"),
        (calls.config["begins"], calls.config["ends"]) if "begins" in calls.config else None,
        calls.config.get("date_by_date"),
        materialized == "view",
    )


def _source(table: TableYaml) -> Source:
    return Source(table.name, table.meta["topic"], table.description, table.config.get("event_time"))


def _test_entries(
    described: dict[str, _Described], model: Model
) -> list[tuple[str | None, str | dict[str, dict[str, object]]]]:
    yaml = described[model.name].yaml
    of_columns = [(column.name, test) for column in yaml.columns for test in column.data_tests]
    return [(None, test) for test in yaml.data_tests] + list(of_columns)


def _where_all_is_built(test: SqlTest, models: tuple[Model, ...]) -> SqlTest:
    """The test at the last model it refers to, because only then all of them are there."""
    refs = find_calls(Path(test.name), test.sql, "").refs
    last = _last_built(refs, models)
    return test if last == test.model else replace(test, name=f"{test.model}_{test.name}", model=last)


def _last_built(refs: tuple[str, ...], models: tuple[Model, ...]) -> str:
    order = {model.name: position for position, model in enumerate(models)}
    unknown = [ref for ref in refs if ref not in order]
    if unknown or not refs:
        raise ModelError(f"a test refers to at least one model, and only to known ones, not to {unknown}")
    return max(refs, key=lambda ref: order[ref])


def _singular_tests(folder: Path, macros: str, models: tuple[Model, ...]) -> list[SqlTest]:
    tests = []
    for path in sorted((folder / "tests").glob("*.sql")):
        sql = path.read_text()
        calls = find_calls(path, sql, macros)
        last = _last_built(calls.refs, models)
        text = render(path, sql, macros, _keep_ref, _no_source, _keep_var)
        of_written = None
        if "date_by_date" in calls.config:
            _expect_dated(path, last, models, calls)
            of_written = render(path, sql, macros, _ref_of_written, _no_source, _keep_var)
        tests.append(SqlTest(path.stem, last, text, of_written))
    return tests


def _expect_dated(path: Path, last: str, models: tuple[Model, ...], calls: Calls) -> None:
    """A test of written dates alone reads one table, of which whole dates are written."""
    (column,) = {model.date_by_date for model in models if model.name == last}
    if calls.refs != (last,) or column != calls.config["date_by_date"]:
        raise ModelError(
            f"{path}: a test that is date by date refers to one model that is so by the same date"
        )


def _keep_ref(name: str) -> str:
    return "{{ ref('" + name + "') }}"


def _ref_of_written(name: str) -> str:
    return f"(select * from {_keep_ref(name)} where {WRITTEN})"


def _no_source(schema: str, name: str) -> str:
    raise ModelError(f"a singular test reads models, not source({schema!r}, {name!r})")


def _keep_var(name: str) -> str:
    return "{{ var('" + name + "') }}"
