"""What one vehicle, one stop, one event id cost, each as the difference of two fleets alike in all else."""

import subprocess
import sys

import msgspec

from pipelines.bench.streams.figures import MemoryFigure
from routing.errors import DoorstepError

WITHIN_S = 120.0
IDS = 262_144
"""As many as the judge surely knows: half of the places of its table."""


class Fleet(msgspec.Struct, frozen=True, kw_only=True):
    """What the judge is told."""

    vehicles: int
    fixes_each: int
    stops: int = 0
    """Of each vehicle's route; 0: it has none."""
    is_telemetry: bool = False
    """Telemetry in the place of fixes, of which also the times are remembered."""


def measure_memory(scale: float) -> list[MemoryFigure]:
    """All figures; ``scale`` shrinks the fleets for a quick look, and makes the figures coarse."""

    def n(count: int) -> int:
        return max(20, int(count * scale))

    few = 20
    return [
        _difference(
            "vehicle without a plan, 1 fix",
            n(20_000) - few,
            Fleet(vehicles=n(20_000), fixes_each=1),
            Fleet(vehicles=few, fixes_each=n(20_000) // few),
        ),
        _difference(
            "vehicle without a plan, 60 fixes",
            n(5_000) - few,
            Fleet(vehicles=n(5_000), fixes_each=60),
            Fleet(vehicles=few, fixes_each=n(5_000) * 60 // few),
        ),
        _difference(
            "remaining stop",
            n(2_000) * 50,
            Fleet(vehicles=n(2_000), fixes_each=1, stops=60),
            Fleet(vehicles=n(2_000), fixes_each=1, stops=10),
        ),
        _difference(
            "event id",
            n(IDS) // few * few - few,
            Fleet(vehicles=few, fixes_each=n(IDS) // few, is_telemetry=True),
            Fleet(vehicles=few, fixes_each=1, is_telemetry=True),
        ),
    ]


def _difference(what: str, count: int, more: Fleet, less: Fleet) -> MemoryFigure:
    return MemoryFigure(what=what, count=count, bytes_each=(_held(more) - _held(less)) / max(1, count))


def _held(fleet: Fleet) -> int:
    command = [
        sys.executable,
        "-m",
        "pipelines.bench.streams.memory_probe",
        msgspec.json.encode(fleet).decode(),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=WITHIN_S)
    except subprocess.TimeoutExpired as error:
        raise DoorstepError(f"the memory probe of {fleet} took more than {WITHIN_S:.0f} s") from error
    if done.returncode != 0:
        raise DoorstepError(f"the memory probe of {fleet} failed: {done.stderr[-2000:]}")
    return int(done.stdout)
