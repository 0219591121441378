"""The figures of landing, as they stand in their JSON file."""

from msgspec import Struct

from pipelines.bench.streams.figures import Machine

OWN, DUCKDB, POLARS = "Doorstep", "DuckDB", "polars"
BATCH = 20
SINGLES = "Kafka to Parquet, one fix a message"
BATCHES = f"Kafka to Parquet, {BATCH} fixes a message"
FROM_ARROW = "Arrow in memory to Parquet"
FROM_JSON = "JSON to Parquet"


class Writing(Struct, frozen=True, kw_only=True):
    """One way to Parquet: what it wrote, the best of some repetitions, and what that cost."""

    task: str
    name: str
    rows: int
    wall_s: float
    cpu_s: float
    size_bytes: int

    @property
    def per_wall_s(self) -> float:
        """Rows a second of wall time."""
        return self.rows / self.wall_s

    @property
    def per_cpu_s(self) -> float:
        """Rows a CPU second of the process with all its threads."""
        return self.rows / self.cpu_s


class Stage(Struct, frozen=True, kw_only=True):
    """One step of landing on its own."""

    what: str
    cpu_us_a_row: float


class LandingFigures(Struct, frozen=True, kw_only=True):
    """One run."""

    machine: Machine
    runs: list[Writing]
    stages: list[Stage]
    left_out: list[str]
