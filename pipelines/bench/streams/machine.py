"""The machine that figures belong to."""

import os
import platform
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from pipelines.bench.streams.cores import Cores
from pipelines.bench.streams.figures import Machine

PACKAGES = (
    "faust-streaming",
    "aiokafka",
    "confluent-kafka",
    "msgspec",
    "numpy",
    "numba",
    "pyarrow",
    "duckdb",
)


def load_now() -> float:
    """How many processes wanted a core in the last minute."""
    return os.getloadavg()[0]


def describe_machine(cores: Cores, now: datetime, load_before: float) -> Machine:
    """This machine, its Python and the packages that matter here; its load as it was before the run."""
    return Machine(
        measured_on=now.date().isoformat(),
        cpu=_cpu_name(),
        cores=os.cpu_count() or 1,
        memory_gib=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        system=f"{platform.system()} {platform.release().split('-')[0]}",
        python=platform.python_version(),
        packages={name: version(name) for name in PACKAGES},
        is_pinned=cores.is_pinned,
        load_before=round(load_before, 1),
    )


def _cpu_name() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
