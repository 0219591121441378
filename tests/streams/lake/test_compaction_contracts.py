"""Compaction of files that landed under an older and a newer contract."""

import dataclasses
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from msgspec import Struct

from streams.codec import encode
from streams.events.telematics import GpsFix
from streams.lake.chunk import join
from streams.lake.files import write_file
from streams.lake.manifest import append_entries, read_manifest
from streams.lake.schema import arrow_schema
from streams.topics import GPS_FIXES
from tests.streams.lake.compacting import TABLES, land_files, run
from tests.streams.lake.records import fetched, fix


class FixWithAltitude(GpsFix, frozen=True, kw_only=True):
    """A fix after a field was added to its contract."""

    altitude_m: float | None = None
    tags: tuple["Tag", ...] = ()


class Tag(Struct, frozen=True, kw_only=True):
    name: str


TODAY = dataclasses.replace(GPS_FIXES, event=FixWithAltitude)


def test_a_field_added_in_the_middle_of_a_day_lands_and_is_read_with_what_is_older(tmp_path: Path) -> None:
    land_files(tmp_path, range(3))
    new = FixWithAltitude(
        **{name: getattr(fix(3), name) for name in GpsFix.__struct_fields__}, altitude_m=7.5
    )
    records = [fetched(3, encode(new), topic=TODAY), fetched(4, encode(fix(4)), topic=TODAY)]
    append_entries(tmp_path, "gps.fixes", [write_file(tmp_path, TODAY, "A", join(records), TABLES)])

    before = altitudes(tmp_path)
    run(tmp_path, topics=[TODAY])
    after = altitudes(tmp_path)

    assert before == after == [(0, None), (1, None), (2, None), (3, 7.5), (4, None)]
    assert len(read_manifest(tmp_path, "gps.fixes")) == 1


def test_a_field_of_a_newer_contract_is_ignored_by_an_older_landing(tmp_path: Path) -> None:
    new = FixWithAltitude(
        **{name: getattr(fix(0), name) for name in GpsFix.__struct_fields__}, altitude_m=7.5
    )

    entry = write_file(tmp_path, GPS_FIXES, "A", fetched(0, encode(new)), TABLES)

    assert (entry.rows, entry.rejected) == (1, 0)
    assert pq.ParquetFile(tmp_path / entry.path).schema_arrow.equals(arrow_schema(GPS_FIXES))


def test_an_older_compaction_keeps_the_columns_of_a_newer_landing(tmp_path: Path) -> None:
    land_files(tmp_path, range(3))
    new = FixWithAltitude(
        **{name: getattr(fix(3), name) for name in GpsFix.__struct_fields__}, altitude_m=7.5
    )
    entry = write_file(tmp_path, TODAY, "A", fetched(3, encode(new), topic=TODAY), TABLES)
    append_entries(tmp_path, "gps.fixes", [entry])

    run(tmp_path, topics=[GPS_FIXES])

    assert altitudes(tmp_path) == [(0, None), (1, None), (2, None), (3, 7.5)]


def altitudes(lake: Path) -> list[tuple[int, float | None]]:
    """Offset and altitude as a reader of the lake finds them."""
    files = [str(lake / entry.path) for entry in read_manifest(lake, "gps.fixes")]
    with duckdb.connect() as connection:
        return connection.execute(
            'select "offset", altitude_m from read_parquet($files, union_by_name = true) order by all',
            {"files": files},
        ).fetchall()
