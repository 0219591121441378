"""A made-up fleet's events, written where landing writes them: the same columns, packing, names, manifest."""

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.bench.warehouse.events import (
    day_queries,
    fix_query,
    late_scan_query,
    morning_queries,
    reference_queries,
    verdict_query,
)
from pipelines.bench.warehouse.fleet import PARTITIONS, Query, Scale, Span, macros
from streams.lake.cells import cell_texts
from streams.lake.manifest import LandedFile, append_entries
from streams.lake.packing import packing_of
from streams.lake.schema import arrow_schema
from streams.topics import BY_NAME, Topic

TOPIC_ID = "bench"


@dataclass(slots=True)
class Lake:
    """Lands queries' rows in the order of their append: a file for each partition and call."""

    root: Path
    scale: Scale
    connection: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)
    offsets: dict[tuple[str, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.root / "_manifest").mkdir(parents=True, exist_ok=True)
        self.connection.execute("set TimeZone = 'UTC'")
        self.connection.execute(macros(self.scale))

    def begin(self) -> None:
        """What is known before the first day."""
        for query in reference_queries(self.scale):
            self.land(query)

    def live(self, span: Span) -> int:
        """All that a span of hours brings, and what is known in the morning where it begins the day.

        Says how many fixes there were. A day with all its fixes has a file an hour, as landing makes them.
        """
        self.connection.execute(span.table)
        if span.first_hour == 0:
            for query in morning_queries():
                self.land(query)
        for query in day_queries(span):
            self.land(query)
        return sum(self._drive(part) for part in ([span] if span.is_thinned else span.hours()))

    def come_late(self, day: date) -> None:
        """One delivery of ``day`` lands when the last day is over."""
        self.connection.execute(Span(day, day).table)
        self.land(late_scan_query(self.scale.last))

    def land(self, query: Query) -> pa.Table:
        """Write what the query gives, as landing would; these rows."""
        topic = BY_NAME[query.topic]
        contract = arrow_schema(topic)
        self.connection.register("contract", contract.empty_table())
        names = ", ".join(f'"{name}"' for name in contract.names if name != "topic")
        # The union gives every row all columns of the contract, those within structs too.
        rows = self.connection.sql(
            f"select '{topic.name}' as topic, {names} "
            f"from (select * from contract union all by name {query.sql}) order by appended_at, event_id"
        ).to_arrow_table()
        partitions = rows["partition"].to_numpy()
        parts = [rows.filter(pa.array(partitions == partition)) for partition in range(PARTITIONS)]
        return pa.concat_tables(
            [self._write(topic, number, part, query.event_time) for number, part in enumerate(parts)]
        )

    def _drive(self, span: Span) -> int:
        landed = self.land(fix_query(self.scale, span))
        self.connection.register("fixes", landed)
        self.land(verdict_query())
        return int(landed.num_rows)

    def _write(self, topic: Topic, partition: int, rows: pa.Table, event_time: str | None) -> pa.Table:
        if not rows.num_rows:
            return rows
        first = self.offsets.get((topic.name, partition), 0)
        last = first + rows.num_rows - 1
        hour: datetime = rows["appended_at"][0].as_py()
        relative = (
            f"{topic.name}/landed_date={hour:%Y-%m-%d}/landed_hour={hour:%H}/"
            f"{TOPIC_ID}-{partition}-{first}-{last}.parquet"
        )
        rows = numbered(rows, first)
        size_bytes = _write_file(self.root / relative, topic, rows)
        entry = LandedFile(
            topic=topic.name,
            path=relative,
            topic_id=TOPIC_ID,
            partition=partition,
            first_offset=first,
            last_offset=last,
            rows=rows.num_rows,
            rejected=0,
            event_dates=_dates(rows, event_time),
            size_bytes=size_bytes,
        )
        append_entries(self.root, topic.name, [entry])
        self.offsets[topic.name, partition] = last + 1
        return rows


def numbered(rows: pa.Table, first_offset: int) -> pa.Table:
    """Rows of one partition with their offsets, and with their cells where they have positions."""
    count = rows.num_rows
    filled = {
        "offset": pa.array(np.arange(first_offset, first_offset + count)),
        "index": pa.array(np.zeros(count, np.int32)),
        "schema_version": pa.array(np.ones(count, np.int64)),
    }
    if "h3_cell" in rows.column_names:
        filled["h3_cell"] = _cells(rows)
    for name, values in filled.items():
        rows = rows.set_column(rows.column_names.index(name), name, values)
    return rows


def _write_file(path: Path, topic: Topic, rows: pa.Table) -> int:
    """Packed as landing packs, without waiting for the disk; its bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    packing = packing_of(topic, rows.column_names)
    pq.write_table(
        rows,
        path,
        compression="zstd",
        use_dictionary=packing.by_dictionary,
        column_encoding=packing.by_difference,
    )
    return path.stat().st_size


def _cells(rows: pa.Table) -> pa.Array:
    places = [pc.fill_null(rows[name], 0.0).to_numpy() for name in ("lat_deg", "lon_deg")]
    return pc.if_else(rows["lat_deg"].is_valid(), cell_texts(*places), None)


def _dates(rows: pa.Table, event_time: str | None) -> tuple[tuple[date, int], ...]:
    if event_time is None:
        return ()
    counted = pc.value_counts(rows[event_time].cast(pa.date32()))
    return tuple((found["values"].as_py(), found["counts"].as_py()) for found in counted)
