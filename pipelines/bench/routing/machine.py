"""The machine of a benchmark of routing, with the packages that matter there."""

import os
from datetime import UTC, datetime
from importlib.metadata import version

from msgspec.structs import replace

from pipelines.bench.streams.cores import Cores
from pipelines.bench.streams.figures import Machine
from pipelines.bench.streams.machine import describe_machine

PACKAGES = ("pyvrp", "ortools", "numpy", "numba")


def routing_machine(load_before: float) -> Machine:
    """This machine now; nothing is pinned, ``load_before`` is the load before the run."""
    cores = Cores(None, tuple(sorted(os.sched_getaffinity(0))))
    machine = describe_machine(cores, datetime.now(UTC), load_before)
    return replace(machine, packages={name: version(name) for name in PACKAGES})
