"""The worker as a process: it says when it is ready, stops when asked, and never hangs."""

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from streams.worker.app import Worker

log = logging.getLogger(__name__)

STOP_WITHIN_S = 9.0
EXIT_FAILED = 1


def serve(build: Callable[[], Worker]) -> int:
    """Run the worker that ``build`` makes until SIGTERM, SIGINT or a failure; the exit code.

    Kafka's clients wait for a lost broker without end, and not all of Faust's threads hear of a
    stop: so the process ends ``STOP_WITHIN_S`` after it was asked to, come what may.
    """
    return asyncio.run(_serve(build))


async def _serve(build: Callable[[], Worker]) -> int:
    stop_requested = asyncio.Event()
    _listen_for_stop(asyncio.get_running_loop(), stop_requested)
    worker = build()
    app = worker.app
    running = asyncio.create_task(_run(worker))
    stopping = asyncio.create_task(stop_requested.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    try:
        if running.done():
            running.result()
            return _report_crash(app.crash_reason)
        await worker.lanes.close()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await app.stop()
        return 0
    except Exception as error:
        return _report_crash(error)
    finally:
        worker.pool.close()
        stopping.cancel()


async def _run(worker: Worker) -> None:
    """Until the app has crashed."""
    await worker.app.start()
    await worker.app.wait_until_stopped()


def _report_crash(reason: BaseException | None) -> int:
    """A crash loses nothing, as the checkpoints stand; so end at once rather than by Faust's order."""
    log.critical("the worker stops: %s", reason, exc_info=reason)
    _end_now(EXIT_FAILED)
    return EXIT_FAILED


def _listen_for_stop(loop: asyncio.AbstractEventLoop, stop_requested: asyncio.Event) -> None:
    def on_signal(number: int, frame: FrameType | None) -> None:
        if not stop_requested.is_set():
            deadline = threading.Timer(STOP_WITHIN_S, _give_up)
            deadline.daemon = True
            deadline.start()
        loop.call_soon_threadsafe(stop_requested.set)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)


def _give_up() -> None:
    print(
        f"doorstep: the worker did not stop within {STOP_WITHIN_S:.0f} s and is ended; "
        "the next one goes on from its last checkpoint",
        file=sys.stderr,
        flush=True,
    )
    _end_now(EXIT_FAILED)


def _end_now(code: int) -> None:
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
