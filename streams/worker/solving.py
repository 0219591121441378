"""The solver's place: a process of its own, so that neither events nor time wait for it.

What to solve is read from the dispatch judge's state once its log has been read to the end. That is
one road for both a new request and one that a killed worker left without its proposal.
"""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process

from streams.codec import encode
from streams.events.dispatch import ReoptimizationRequest

log = logging.getLogger(__name__)

Answer = Callable[[bytes], bytes]
"""A module's function, as it travels to the process by name: a request's JSON to its proposal's."""

ATTEMPTS = 2


class SolverDied(Exception):
    """The solver's process died or took too long, at every attempt."""


class SolverPool:
    """One solver process, started when it is first needed and anew when it dies."""

    def __init__(self, answer: Answer, timeout_s: float) -> None:
        self._answer = answer
        self._timeout_s = timeout_s
        self._turn = asyncio.Lock()
        self._pool: ProcessPoolExecutor | None = None

    async def solve(self, request: bytes) -> bytes:
        """The proposal. Raises ``SolverDied``, or what the solver raised."""
        async with self._turn:  # one at a time, so that the timeout measures solving and not waiting
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    return await self._attempt(request)
                except (BrokenProcessPool, TimeoutError) as error:
                    log.warning("solver, attempt %d of %d: %r", attempt, ATTEMPTS, error)
                    self.close()
        raise SolverDied(f"the solver died or took over {self._timeout_s:.0f} s, {ATTEMPTS} times")

    def close(self) -> None:
        """End the process, whatever it is at."""
        pool, self._pool = self._pool, None
        if pool is not None:
            processes = list((pool._processes or {}).values())
            for process in processes:
                process.kill()
            pool.shutdown(wait=False, cancel_futures=True)

    async def _attempt(self, request: bytes) -> bytes:
        if self._pool is None:
            # Spawned: a forked child would share Kafka's sockets and the event loop's threads.
            self._pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=_live_with_parent)
        future = asyncio.get_running_loop().run_in_executor(self._pool, self._answer, request)
        return await asyncio.wait_for(future, self._timeout_s)


class SolverDesk:
    """Knows which requests are being solved: at most one per depot, each once."""

    def __init__(
        self,
        solve: Callable[[bytes], Awaitable[bytes]],
        publish: Callable[[str, bytes], Awaitable[None]],
        fail: Callable[[BaseException], None],
    ) -> None:
        self._solve = solve
        self._publish = publish
        self._fail = fail
        self._started: dict[int, set[str]] = {}
        self._solving: dict[str, asyncio.Task[None]] = {}
        self._partitions: dict[str, int] = {}

    def consider(self, partition: int, pending: tuple[ReoptimizationRequest, ...]) -> None:
        """Start what waits at ``partition`` and has not been started. Returns at once."""
        started = self._started.setdefault(partition, set())
        started.intersection_update([request.request_id for request in pending])
        for request in pending:
            if request.request_id not in started and request.depot_id not in self._solving:
                started.add(request.request_id)
                self._start(partition, request)

    def forget(self, partition: int) -> None:
        """Drop the work of a partition that another worker has now."""
        self._started.pop(partition, None)
        for depot_id, owner in list(self._partitions.items()):
            if owner == partition:
                self._solving[depot_id].cancel()

    def _start(self, partition: int, request: ReoptimizationRequest) -> None:
        task = asyncio.create_task(self._answer(request))
        self._solving[request.depot_id] = task
        self._partitions[request.depot_id] = partition
        task.add_done_callback(lambda done: self._on_done(request.depot_id, done))

    def _on_done(self, depot_id: str, task: asyncio.Task[None]) -> None:
        del self._solving[depot_id], self._partitions[depot_id]
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._fail(error)

    async def _answer(self, request: ReoptimizationRequest) -> None:
        try:
            proposal = await self._solve(encode(request))
        except Exception as error:  # the solver is another process: no fault of its may stop the stream
            log.error(
                "request %s of depot %s has no proposal: %r. The plan in force stays; dispatch gives the "
                "request up when it is overdue, and a worker that starts before then tries it again",
                request.request_id,
                request.depot_id,
                error,
            )
            return
        await self._publish(request.depot_id, proposal)


def _live_with_parent() -> None:
    """In the solver's process: leave Ctrl-C to the worker, and end when the worker has ended.

    A pool's process holds both ends of its own queue, so it would never see that nobody writes.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
