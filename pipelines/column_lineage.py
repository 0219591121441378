"""Which columns each column of a model is made of, read off its SQL: ``dbt_like_models/lineage.json``.

It is worked out when documentation is written, as all models take a quarter of a minute; builds read the
file. A model whose SQL and whose sources' columns are as they were is not looked at again.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

import duckdb

from assets.column_lineage import ModelLineage, read_lineage
from assets.models.project import SEEDS, DateRange, Model, Project, Source
from assets.models.runner import Runner
from streams.lake.schema import arrow_schema
from streams.topics import BY_NAME

if TYPE_CHECKING:
    from sqlglot import exp

ANY_DATES = DateRange(date(2026, 1, 1), date(2026, 1, 1))
RAW = "raw"

Tables = Mapping[str, tuple[str, ...]]


def render_lineage(project: Project, known: Mapping[str, ModelLineage] | None = None) -> str:
    """The whole file; entries of ``known`` (the file as it stands) whose model has not changed are kept."""
    known = read_lineage() if known is None else known
    lines = []
    for model in sorted(project.models, key=lambda one: one.name):
        if model.layer == SEEDS:
            continue
        former = known.get(model.name)
        sql, tables = _compiled(project, model), _tables(project, model)
        digest = _digest(sql, model, tables)
        found = former.columns if former and former.digest == digest else column_sources(model, sql, tables)
        columns = ",\n".join(f"  {json.dumps(name)}: {json.dumps(found[name])}" for name in found)
        lines.append(f'{json.dumps(model.name)}: {{"of": "{digest}", "columns": {{\n{columns}\n}}}}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def column_sources(model: Model, sql: str, tables: Tables) -> dict[str, tuple[str, ...]]:
    """For each described column of ``model`` the columns (``schema.table.column``) its values are made of."""
    from sqlglot import parse_one
    from sqlglot.lineage import lineage
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import build_scope

    layers: dict[str, dict[str, dict[str, str]]] = {}
    for table, columns in tables.items():
        layer, name = table.split(".")
        layers.setdefault(layer, {})[name] = dict.fromkeys(columns, "text")
    schema: dict[str, object] = dict(layers)
    query = qualify(
        parse_one(sql, dialect="duckdb"),
        schema=schema,
        dialect="duckdb",
        validate_qualify_columns=False,
        allow_partial_qualification=True,
        identify=False,
    )
    align_unions(query)
    scope = build_scope(query)
    found = {}
    for column in model.columns:
        node = lineage(column.name, query, schema=schema, dialect="duckdb", scope=scope, copy=False)
        leaves = {_leaf(one.expression, one.name) for one in node.walk() if not one.downstream}
        found[column.name] = tuple(sorted(leaf for leaf in leaves if leaf))
    return found


def align_unions(query: "exp.Expr") -> None:
    """Give both sides of each ``union all by name`` the same columns in the same order, as lineage counts."""
    from sqlglot import exp

    for union in reversed(list(query.find_all(exp.SetOperation))):
        if not union.args.get("by_name"):
            continue
        sides = list(_selects(union))
        names = list(dict.fromkeys(name for side in sides for name in side.named_selects))
        for side in sides:
            by_name = dict(zip(side.named_selects, side.selects, strict=True))
            side.set("expressions", [by_name.get(name) or exp.alias_(exp.null(), name) for name in names])


def _selects(query: "exp.Expr") -> Iterator["exp.Select"]:
    from sqlglot import exp

    if isinstance(query, exp.SetOperation):
        yield from _selects(query.left)
        yield from _selects(query.right)
    elif isinstance(query, exp.Subquery):
        yield from _selects(query.this)
    elif isinstance(query, exp.Select):
        yield query


def _leaf(expression: "exp.Expr", name: str) -> str:
    from sqlglot import exp

    if not isinstance(expression, exp.Table) or not expression.db:
        return ""
    return f"{expression.db}.{expression.name}.{name.rsplit('.', 1)[-1].strip(chr(34))}"


def _compiled(project: Project, model: Model) -> str:
    def source(found: Source, _dates: DateRange | None) -> str:
        return f"{RAW}.{found.name}"

    with duckdb.connect() as connection:
        return Runner(connection, project, source, {"time_zone": "UTC"}).sql_of(model, ANY_DATES)


def _tables(project: Project, model: Model) -> Tables:
    refs = (project.model(name) for name in model.refs)
    sources = (project.source(name) for name in model.sources)
    return {
        **{one.table: tuple(column.name for column in one.columns) for one in refs},
        **{f"{RAW}.{one.name}": tuple(arrow_schema(BY_NAME[one.topic]).names) for one in sources},
    }


def _digest(sql: str, model: Model, tables: Tables) -> str:
    columns = [column.name for column in model.columns]
    return sha256(json.dumps([sql, columns, sorted(tables.items())]).encode()).hexdigest()[:16]
