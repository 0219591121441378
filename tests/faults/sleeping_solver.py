"""``doorstep worker`` with a solver that never comes back, and little patience for it.

Run as a process of its own: ``python -m tests.faults.sleeping_solver``; it takes the worker's options.
"""

import time

from pipelines.commands import worker
from streams.worker import app

PATIENCE_S = 1.0


def sleep_on_it(request: bytes) -> bytes:
    """Nothing, for a day."""
    time.sleep(86_400)
    return request


def main() -> None:
    app.SOLVE_WITHIN_S = PATIENCE_S
    worker.answer_bytes = sleep_on_it
    worker.command()


if __name__ == "__main__":
    main()
