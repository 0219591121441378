"""Which files of a large slice need a look row by row: those that Parquet's own figures don't clear.

Great Expectations takes 2 us and a hundred bytes a row for each of its looks. Ten million rows that a
backfill or an import brings at once would take half a minute and many gigabytes. Each file keeps the
least and the most of a column and how many values are null; what that proves need not be counted again.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from assets.ledger import Slice
from assets.slice_checks import Bounds, Expected

LARGE_ROWS = 1_000_000
"""A slice of more rows than this is looked at by file first."""


def unproven(lake: Path, found: Slice, expected: Expected) -> Slice:
    """The part of the slice that has to be looked at: no file where all are beyond doubt.

    Shares of implausible values are then shares of these files' rows, which is never laxer.
    """
    ids = dict(zip(found.paths, found.topic_ids, strict=True))
    doubtful = [path for path in found.paths if not is_proven(lake / path, expected)]
    rows = sum(int(pq.read_metadata(lake / path).num_rows) for path in doubtful)
    return replace(found, paths=tuple(doubtful), topic_ids=tuple(ids[path] for path in doubtful), rows=rows)


def is_proven(path: Path, expected: Expected) -> bool:
    """Whether a file's figures show that its rows meet all expectations, each place there but once.

    Two files of one manifest never hold the same offset.
    """
    file = pq.ParquetFile(path)
    groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
    return (
        all(_is_full(groups, name) for name in expected.not_null)
        and all(_is_within(groups, bounds) for bounds in expected.bounds)
        and _are_single(file.read(columns=["offset", "index"]))
    )


def _is_full(groups: Iterable[pq.RowGroupMetaData], column: str) -> bool:
    found = [_statistics(group, column) for group in groups]
    return all(one is not None and one.has_null_count and one.null_count == 0 for one in found)


def _is_within(groups: Iterable[pq.RowGroupMetaData], bounds: Bounds) -> bool:
    found = [_statistics(group, bounds.column) for group in groups]
    return all(one is not None and _holds(one, bounds) for one in found)


def _holds(found: pq.Statistics, bounds: Bounds) -> bool:
    if found.has_null_count and found.num_values == 0:
        return True
    return bool(found.has_min_max and bounds.least <= found.min and found.max <= bounds.most)


def _statistics(group: pq.RowGroupMetaData, column: str) -> pq.Statistics | None:
    for number in range(group.num_columns):
        if group.column(number).path_in_schema == column:
            return group.column(number).statistics
    return None


def _are_single(places: pa.Table) -> bool:
    """Whether places go up row by row, as landing writes them; a compacted file is sorted otherwise."""
    offsets, indexes = (np.asarray(places[name].to_numpy()) for name in ("offset", "index"))
    order = np.lexsort((indexes, offsets)) if np.any(np.diff(offsets) < 0) else np.arange(len(offsets))
    steps, within = np.diff(offsets[order]), np.diff(indexes[order])
    return bool(np.all((steps > 0) | ((steps == 0) & (within > 0))))
