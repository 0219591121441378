"""All figures of one run, as they stand in its JSON file."""

from msgspec import Struct

OWN_NAME = "Doorstep"
"""The worker's name among the contestants."""


class Machine(Struct, frozen=True, kw_only=True):
    """Where and when it was measured."""

    measured_on: str
    cpu: str
    cores: int
    memory_gib: float
    system: str
    python: str
    packages: dict[str, str]
    is_pinned: bool
    load_before: float
    """Processes that wanted a core when the run began, as the system says; above 0 others disturbed it."""


class LogFigures(Struct, frozen=True, kw_only=True):
    """What was on the topics, and how long it took to make. ``lasts_s`` is simulated time."""

    vehicles: int
    stops: int
    seed: int
    events: int
    messages: int
    fixes: int
    telemetry: int
    scans: int
    value_bytes: int
    duplicates: int
    late: int
    lasts_s: int
    took_s: float


class Throughput(Struct, frozen=True, kw_only=True):
    """One contestant on one log: what it read in the measured part, and what that cost."""

    name: str
    log_events: int
    events: int
    messages: int
    wall_s: float
    user_s: float
    system_s: float

    @property
    def cpu_s(self) -> float:
        """CPU seconds of the process with all its threads."""
        return self.user_s + self.system_s

    @property
    def per_wall_s(self) -> float:
        """Events a second of wall time."""
        return self.events / self.wall_s

    @property
    def per_cpu_s(self) -> float:
        """Events a CPU second of the consumer."""
        return self.events / max(self.cpu_s, 0.01)

    @property
    def system_share(self) -> float:
        """How much of its CPU time was spent in the kernel."""
        return self.system_s / max(self.cpu_s, 0.01)


class Agreement(Struct, frozen=True, kw_only=True):
    """What two contestants said of the same log, by vehicle and stop.

    ``same``: both say it, no further apart than ``tolerance_s`` (``None``: times are not compared);
    ``apart``: both say it, further apart. The rest is said by one of them alone.
    """

    name: str
    what: str
    log_events: int
    tolerance_s: float | None
    same: int
    apart: int
    only_here: int
    only_in_reference: int
    largest_gap_s: float


class Latency(Struct, frozen=True, kw_only=True):
    """From the append of a cause to the append of what was said of it, and to a reader's hands; ms."""

    what: str
    count: int
    append_p50_ms: float
    append_p99_ms: float
    hands_p50_ms: float
    hands_p99_ms: float


class LatencyRun(Struct, frozen=True, kw_only=True):
    """All latencies at one load."""

    wanted_per_s: float
    sent_per_s: float
    lasted_s: float
    latencies: list[Latency]


class MemoryFigure(Struct, frozen=True, kw_only=True):
    """What one thing costs in the judge's state, resident bytes."""

    what: str
    count: int
    bytes_each: float


class Inside(Struct, frozen=True, kw_only=True):
    """What one event costs the judge alone, microseconds of CPU, and how many messages were said in all."""

    events: int
    vehicles: int
    read_us: float
    without_routes_us: float
    with_routes_us: float
    told_us: float
    said: int


class Scaling(Struct, frozen=True, kw_only=True):
    """The worker with a fleet of one size."""

    vehicles: int
    stops: int
    run: Throughput
    resident_mb: float
    peak_mb: float


class Figures(Struct, frozen=True, kw_only=True):
    """One run."""

    machine: Machine
    log: LogFigures | None = None
    batch_log: LogFigures | None = None
    singles: list[Throughput] = []
    batches: list[Throughput] = []
    agreements: list[Agreement] = []
    latency: LatencyRun | None = None
    memory: list[MemoryFigure] = []
    inside: Inside | None = None
    scaling: list[Scaling] = []
    left_out: list[str] = []
