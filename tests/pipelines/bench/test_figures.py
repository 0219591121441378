import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.bench.streams.cores import Cores, started_on
from pipelines.bench.streams.figures import Figures
from pipelines.bench.streams.processes import CpuWatch, cpu_of
from pipelines.bench.streams.tables import tables
from tests.pipelines.bench.figures import MACHINE, run


def test_the_ratio_is_by_cpu_seconds() -> None:
    figures = Figures(machine=MACHINE, singles=[run("Doorstep", 1.0), run("other", 3.0)])

    throughput = next(table for table in tables(figures) if table.title == "One event a message")

    assert [row[-1] for row in throughput.rows] == ["1.00x", "3.00x"]


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="there is no /proc")
def test_cpu_of_a_busy_process_grows_between_two_moments() -> None:
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
        try:
            watch = CpuWatch(busy.pid)
            began_s = time.time()
            deadline_s = time.monotonic() + 20
            while cpu_of(busy.pid).total_s < 0.3 and time.monotonic() < deadline_s:
                time.sleep(0.05)
            ended_s = time.time()
            watch.stop()
        finally:
            busy.kill()

    assert (watch.at(ended_s) - watch.at(began_s)).total_s > 0.1


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="cores can't be chosen here")
def test_what_is_started_has_the_core_and_the_starter_keeps_its_own() -> None:
    before = os.sched_getaffinity(0)
    core = max(before)
    program = "import os; print(sorted(os.sched_getaffinity(0)))"

    with started_on({core}):
        started = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert started.stdout.strip() == str([core])
    assert os.sched_getaffinity(0) == before


def test_without_a_second_core_nothing_is_pinned() -> None:
    assert not Cores(None, (0,)).is_pinned
