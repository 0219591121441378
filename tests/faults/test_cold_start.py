"""A worker's first start after its code has changed."""

import subprocess
import sys


def test_nothing_is_left_to_compile_once_a_worker_has_partitions() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.after_rehearsal"],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )

    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr
