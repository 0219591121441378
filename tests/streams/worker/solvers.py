"""Solvers for tests, named by module, as the solver's process finds them."""

import os
import signal
import time


def answer(request: bytes) -> bytes:
    return b"answer to " + request


def sleep(request: bytes) -> bytes:
    time.sleep(60)
    return b"too late"


def die(request: bytes) -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return b"never"


def die_once(marker: bytes) -> bytes:
    """Dies unless the file called ``marker`` is there, and leaves it."""
    path = marker.decode()
    if not os.path.exists(path):  # noqa: PTH110
        os.close(os.open(path, os.O_CREAT))
        os.kill(os.getpid(), signal.SIGKILL)
    return b"at the second attempt"


def fail(request: bytes) -> bytes:
    raise ValueError("no such stop")


def process_id(request: bytes) -> bytes:
    return str(os.getpid()).encode()
