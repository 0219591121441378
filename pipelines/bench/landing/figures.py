"""The figures of landing, as they stand in their JSON file."""

from msgspec import Struct

from pipelines.bench.streams.figures import Machine


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


class LandingFigures(Struct, frozen=True, kw_only=True):
    """One run."""

    machine: Machine
    load_before: float
    """Processes that wanted a core when the run began, as the system says; above 0 others disturbed it."""
    runs: list[Writing]
    left_out: list[str]
