"""A small lake on disk, made of events through the product's own landing shape, and models built over it."""

import csv
import re
import shutil
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq

from assets.due import ranges_of
from assets.hours import hours_to_build
from assets.lake_source import LakeSource
from assets.ledger import dates_to_build, mark_built, mark_passed, open_ledger, register, unpassed
from assets.models.load import load_project
from assets.models.project import DateRange
from assets.models.runner import Runner, Tested
from assets.pseudonyms import pseudonym, set_key
from assets.slice_checks import Link
from assets.sql_models import build_ranges
from streams.codec import encode
from streams.events.base import Event
from streams.events.judgements import ClockTick
from streams.keys import key_of
from streams.lake.chunk import Chunk
from streams.lake.files import file_path
from streams.lake.manifest import LandedFile, append_entries, read_manifest
from streams.lake.rows import to_rows
from streams.topics import BY_NAME, DEPOTS, TOPICS, Topic
from tests.models.events import DAY

MODELS = Path(__file__).parents[2] / "dbt_like_models"
PROJECT = load_project(MODELS)
KEY = bytes(range(32))
with (MODELS / "seeds" / "assumptions.csv").open(newline="") as seed:
    LEAST_SAMPLE = next(
        int(row["value"]) for row in csv.DictReader(seed) if row["assumption"] == "least_sample"
    )


def driver(driver_id: str) -> str:
    """What stands for a driver in the warehouse."""
    return pseudonym(KEY, "driver", driver_id)


def customer(customer_ref: str) -> str:
    """What stands for a customer in the warehouse."""
    return pseudonym(KEY, "customer", customer_ref)


_MODELS = {model.name: model for model in PROJECT.models}
_TABLE = re.compile(r"\b(?:seeds|staging|intermediate|marts)\.(\w+)")


@cache
def made_of(*names: str) -> frozenset[str]:
    """These models and all that they are made of."""
    return frozenset(names).union(*(made_of(one) for name in names for one in _MODELS[name].refs))


def nothing_landed(_link: Link, _named: Collection[str]) -> None:
    """Of no topic that is linked to has any id landed."""


def topic_of(event: Event) -> Topic:
    """The topic that carries events of this type."""
    return next(topic for topic in TOPICS if topic.event is type(event))


@dataclass
class Lake:
    """Events land here in the order given, on partition 0, each call in files of its own."""

    root: Path
    offsets: dict[str, int] = field(default_factory=dict)

    def land(self, *events: Event, appended_at: datetime = datetime(2026, 3, 2, 23, tzinfo=UTC)) -> None:
        """One file for each topic among ``events``."""
        by_topic: dict[str, list[Event]] = {}
        for event in events:
            by_topic.setdefault(topic_of(event).name, []).append(event)
        for name, group in by_topic.items():
            keys = [b"" if isinstance(event, ClockTick) else key_of(event).encode() for event in group]
            self.land_values(BY_NAME[name], [encode(event) for event in group], appended_at, keys=keys)

    def land_values(
        self,
        topic: Topic,
        values: Sequence[bytes],
        appended_at: datetime,
        headers: tuple[tuple[str, bytes | None], ...] = (),
        keys: Sequence[bytes | None] | None = None,
    ) -> None:
        """One file of raw record values."""
        first = self.offsets.get(topic.name, 0)
        at_ms = int(appended_at.timestamp() * 1000)
        chunk = Chunk(
            topic.name,
            0,
            np.arange(first, first + len(values)),
            np.full(len(values), at_ms),
            list(keys or [None] * len(values)),
            list(values),
            [headers] * len(values),
        )
        rows = to_rows(topic, chunk)
        last = first + len(values) - 1
        path = file_path(chunk, "topicid").as_posix()
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / "_manifest").mkdir(exist_ok=True)
        pq.write_table(rows.table, self.root / path)
        entry = LandedFile(
            topic=topic.name,
            path=path,
            topic_id="topicid",
            partition=0,
            first_offset=first,
            last_offset=last,
            rows=rows.table.num_rows,
            rejected=rows.rejected,
            event_dates=rows.event_dates,
            size_bytes=1,
        )
        append_entries(self.root, topic.name, [entry])
        self.offsets[topic.name] = last + 1


@dataclass
class Warehouse:
    """All models built over a lake, without Dagster."""

    lake: Path
    time_zone: str = "UTC"
    database: str = ":memory:"

    def __post_init__(self) -> None:
        self.connection = duckdb.connect(self.database)
        # A handful of rows wants no second thread: it takes twice as long.
        self.connection.execute("set TimeZone = 'UTC'; set threads = 1")
        open_ledger(self.connection)
        set_key(self.connection, KEY)
        resolve = LakeSource(self.connection, self.lake, self.time_zone).resolve
        self.runner = Runner(self.connection, PROJECT, resolve, {"time_zone": self.time_zone})

    def build(self, first: str, last: str | None = None, models: Iterable[str] | None = None) -> "Warehouse":
        """Build all models, or those named, for service dates ``first`` to ``last``."""
        self.take_in()
        return self.make(DateRange(date.fromisoformat(first), date.fromisoformat(last or first)), models)

    def take_in(self) -> None:
        """Take note of what landed, as passed."""
        self.register()
        for source in PROJECT.sources:
            mark_passed(self.connection, unpassed(self.connection, source.topic))

    def make(self, dates: DateRange, models: Iterable[str] | None) -> "Warehouse":
        """Build all models, or those named, of what was taken in."""
        for model in PROJECT.models:
            if models is None or model.name in models:
                self.runner.build(model, dates)
        return self

    def build_what_is_due(self, models: Iterable[str] | None = None) -> str:
        """Build as the command does: the dates and hours that no build has covered. Says which dates."""
        self.take_in()
        there = self.rows("select 1 from duckdb_tables() where table_name = 'int_service_dates'")
        built = self.rows("select service_date from intermediate.int_service_dates") if there else []
        ranges = ranges_of(dates_to_build(self.connection)[1], {row[0] for row in built})  # type: ignore[misc]
        parts = [(dates, hours_to_build(self.runner, dates)) for dates in ranges]
        for model in PROJECT.models:
            if models is None or model.name in models:
                build_ranges(self.runner, model, parts)
        for dates in ranges:
            mark_built(self.connection, dates)
        return ", ".join(map(str, ranges))

    def register(self) -> "Warehouse":
        """Take note of what landed; none of it has passed its checks."""
        depots = read_manifest(self.lake, DEPOTS.name)
        for source in PROJECT.sources:
            files = read_manifest(self.lake, source.topic)
            register(self.connection, self.lake, source, files, depots, self.time_zone)
        return self

    def broken_tests(self) -> list[Tested]:
        """The SQL tests that don't hold."""
        return [tested for test in PROJECT.tests if (tested := self.runner.test(test)).failures]

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """The rows of a query."""
        return self.connection.execute(sql).fetchall()

    def kpi(self, kpi_id: str, segment: str = "all", value: str = "all") -> dict[str, object]:
        """A KPI's sums over all service dates: numerator, denominator, excluded, unknown."""
        names = ("numerator", "denominator", "excluded", "unknown")
        sums = ", ".join(f"sum({name})" for name in names)
        row = self.connection.execute(
            f"select {sums} from marts.kpi_daily where kpi_id = ? and segment = ? and segment_value = ?",
            [kpi_id, segment, value],
        ).fetchall()[0]
        return dict(zip(names, row, strict=True))


class Mould:
    """A lake and a warehouse, made once for all tests of a file, of which each test has a copy."""

    def __init__(self, lake: Lake, build: Callable[[Warehouse], object]) -> None:
        self.lake = lake
        self.database = lake.root.with_name("mould.duckdb")
        warehouse = Warehouse(lake.root, database=str(self.database))
        build(warehouse)
        warehouse.connection.close()

    def lake_in(self, folder: Path) -> Lake:
        """A copy of the lake."""
        shutil.copytree(self.lake.root, folder / "lake")
        return Lake(folder / "lake", dict(self.lake.offsets))

    def warehouse_over(self, lake: Lake) -> Warehouse:
        """A copy of the warehouse, over a copy of the lake."""
        database = shutil.copy(self.database, lake.root.with_name("warehouse.duckdb"))
        return Warehouse(lake.root, database=str(database))


@dataclass
class OnDemand(Warehouse):
    """Over one range of dates, a model is built when a query first names it, with all that it is made of.

    Most tests read one or two of a hundred. Who asks the connection itself asks for the ``whole`` before.
    """

    first: str = DAY
    last: str | None = None
    built: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.take_in()

    def whole(self) -> "OnDemand":
        """All models are built."""
        return self.provide(model.name for model in PROJECT.models)

    def provide(self, names: Iterable[str]) -> "OnDemand":
        """These models are built, and those that they are made of."""
        wanted = made_of(*names)
        first = date.fromisoformat(self.first)
        last = date.fromisoformat(self.last or self.first)
        self.make(DateRange(first, last), wanted - self.built)
        self.built |= wanted
        return self

    def broken_tests(self) -> list[Tested]:
        return Warehouse.broken_tests(self.whole())

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        self.provide(name for name in _TABLE.findall(sql) if name in _MODELS)
        return super().rows(sql)

    def kpi(self, kpi_id: str, segment: str = "all", value: str = "all") -> dict[str, object]:
        self.provide(["kpi_daily"])
        return super().kpi(kpi_id, segment, value)
