"""``doorstep demo`` as a newcomer runs it, smaller and faster."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.kafka]

SMALL = ("--vehicles=6", "--orders=60", "--speed=1800")
STOPS_WITHIN_S = 30.0


def start_demo(home: Path) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if name != "KAFKA_BOOTSTRAP_SERVERS"}
    return subprocess.Popen(
        [sys.executable, "-m", "pipelines", "demo", f"--home={home}", *SMALL],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def processes_of(home: Path) -> list[str]:
    """Command lines of the running processes that work in ``home``."""
    found = []
    for process in psutil.process_iter():
        try:
            line = " ".join(process.cmdline())
            if str(home) in line or process.environ().get("DOORSTEP_HOME") == str(home):
                found.append(line)
        except psutil.Error:
            continue  # it has ended meanwhile, or is not ours to look at
    return found


def test_the_demo_ends_with_kpis_a_report_and_what_to_type_next(tmp_path: Path) -> None:
    home = tmp_path / "demo"

    demo = start_demo(home)
    said, _ = demo.communicate(timeout=240)

    assert demo.returncode == 0, said
    for words in ("on_time_rate", "cost_per_mile", "co2e_per_delivery", "kpi.duckdb", "What next"):
        assert words in said
    assert "<svg" in (home / "report" / "index.html").read_text()
    assert processes_of(home) == []


def test_ctrl_c_leaves_no_process_behind_and_the_next_run_works(tmp_path: Path) -> None:
    home = tmp_path / "demo"
    demo = start_demo(home)
    log = home / "logs" / "simulator.log"
    deadline_s = time.monotonic() + 120
    while not (log.exists() and log.read_text()):
        assert demo.poll() is None, demo.communicate()[0]
        assert time.monotonic() < deadline_s
        time.sleep(0.2)

    demo.send_signal(signal.SIGINT)
    said, _ = demo.communicate(timeout=STOPS_WITHIN_S)

    assert demo.returncode == 130, said
    assert "Nothing is left running" in said
    assert processes_of(home) == []
    again = start_demo(home)
    time.sleep(3.0)
    again.send_signal(signal.SIGINT)
    said, _ = again.communicate(timeout=STOPS_WITHIN_S)
    assert again.returncode == 130, said
    assert processes_of(home) == []
