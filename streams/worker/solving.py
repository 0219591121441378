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

from routing.errors import ContractError
from streams.codec import decode, encode
from streams.dispatch.answer import no_answer
from streams.dispatch.choices import without_choices
from streams.events.dispatch import Proposal, ReoptimizationRequest

log = logging.getLogger(__name__)

Requests = tuple[ReoptimizationRequest, ...]
Answer = Callable[[bytes], bytes]
"""A module's function, as it travels to the process by name: a request's JSON to its proposal's."""

ATTEMPTS = 2


class SolverDied(Exception):
    """The solver's process died or took too long, at every attempt."""


class SolverPool:
    """One solver process, started when it is first needed and anew when it dies.

    It is asked one thing at a time, so that the timeout measures solving and not waiting. Where it dies
    or is late at every attempt, ``fallback`` answers, in a process of its own as well.
    """

    def __init__(self, answer: Answer, timeout_s: float, fallback: Answer | None = None) -> None:
        self._answers = [answer] * ATTEMPTS + ([] if fallback is None else [fallback])
        self._timeout_s = timeout_s
        self._pool: ProcessPoolExecutor | None = None

    async def solve(self, request: bytes) -> bytes:
        """The proposal. Raises ``SolverDied``, or what the solver raised."""
        for attempt, answer in enumerate(self._answers, 1):
            try:
                return await self._attempt(answer, request)
            except (BrokenProcessPool, TimeoutError) as error:
                log.warning("solver, attempt %d of %d: %r", attempt, len(self._answers), error)
                self.close()
        raise SolverDied(f"the solver died or took over {self._timeout_s:.0f} s, {len(self._answers)} times")

    def close(self) -> None:
        """End the process, whatever it is at."""
        pool, self._pool = self._pool, None
        if pool is not None:
            processes = list((pool._processes or {}).values())
            for process in processes:
                process.kill()
            pool.shutdown(wait=False, cancel_futures=True)

    async def _attempt(self, answer: Answer, request: bytes) -> bytes:
        if self._pool is None:
            # Spawned: a forked child would share Kafka's sockets and the event loop's threads.
            self._pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=_live_with_parent)
        future = asyncio.get_running_loop().run_in_executor(self._pool, answer, request)
        return await asyncio.wait_for(future, self._timeout_s)


Place = tuple[str, int]
"""A judge's name and its partition number: several judges share a number, each with requests of its own."""


class SolverDesk:
    """Has what waits for a proposal solved, the oldest first, one at a time, each once.

    What dispatch has given up meanwhile is not begun, and not published.
    """

    def __init__(
        self,
        solve: Callable[[bytes], Awaitable[bytes]],
        publish: Callable[[str, bytes], Awaitable[None]],
        fail: Callable[[BaseException], None],
    ) -> None:
        self._solve = solve
        self._publish = publish
        self._fail = fail
        self._pending: dict[Place, dict[str, ReoptimizationRequest]] = {}
        self._begun: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def consider(self, place: Place, pending: Requests) -> None:
        """Take note of what waits at ``place``, all of it, and begin if nothing is being solved."""
        before = self._pending.get(place, {})
        self._pending[place] = {request.request_id: request for request in pending}
        self._begun -= before.keys() - self._pending[place].keys()
        self._begin()

    def forget(self, place: Place) -> None:
        """Leave the work of a place to the worker that has it now."""
        self.consider(place, ())

    def _begin(self) -> None:
        waiting = [
            (request.requested_at, request_id, place)
            for place, requests in self._pending.items()
            for request_id, request in requests.items()
            if request_id not in self._begun
        ]
        if self._task is None and waiting:
            _, request_id, place = min(waiting)
            self._begun.add(request_id)
            self._task = asyncio.create_task(self._answer(place, self._pending[place][request_id]))
            self._task.add_done_callback(self._on_done)

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._task = None
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._fail(error)
        elif not task.cancelled():
            self._begin()

    async def _answer(self, place: Place, request: ReoptimizationRequest) -> None:
        proposal = await self._proposal(request)
        if request.request_id not in self._pending.get(place, {}):
            return
        try:
            await self._publish(request.depot_id, proposal)
        except ContractError as error:  # larger than the topic allows
            await self._publish_shorter(request, proposal, error)

    async def _publish_shorter(
        self, request: ReoptimizationRequest, proposal: bytes, error: ContractError
    ) -> None:
        """Without its choices, or else without its plan."""
        note = f"what else could be done made the proposal too long: {error}"
        try:
            await self._publish(request.depot_id, encode(without_choices(decode(Proposal, proposal), note)))
        except ContractError as still:
            await self._publish(request.depot_id, _without_plan(request, still))

    async def _proposal(self, request: ReoptimizationRequest) -> bytes:
        """The solver's, or an empty one with the reason: dispatch waits for one of them."""
        try:
            return await self._solve(encode(request))
        except Exception as error:  # the solver is another process: no fault of its may stop the stream
            return _without_plan(request, error)


def _without_plan(request: ReoptimizationRequest, error: Exception) -> bytes:
    log.error("request %s of depot %s has no plan: %r", request.request_id, request.depot_id, error)
    return encode(no_answer(request, str(error) or type(error).__name__))


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
