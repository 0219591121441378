import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.bench.streams import own_worker
from pipelines.bench.streams.own_worker import wait_until_ready
from routing.errors import DoorstepError


def saying(code: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


def test_a_worker_that_says_so_is_ready(tmp_path: Path) -> None:
    with saying("print('worker ready: 4 partitions')") as worker:
        wait_until_ready(worker, tmp_path / "worker.log")


def test_a_worker_that_ended_is_told_with_its_last_words(tmp_path: Path) -> None:
    errors = tmp_path / "worker.log"
    errors.write_text("no broker answers")

    with saying("") as worker, pytest.raises(DoorstepError, match="did not start: no broker answers"):
        wait_until_ready(worker, errors)


def test_a_worker_that_says_nothing_is_not_waited_for_forever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_worker, "READY_WITHIN_S", 0.1)
    errors = tmp_path / "worker.log"
    errors.write_text("thinking")

    with saying("import time; time.sleep(3)") as worker:
        with pytest.raises(DoorstepError, match=r"not ready within 0 s: thinking"):
            wait_until_ready(worker, errors)
        worker.kill()
