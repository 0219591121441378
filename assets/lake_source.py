"""``source('lake', …)`` as SQL: landed Parquet read in place, under the columns of the contract."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb

from assets.compacted import follow_compaction
from assets.file_dates import IS_OPEN, closed_to, parquet_list, zones_of
from assets.ledger import closed_dates, passed_paths
from assets.models.project import DateRange, Source
from routing.errors import ConfigurationError
from streams.lake.manifest import read_manifest
from streams.lake.schema import arrow_schema
from streams.topics import BY_NAME, DEPOTS

MARGIN_BEFORE, MARGIN_AFTER = timedelta(days=1), timedelta(days=3)
"""UTC instants of service date D lie in D-1 .. D+2: zones reach from -12 h to +14 h, cut-overs to +23 h."""


@dataclass(frozen=True, slots=True)
class LakeSource:
    """Resolves sources over one warehouse connection; the files are those of the ledger that passed.

    Of a source that is read whole, rows that Kafka appended for a service date after it was closed are left
    out, as no build of that date takes them in either. ``time_zone`` is where no depot is.
    """

    connection: duckdb.DuckDBPyConnection
    lake: Path
    time_zone: str

    def resolve(self, source: Source, dates: DateRange | None) -> str:
        """A relation with all columns of the contract: of files that lack some, and of no file at all."""
        contract = self._contract(source)
        # A step that runs alone hears of no new file; but known ones may have been compacted since.
        follow_compaction(self.connection, read_manifest(self.lake, source.topic))
        is_dated = source.event_time is not None and dates is not None
        paths = passed_paths(self.connection, source.topic, dates if is_dated else None)
        if not paths:
            return contract
        self._expect(source, paths)
        landed = (
            f"select * from read_parquet({parquet_list(self.lake, paths)}, "
            "union_by_name = true, hive_partitioning = false)"
        )
        if is_dated and dates is not None:
            first, last = dates.first - MARGIN_BEFORE, dates.last + MARGIN_AFTER
            landed += f" where {source.event_time} >= '{first}' and {source.event_time} < '{last}'"
        elif source.event_time is not None and closed_dates(self.connection):
            landed += f" where {self._is_of_an_open_date(source.event_time)}"
        return f"(select * from {contract} union all by name {landed})"

    def _is_of_an_open_date(self, event_time: str) -> str:
        """Whether some date that a row can fall on was open when Kafka appended it, as the ledger counts."""
        zones = zones_of(self.lake, read_manifest(self.lake, DEPOTS.name), self.time_zone)
        return f"(select bool_or({IS_OPEN}) from ({zones}) as zones {closed_to(event_time)})"

    def _expect(self, source: Source, paths: list[str]) -> None:
        """Raise ``ConfigurationError`` where a file that passed is gone."""
        gone = [path for path in paths if not (self.lake / path).exists()]
        if gone:
            raise ConfigurationError(
                f"raw/{source.name}: {len(gone)} files that passed are gone, such as {gone[0]}: compaction "
                "put them together with newer files that have not passed their checks, or they were lost "
                "(docs/operating.md, When a check blocks)"
            )

    def _contract(self, source: Source) -> str:
        """An empty table with the columns that the topic's events land in today."""
        empty = arrow_schema(BY_NAME[source.topic]).empty_table()
        table = f"contract.{source.name}"
        self.connection.register("empty_contract", empty)
        self.connection.execute("create schema if not exists contract")
        self.connection.execute(f"create or replace table {table} as select * from empty_contract")
        self.connection.unregister("empty_contract")
        return table
