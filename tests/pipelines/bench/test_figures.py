import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.bench.streams.agreement import compare
from pipelines.bench.streams.cores import Cores, started_on
from pipelines.bench.streams.figures import Figures, Machine, Throughput
from pipelines.bench.streams.page import BEGIN, END, read_figures, render_performance, write_figures
from pipelines.bench.streams.processes import CpuWatch, cpu_of
from pipelines.bench.streams.tables import tables
from routing.errors import ConfigurationError

ROOT = Path(__file__).parents[3]
MACHINE = Machine(
    measured_on="2026-11-21",
    cpu="a processor",
    cores=2,
    memory_gib=8.0,
    system="Linux",
    python="3.11.7",
    packages={},
    is_pinned=True,
)


def run(name: str, cpu_s: float) -> Throughput:
    return Throughput(
        name=name, log_events=1000, events=900, messages=900, wall_s=2.0, user_s=cpu_s, system_s=0.0
    )


def test_the_page_of_figures_is_written_from_the_json_beside_it() -> None:
    page = (ROOT / "docs/performance.md").read_text(encoding="utf-8")

    written = render_performance(page, read_figures(ROOT / "docs/performance.json"))

    assert written == page, "docs/performance.md is not what its JSON says: run `make docs`"


def test_prose_around_the_figures_is_kept() -> None:
    page = f"# Title\n\n{BEGIN}\nold figures\n{END}\n\nMore prose.\n"

    written = render_performance(page, Figures(machine=MACHINE, singles=[run("Doorstep", 1.0)]))

    assert written.startswith("# Title\n")
    assert written.endswith("\n\nMore prose.\n")
    assert "| Doorstep | 900 | 450 | 900 |" in written
    assert "old figures" not in written


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="has no lines"):
        render_performance("# Title\n", Figures(machine=MACHINE))


def test_figures_survive_their_file(tmp_path: Path) -> None:
    figures = Figures(machine=MACHINE, singles=[run("Doorstep", 1.0)], left_out=["Bytewax: no wheel"])

    write_figures(figures, tmp_path / "figures.json")

    assert read_figures(tmp_path / "figures.json") == figures


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "figures.json").write_text("[]")

    with pytest.raises(ConfigurationError, match="holds no figures"):
        read_figures(tmp_path / "figures.json")


def test_the_ratio_is_by_cpu_seconds() -> None:
    figures = Figures(machine=MACHINE, singles=[run("Doorstep", 1.0), run("other", 3.0)])

    (table,) = tables(figures)

    assert [row[-1] for row in table.rows] == ["1.00x", "3.00x"]


def test_visits_agree_within_the_tolerance() -> None:
    here = {("a", "1"): 100.0, ("a", "2"): 240.0, ("b", "1"): 50.0}
    there = {("a", "1"): 110.0, ("a", "2"): 200.0, ("c", "1"): 50.0}

    found = compare("here", here, "there", there, 1000, tolerance_s=30.0)

    assert (found.common, found.only_here, found.only_in_reference) == (1, 2, 2)
    assert found.largest_gap_s == 40.0


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
