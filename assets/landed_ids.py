"""Which ids have landed: staging knows those of all builds; the files that no build has covered are read."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from assets.slice_checks import Link
from streams.topics import ORDERS, VEHICLES

_STAGED = {VEHICLES.name: "stg_vehicles", ORDERS.name: "stg_orders"}


@dataclass(frozen=True, slots=True)
class LandedIds:
    """The ids of vehicles and orders over one connection to the warehouse.

    All landed files of a topic would be read again for each slice otherwise, more of them every day.
    """

    connection: duckdb.DuckDBPyConnection
    lake: Path

    def unknown(self, link: Link, named: Collection[str]) -> Collection[str] | None:
        """Those of ``named`` that the link's topic never brought; ``None`` where it has not brought any."""
        known = self._of_new_files(link)
        table = f"staging.{_STAGED[link.topic]}"
        is_staged = self._is_there(_STAGED[link.topic])
        if not known and not (is_staged and self.connection.execute(f"from {table} limit 1").fetchall()):
            return None
        left = [one for one in named if one not in known]
        if not is_staged or not left:
            return left
        missing = f"select unnest(?::varchar[]) as id except select {link.column} from {table}"
        return [row[0] for row in self.connection.execute(missing, [left]).fetchall()]

    def _is_there(self, table: str) -> bool:
        found = "from duckdb_tables() where schema_name = 'staging' and table_name = ?"
        return bool(self.connection.execute(found, [table]).fetchall())

    def _of_new_files(self, link: Link) -> set[object]:
        new = "select path from meta.landed_files where topic = ? and not is_built and rows > 0"
        paths = self.connection.execute(new, [link.topic]).fetchall()
        return {one for (path,) in paths for one in _ids(self.lake / path, link.column)}


def _ids(path: Path, column: str) -> list[object]:
    """None of a file that can't be read, which its own check says."""
    try:
        found: list[object] = pq.ParquetFile(path).read(columns=[column])[column].unique().to_pylist()
    except (OSError, pa.ArrowInvalid):
        return []
    return found
