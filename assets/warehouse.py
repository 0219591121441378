"""The warehouse as a Dagster resource: one DuckDB file, one writer at a time, opened for one step."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import duckdb

from assets.lake_source import LakeSource
from assets.ledger import open_ledger, register
from assets.models.project import Project, Source
from assets.models.runner import Runner
from assets.pseudonyms import use_key
from assets.session import SESSION
from routing.errors import ConfigurationError
from streams.lake.manifest import read_manifest
from streams.topics import DEPOTS

POOL = "duckdb_writer"


class Warehouse(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Where everything is: the private database, the lake, the published link, the key, the Data Docs."""

    database: str
    lake: str
    published: str
    pseudonym_key: str
    time_zone: str
    data_docs: str
    data_docs_url: str

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The database, open for writing.

        Raises ``ConfigurationError`` while another process has it, and without its key of pseudonyms.
        """
        Path(self.database).parent.mkdir(parents=True, exist_ok=True)
        try:
            connection = duckdb.connect(self.database)
        except duckdb.IOException as error:
            raise ConfigurationError(
                f"the warehouse {self.database} can't be opened; is another build running? {error}"
            ) from error
        with connection:
            connection.execute("; ".join(SESSION))
            open_ledger(connection)
            use_key(connection, Path(self.pseudonym_key))
            yield connection

    def runner(self, connection: duckdb.DuckDBPyConnection, project: Project) -> Runner:
        """What builds models over an open connection."""
        resolve = LakeSource(connection, Path(self.lake), self.time_zone).resolve
        return Runner(connection, project, resolve, {"time_zone": self.time_zone})

    def register(self, connection: duckdb.DuckDBPyConnection, source: Source) -> int:
        """Note the files of a source that landed since; says how many."""
        lake = Path(self.lake)
        files, depots = read_manifest(lake, source.topic), read_manifest(lake, DEPOTS.name)
        return register(connection, lake, source, files, depots, self.time_zone)
