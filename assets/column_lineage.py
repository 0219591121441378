"""Column lineage for Dagster: read from the file that ``make docs`` writes, so that a build parses no SQL."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import dagster as dg
import msgspec

from assets.models.project import Model

LINEAGE = Path(__file__).parents[1] / "dbt_like_models" / "lineage.json"


class ModelLineage(msgspec.Struct, frozen=True, rename={"digest": "of"}):
    """A model's columns with what they are made of (``schema.table.column``), as of its SQL's digest."""

    digest: str
    columns: dict[str, tuple[str, ...]]


@cache
def read_lineage(path: Path = LINEAGE) -> Mapping[str, ModelLineage]:
    """By model; nothing where there is no file."""
    if not path.exists():
        return {}
    return msgspec.json.decode(path.read_bytes(), type=dict[str, ModelLineage])


def lineage_metadata(model: Model) -> dict[str, dg.TableColumnLineageMetadataValue]:
    """``dagster/column_lineage`` of a model, for its materialization; empty for seeds."""
    found = read_lineage().get(model.name)
    if found is None:
        return {}
    lineage = dg.TableColumnLineage(
        {name: [_dep(one) for one in found.columns[name]] for name in found.columns}
    )
    return {"dagster/column_lineage": dg.MetadataValue.column_lineage(lineage)}


def schema_metadata(model: Model) -> dict[str, dg.TableSchemaMetadataValue]:
    """``dagster/column_schema``: the columns with their meaning, which the lineage is shown with."""
    columns = [dg.TableColumn(column.name, description=column.description) for column in model.columns]
    return {"dagster/column_schema": dg.MetadataValue.table_schema(dg.TableSchema(columns=columns))}


def _dep(place: str) -> dg.TableColumnDep:
    schema, table, column = place.split(".")
    return dg.TableColumnDep(asset_key=dg.AssetKey([schema, table]), column_name=column)
