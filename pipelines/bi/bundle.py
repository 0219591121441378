"""The folder that Superset imports: ``deploy/bi`` with what only the published file knows filled in."""

import re
from pathlib import Path
from urllib.parse import quote
from uuid import UUID, uuid5

import duckdb
import msgspec
from msgspec import Struct
from msgspec.structs import replace

from assets.published_file import open_published
from routing.errors import ConfigurationError

PUBLISHED = "$PUBLISHED"
"""Stands in a database's address for the absolute path of the published file."""

DATABASE = Path("databases", "Doorstep.yaml")
DATASETS = Path("datasets", "Doorstep")
_READ = re.compile(r"\bmarts\.(\w+)")


class Column(Struct, frozen=True, omit_defaults=True):
    """A column as Superset knows it; a moment can be an axis of time."""

    column_name: str
    type: str
    description: str | None
    is_dttm: bool = False


class Metric(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An aggregation by name."""

    metric_name: str
    expression: str
    verbose_name: str | None = None
    description: str | None = None
    d3format: str | None = None


class Dataset(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A dataset in Superset's export format: a table, or a query where there is ``sql``."""

    table_name: str
    description: str
    uuid: UUID
    database_uuid: UUID
    schema: str
    version: str = ""
    metrics: tuple[Metric, ...] = ()
    columns: tuple[Column, ...] = ()
    main_dttm_col: str | None = None
    sql: str | None = None
    source_db_engine: str | None = None
    filter_select_enabled: bool = False


class _Database(Struct, frozen=True):
    uuid: UUID


def write_bundle(source: Path, target: Path, published: Path) -> None:
    """Copy the YAML of ``source`` to ``target``: the database's path, and all columns with their meaning.

    Every published table that has no dataset in ``source`` gets one that counts its rows. Raises
    ``ConfigurationError`` where nothing is published, or a dataset does not fit what is.
    """
    for path in sorted(source.rglob("*.yaml")):
        text = path.read_text(encoding="utf-8").replace(PUBLISHED, quote(published.as_posix()))
        _write(target / path.relative_to(source), text.encode())
    database = msgspec.yaml.decode((source / DATABASE).read_bytes(), type=_Database)
    with open_published(published) as connection:
        meanings = _meanings(connection)
        for path in sorted((target / DATASETS).glob("*.yaml")):
            dataset = _with_columns(connection, meanings, read_dataset(path))
            _write(path, msgspec.yaml.encode(dataset))
            meanings.pop(dataset.table_name, None)
        for table in meanings:
            dataset = _with_columns(connection, meanings, _plain(table, meanings[table][""], database.uuid))
            _write(target / DATASETS / f"{table}.yaml", msgspec.yaml.encode(dataset))


def read_dataset(path: Path) -> Dataset:
    """A dataset's file. Raises ``ConfigurationError`` where it is something else."""
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=Dataset)
    except msgspec.DecodeError as error:
        raise ConfigurationError(f"{path} is no dataset in Superset's export format: {error}") from error


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _meanings(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """By table the comments of its columns, by name; the table's own is that of ''."""
    rows = connection.execute(
        "select table_name, '', comment from duckdb_tables() where schema_name = 'marts' union all "
        "select table_name, column_name, comment from duckdb_columns() where schema_name = 'marts'"
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for table, column, comment in rows:
        found.setdefault(table, {})[column] = comment
    return dict(sorted(found.items()))


def _plain(table: str, description: str, database: UUID) -> Dataset:
    count = Metric("rows", "count(*)", description="How many rows.")
    return Dataset(
        table,
        description,
        uuid5(database, table),
        database,
        "marts",
        "1.0.0",
        (count,),
        filter_select_enabled=True,
    )


def _with_columns(
    connection: duckdb.DuckDBPyConnection, meanings: dict[str, dict[str, str]], dataset: Dataset
) -> Dataset:
    """A query's columns mean what those of the same name mean in the first of the tables that it reads."""
    relation = dataset.sql or f'from marts."{dataset.table_name}"'
    try:
        described = connection.execute(f"describe {relation}").fetchall()
    except duckdb.Error as error:
        raise ConfigurationError(
            f"the dataset {dataset.table_name} reads what is not there: {error}"
        ) from error
    means: dict[str, str] = {}
    for table in reversed(_READ.findall(relation) or [dataset.table_name]):
        means |= meanings.get(table, {})
    columns = tuple(
        Column(name, kind, means.get(name), is_dttm=kind == "DATE" or kind.startswith("TIMESTAMP"))
        for name, kind, *_ in described
    )
    dates = [column.column_name for column in columns if column.is_dttm]
    when = dataset.main_dttm_col or ("service_date" if "service_date" in dates else None)
    return replace(dataset, columns=columns, main_dttm_col=when)
