"""What a raw slice must satisfy before staging reads it."""

from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from assets.ledger import Slice
from streams.lake.schema import arrow_schema
from streams.topics import BY_NAME, ORDERS, VEHICLES

if TYPE_CHECKING:
    import pandas as pd

MANIFEST_CHECK, EXPECTATIONS_CHECK = "matches_the_manifest", "meets_expectations"
AS_USUAL_CHECK = "is_as_usual"
SINGLE_ROWS = 5
PLACE = ("topic_id", "partition", "offset", "index")


@dataclass(frozen=True, slots=True)
class Bounds:
    """A column's plausible range; at least the share ``mostly`` of its values lies within.

    Up to ``SINGLE_ROWS`` values outside block nothing: they are one device's nonsense, which staging
    and the streams' verdicts deal with. More are a sign of a wrong unit or a wrong column.
    """

    column: str
    least: float
    most: float
    mostly: float = 0.99

    def share_of(self, rows: int) -> float:
        """The share of ``rows`` values that must lie within, single ones aside."""
        return max(0.0, min(self.mostly, 1 - SINGLE_ROWS / rows)) if rows else self.mostly


@dataclass(frozen=True, slots=True)
class Link:
    """A column whose values are ids that ``topic`` brings in its column of the same name."""

    column: str
    topic: str


LEAST_ABSURD_ROWS = 1000
"""Of fewer rows no share and no multiple blocks anything: a handful of devices is not a fleet.

Of a date with too few rows it is the slice's own rows of it that have to be as many.
"""


@dataclass(frozen=True, slots=True)
class Usual:
    """Where a figure of a slice lies: from ``least`` to ``most`` as usual, outside of that it warns.

    Under ``blocks_under`` or over ``blocks_over`` it can hardly be true, and blocks; without them never.
    """

    least: float
    most: float
    blocks_under: float = -inf
    blocks_over: float = inf

    def is_absurd(self, value: float, of_rows: float) -> bool:
        """Whether a figure that was made of so many rows is to block."""
        return of_rows >= LEAST_ABSURD_ROWS and not self.blocks_under <= value <= self.blocks_over


@dataclass(frozen=True, slots=True)
class AsUsual:
    """What the figures of a topic's slice are held to.

    ``volume`` is a date's rows as a multiple of the same weekday's, the others are shares of rows: ``late``
    those received over an hour after they happened, ``stale`` over the topic's retention after it,
    ``flagged`` by the streams, ``unknown`` those that name what never landed.
    """

    volume: Usual = Usual(0.5, 2.0, blocks_over=10)
    late: Usual = Usual(0, 0.25)
    stale: Usual = Usual(0, 0.05, blocks_over=0.5)
    flagged: Usual = Usual(0, 0.2, blocks_over=0.5)
    unknown: Usual = Usual(0, 0.05, blocks_over=0.5)


WHOLE_DAYS = AsUsual(volume=Usual(0.5, 2.0, blocks_under=0.1, blocks_over=10))
"""Of topics without whose rows a day's figures are wrong, where positions only make them vaguer."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a topic's slice is held to, beyond the contract that each event has passed.

    ``event_time`` is the column that says when a row's event happened. Where ``is_by_file``, a file that
    fails stays out alone and the rest goes on: figures then know of fewer positions. Without some of its
    orders or scans a figure would be a wrong one, so of those the whole slice waits, and the build with it.
    """

    event_time: str
    not_null: tuple[str, ...]
    bounds: tuple[Bounds, ...] = ()
    links: tuple[Link, ...] = ()
    is_by_file: bool = False
    as_usual: AsUsual = AsUsual()


@dataclass(frozen=True, slots=True)
class Broken:
    """One expectation that rows break: how many of how many, some of the values, some of the rows.

    A sample is a row's ``PLACE``, its event id and its values of the columns in question.
    """

    expectation: str
    subject: str
    rows: int
    of_rows: int
    values: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...] = ()

    def __str__(self) -> str:
        return (
            f"{self.expectation} of {self.subject}: {self.rows} of {self.of_rows} rows "
            f"({100 * self.rows / self.of_rows:.3g} %) break it, such as {', '.join(self.values)}"
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found; ``failures`` says in words, with figures, what is wrong.

    ``outliers`` says what is implausible and yet too little to block anything. ``broken`` has the
    figures of both, and ``page`` is their Data Docs as HTML, empty where there is nothing to say.
    ``is_absurd`` says of an unusual slice that it can't be true, ``kept_out`` which files stay out alone,
    ``not_accepted`` why they stay out though somebody accepted what waits.
    """

    check: str
    rows: int
    failures: tuple[str, ...] = ()
    outliers: tuple[str, ...] = ()
    broken: tuple[Broken, ...] = ()
    page: str = ""
    is_absurd: bool = False
    kept_out: str = ""
    not_accepted: str = ""

    @property
    def has_passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.failures

    @property
    def blocks(self) -> bool:
        """Whether the whole slice has to stay out: what is unusual and may well be true only warns."""
        return self.is_bad and not self.kept_out

    @property
    def is_bad(self) -> bool:
        """Whether something in the slice has to stay out."""
        return not self.has_passed and (self.check != AS_USUAL_CHECK or self.is_absurd)


EXPECTED: dict[str, Expected] = {
    "gps.fixes": Expected(
        "fix_at",
        ("event_id", "vehicle_id", "fix_at", "received_at", "lat_deg", "lon_deg", "h3_cell"),
        (Bounds("speed_mps", 0, 90), Bounds("lat_deg", -90, 90), Bounds("lon_deg", -180, 180)),
        (Link("vehicle_id", VEHICLES.name),),
        is_by_file=True,
    ),
    "vehicle.telemetry": Expected(
        "measured_at",
        ("event_id", "vehicle_id", "measured_at", "received_at"),
        (Bounds("fuel_used_l", 0, 1e7), Bounds("energy_used_kwh", 0, 1e8), Bounds("odometer_m", 0, 5e9)),
        (Link("vehicle_id", VEHICLES.name),),
        is_by_file=True,
    ),
    "delivery.scans": Expected(
        "scanned_at",
        ("event_id", "kind", "scanned_at", "received_at"),
        (Bounds("attempt_number", 1, 50),),
        (Link("vehicle_id", VEHICLES.name), Link("order_id", ORDERS.name)),
        as_usual=WHOLE_DAYS,
    ),
    "delivery.orders": Expected(
        "ordered_at",
        ("event_id", "order_id", "depot_id", "kind", "ordered_at", "received_at"),
        as_usual=WHOLE_DAYS,
    ),
}
"""By topic; the others are held to their manifest alone."""


def check_manifest(lake: Path, found: Slice) -> Outcome:
    """Every file of the manifest is there, whole, with as many rows as its line says."""
    rows, failures = 0, []
    for path in found.paths:
        try:
            rows += pq.read_metadata(lake / path).num_rows
        except (OSError, pa.ArrowInvalid) as error:
            failures.append(f"{path}: {error}")
    if not failures and rows != found.rows:
        failures.append(f"the files hold {rows} rows, the manifest says {found.rows}")
    return Outcome(MANIFEST_CHECK, rows, tuple(failures))


def read_slice(lake: Path, found: Slice) -> "pd.DataFrame":
    """All rows of a slice for the checks, scalars alone, with the topic id of their file."""
    scalar = [
        field.name for field in arrow_schema(BY_NAME[found.topic]) if not pa.types.is_nested(field.type)
    ]
    tables = []
    for path, topic_id in zip(found.paths, found.topic_ids, strict=True):
        table = pq.ParquetFile(lake / path).read()
        table = table.select([name for name in scalar if name in table.column_names])
        tables.append(table.append_column("topic_id", pa.array([topic_id] * table.num_rows, pa.string())))
    frame: pd.DataFrame = pa.concat_tables(tables, promote_options="default").to_pandas()
    return frame
