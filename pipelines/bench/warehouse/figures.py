"""The figures of the warehouse, as they stand in their JSON file."""

from msgspec import Struct

from pipelines.bench.streams.figures import Machine

HISTORY, DAY, HOUR, LATE = (
    "the days before, thinned",
    "the day",
    "an hour more of it",
    "a late event's repair",
)

SLICES, MODELS, TESTS = "checks of what landed", "models", "tests of models"
HISTORY_LOG, PUBLISHING = "log of versions and corrections", "publishing"
CHECKS = (SLICES, TESTS)


class Part(Struct, frozen=True, kw_only=True):
    """One part of a build: seconds of wall time."""

    what: str
    seconds: float


class BuildRun(Struct, frozen=True, kw_only=True):
    """One ``doorstep build`` as its own process: what had landed for it, and what it took.

    ``parts`` are of its insides; what they leave of ``wall_s`` is Python's imports, Dagster, the charts of
    the marts and the check of the KPIs.
    ``peak_bytes`` is the most that the process and its children held at once.
    """

    what: str
    fixes: int
    wall_s: float
    cpu_s: float
    peak_bytes: int
    dates: str
    parts: tuple[Part, ...]
    slowest: tuple[Part, ...] = ()

    @property
    def checks_s(self) -> float:
        """Seconds of all checks: of what landed, and of models."""
        return sum(part.seconds for part in self.parts if part.what in CHECKS)

    @property
    def rest_s(self) -> float:
        """Seconds outside all parts."""
        return max(0.0, self.wall_s - sum(part.seconds for part in self.parts))


class ScriptRun(Struct, frozen=True, kw_only=True):
    """The same SQL as one script over a copy of the warehouse; ``same`` of ``marts`` tables are equal."""

    statements: int
    wall_s: float
    cpu_s: float
    peak_bytes: int
    marts: int
    same: int


class FramesRun(Struct, frozen=True, kw_only=True):
    """One contestant at the subset, and how far its answers are from ours: vehicles that differ.

    ``engine_s`` are the seconds of its work alone; ``wall_s`` has Python's start and its imports too.
    """

    name: str
    engine_s: float
    wall_s: float
    cpu_s: float
    peak_bytes: int
    vehicles: int
    differing: int


class WarehouseFigures(Struct, frozen=True, kw_only=True):
    """One run."""

    machine: Machine
    vehicles: int
    orders: int
    fixes: int
    days: int
    seed: int
    generated_s: float
    builds: tuple[BuildRun, ...]
    warehouse_bytes: int
    published_bytes: int
    script: ScriptRun | None
    subset_s: float
    """Seconds that our models of the subset took within the build of the day."""

    frames: tuple[FramesRun, ...]
    import_s: float
    """Seconds from the start of Python to the command line's list of commands, the middle of five."""

    left_out: tuple[str, ...] = ()
    dbt: ScriptRun | None = None
    """The same models through dbt-duckdb; its statements are models."""

    def build(self, what: str) -> BuildRun | None:
        """The build of that name."""
        return next((run for run in self.builds if run.what == what), None)
