"""One run: a fleet's history, its last day, an hour more, a late event; then the same by other means."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter

import duckdb
from msgspec.structs import replace

from assets.models.load import load_project
from assets.models.project import DateRange
from pipelines.bench.streams.cores import Cores
from pipelines.bench.streams.machine import describe_machine, load_now
from pipelines.bench.warehouse.built import build, subset_s
from pipelines.bench.warehouse.by_hand import statements
from pipelines.bench.warehouse.compared import differing_vehicles, same_marts
from pipelines.bench.warehouse.dbt import dbt_beside, run_project, write_project
from pipelines.bench.warehouse.figures import (
    DAY,
    HISTORY,
    HOUR,
    LATE,
    BuildRun,
    FramesRun,
    ScriptRun,
    WarehouseFigures,
)
from pipelines.bench.warehouse.fleet import SHIFT_H, TIME_ZONE, Scale, Span
from pipelines.bench.warehouse.lake import Lake
from pipelines.bench.warehouse.measured import measure
from pipelines.settings import Settings
from pipelines.wiring import MODELS, warehouse_of
from routing.errors import DoorstepError
from streams.lake.manifest import read_manifest
from streams.topics import GPS_FIXES

PACKAGES = ("duckdb", "dagster", "great-expectations", "pandas", "pyarrow")
DAYS_A_FILE = 15
CUTOVER_H = 3
WITHIN_S = 600.0
STARTS = 5
ENGINES = ("duckdb", "polars", "pandas")


@dataclass(frozen=True, slots=True)
class Wish:
    """What to measure, where to put it, and where the Python of polars is."""

    scale: Scale
    folder: Path
    peers_python: Path


@dataclass(slots=True)
class Bench:
    """The run; what failed beside our own builds is named in ``left_out``."""

    wish: Wish
    say: Callable[[str], None]
    left_out: list[str] = field(default_factory=list)

    def measure(self) -> WarehouseFigures:
        """All figures. Raises ``DoorstepError`` where a build of ours fails."""
        scale, settings = self.wish.scale, Settings(home=self.wish.folder / "home")
        machine = describe_machine(Cores(None, ()), datetime.now(UTC), load_now())
        lake, began_s = Lake(settings.lake, scale), perf_counter()
        self.say(f"landing {scale.days - 1} thinned days")
        fixes = _land_history(lake)
        builds = [self._build(settings, HISTORY, fixes)]
        before, before_dbt = self._copy(settings, "by_hand"), self._copy(settings, "dbt")
        self.say(f"landing the day, {scale.fixes:,} fixes")
        fixes = lake.live(Span(scale.last, scale.last, 0, SHIFT_H - 1, is_thinned=False))
        generated_s = perf_counter() - began_s - sum(run.wall_s for run in builds)
        builds.append(self._build(settings, DAY, fixes))
        script = None
        with self._named("the SQL by hand"):
            script = self._by_hand(settings, builds[-1], before)
        dbt = None
        with self._named("dbt-duckdb"):
            dbt = self._dbt(settings, builds[-1], before_dbt)
        frames = tuple(self._frames(settings))
        fixes = lake.live(Span(scale.last, scale.last, SHIFT_H - 1, SHIFT_H, is_thinned=False))
        builds.append(self._build(settings, HOUR, fixes))
        lake.come_late(max(scale.first, scale.last - timedelta(days=7)))
        builds.append(self._build(settings, LATE, 0))
        return WarehouseFigures(
            machine=replace(machine, packages={name: version(name) for name in PACKAGES}),
            vehicles=scale.vehicles,
            orders=scale.orders,
            fixes=scale.fixes,
            days=scale.days,
            seed=scale.seed,
            generated_s=generated_s,
            builds=tuple(builds),
            warehouse_bytes=settings.warehouse.stat().st_size,
            published_bytes=settings.published.stat().st_size,
            script=script,
            subset_s=subset_s(next(run for run in builds if run.what == DAY)),
            frames=frames,
            import_s=_import_s(),
            left_out=tuple(self.left_out),
            dbt=dbt,
        )

    def _build(self, settings: Settings, what: str, fixes: int) -> BuildRun:
        self.say(f"doorstep build: {what}")
        return build(settings, what, fixes)

    @contextmanager
    def _named(self, what: str) -> Iterator[None]:
        try:
            yield
        except (DoorstepError, duckdb.Error) as error:
            self.left_out.append(f"{what}: {error}")

    def _copy(self, settings: Settings, name: str) -> Path:
        """The warehouse as it is before the day, for another to build."""
        copy = self.wish.folder / f"{name}.duckdb"
        shutil.copy(settings.warehouse, copy)
        return copy

    def _by_hand(self, settings: Settings, built: BuildRun, before: Path) -> ScriptRun:
        self.say("the same SQL by hand")
        project, script = load_project(MODELS), self.wish.folder / "by_hand.json"
        output = self.wish.folder / "by_hand_marts.duckdb"
        warehouse = warehouse_of(settings)
        with warehouse.connect() as connection:
            found = list(statements(warehouse.runner(connection, project), dates_of(built.dates)))
        script.write_text(json.dumps(found), encoding="utf-8")
        command = [sys.executable, "-m", "pipelines.bench.warehouse.by_hand"]
        measured = measure(
            [*command, str(before), str(script), str(settings.pseudonym_key), str(output)], {}, WITHIN_S
        )
        marts = [model.name for model in project.models if model.layer == "marts"]
        return ScriptRun(
            statements=len(found),
            wall_s=measured.wall_s,
            cpu_s=measured.cpu_s,
            peak_bytes=measured.peak_bytes,
            marts=len(marts),
            same=same_marts(settings.published, output, marts),
        )

    def _dbt(self, settings: Settings, built: BuildRun, before: Path) -> ScriptRun:
        dbt = dbt_beside(self.wish.peers_python)
        if not dbt.exists():
            raise DoorstepError(f"there is no {dbt}; `make bench` makes it")
        self.say("the same models through dbt-duckdb")
        project, warehouse = load_project(MODELS), warehouse_of(settings)
        with warehouse.connect() as connection:
            runner = warehouse.runner(connection, project)
            dates, folder = dates_of(built.dates), self.wish.folder / "dbt"
            models = write_project(folder, runner, dates, before, settings.pseudonym_key)
        measured = run_project(dbt, folder, WITHIN_S)
        marts = [model.name for model in project.models if model.layer == "marts"]
        return ScriptRun(
            statements=models,
            wall_s=measured.wall_s,
            cpu_s=measured.cpu_s,
            peak_bytes=measured.peak_bytes,
            marts=len(marts),
            same=same_marts(settings.published, before, marts),
        )

    def _frames(self, settings: Settings) -> Iterator[FramesRun]:
        """The subset by each engine, held against our own tables."""
        ours, wish = _our_subset(settings, self.wish.scale.last), self.wish.folder / "frames.json"
        files = [str(settings.lake / path) for path in _files_of(settings.lake, self.wish.scale.last)]
        asked = {
            "files": files,
            "day": self.wish.scale.last.isoformat(),
            "zone": TIME_ZONE,
            "cutover_hour": CUTOVER_H,
        }
        wish.write_text(json.dumps(asked), encoding="utf-8")
        for engine in ENGINES:
            python = self.wish.peers_python if engine == "polars" else Path(sys.executable)
            if not python.exists():
                self.left_out.append(f"{engine}: there is no {python}; `make bench` makes it")
                continue
            self.say(f"the subset by {engine}")
            with self._named(engine):
                command = [str(python), "-m", "pipelines.bench.peers.frames", engine, str(wish)]
                measured = measure(command, {}, WITHIN_S)
                said = json.loads(measured.said)
                yield FramesRun(
                    name=engine,
                    engine_s=said["seconds"],
                    wall_s=measured.wall_s,
                    cpu_s=measured.cpu_s,
                    peak_bytes=measured.peak_bytes,
                    vehicles=len(ours),
                    differing=differing_vehicles(ours, said["vehicles"]),
                )


def dates_of(told: str) -> DateRange:
    """From the first to the last of the dates in what a build said of its ranges."""
    dates = [date.fromisoformat(word) for word in told.replace(",", "").split() if word != "to"]
    return DateRange(dates[0], dates[-1])


def _land_history(lake: Lake) -> int:
    """All days but the last, some days a file."""
    lake.begin()
    first, fixes = lake.scale.first, 0
    while first < lake.scale.last:
        last = min(first + timedelta(days=DAYS_A_FILE), lake.scale.last) - timedelta(days=1)
        fixes += lake.live(Span(first, last))
        first = last + timedelta(days=1)
    return fixes


def _files_of(lake: Path, day: date) -> Iterator[str]:
    for file in read_manifest(lake, GPS_FIXES.name):
        if any(found == day for found, _ in file.event_dates):
            yield file.path


def _our_subset(settings: Settings, day: date) -> dict[str, tuple[float, ...]]:
    """By vehicle: legs within the day, their metres but of gaps, and minutes seen, of the warehouse."""
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        found = connection.execute(
            """
            with legs as (
                select vehicle_id, count(*) as legs, sum(if(is_gap, 0, distance_m)) as metres
                from intermediate.int_legs
                where service_date = $day and started_at >= (
                    select min(fix_at) from staging.stg_gps_fixes where service_date = $day
                )
                group by vehicle_id
            )
            select vehicle_id, legs, metres, count(*) as minutes
            from legs join intermediate.int_observed_minutes using (vehicle_id)
            where service_date = $day
            group by all
            """,
            {"day": day},
        ).fetchall()
    return {row[0]: tuple(map(float, row[1:])) for row in found}


def _import_s() -> float:
    """Seconds until the command line has said which commands there are, the middle of some starts."""
    command = [sys.executable, "-m", "pipelines", "--help"]
    return median(measure(command, {}, WITHIN_S).wall_s for _ in range(STARTS))
