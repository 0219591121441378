import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from routing.changes import AlternativeKind
from routing.errors import ContractError
from streams.codec import decode, encode
from streams.dispatch.answer import no_answer
from streams.events.dispatch import Choice, Proposal
from streams.worker.solving import Requests, SolverDesk, SolverDied, SolverPool
from tests.streams.worker import solvers
from tests.streams.worker.requests import request


async def solve(pool: SolverPool, *requests: bytes) -> list[bytes]:
    try:
        return [await pool.solve(each) for each in requests]
    finally:
        pool.close()


def test_the_solver_answers_from_one_process_of_its_own() -> None:
    async def scenario() -> list[bytes]:
        return await solve(SolverPool(solvers.process_id, 20.0), b"1", b"2")

    first, second = asyncio.run(scenario())

    assert first == second
    assert int(first) != os.getpid()


def test_a_solver_that_dies_is_started_anew_and_asked_again(tmp_path: Path) -> None:
    async def scenario() -> list[bytes]:
        return await solve(SolverPool(solvers.die_once, 20.0), str(tmp_path / "died").encode())

    assert asyncio.run(scenario()) == [b"at the second attempt"]


def test_a_solver_that_always_dies_is_given_up() -> None:
    async def scenario() -> None:
        await solve(SolverPool(solvers.die, 20.0), b"1")

    with pytest.raises(SolverDied, match="2 times"):
        asyncio.run(scenario())


@pytest.mark.parametrize(("solver", "timeout_s"), [(solvers.die, 20.0), (solvers.sleep, 3.0)])
def test_where_the_solver_dies_or_is_late_the_fallback_answers(
    solver: Callable[[bytes], bytes], timeout_s: float
) -> None:
    pool = SolverPool(solver, timeout_s, solvers.answer)

    assert asyncio.run(solve(pool, b"1")) == [b"answer to 1"]


def test_a_solver_that_takes_too_long_is_ended() -> None:
    async def scenario() -> None:
        await solve(SolverPool(solvers.sleep, 0.5), b"1")

    started_s = time.monotonic()
    with pytest.raises(SolverDied):
        asyncio.run(scenario())
    assert time.monotonic() - started_s < 10


def test_the_solver_ends_when_the_worker_is_killed() -> None:
    program = (
        "import asyncio, os, sys\n"
        "from streams.worker.solving import SolverPool\n"
        "from tests.streams.worker import solvers\n"
        "async def main():\n"
        "    pool = SolverPool(solvers.process_id, 20.0)\n"
        "    print((await pool.solve(b'')).decode(), flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "if __name__ == '__main__':\n"
        "    asyncio.run(main())\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    with worker:
        assert worker.stdout is not None
        solver_pid = int(worker.stdout.readline())

        worker.send_signal(signal.SIGKILL)
        worker.wait()

    is_gone = is_gone_within(solver_pid, 5.0)
    if not is_gone:
        os.kill(solver_pid, signal.SIGKILL)
    assert is_gone


def is_gone_within(pid: int, timeout_s: float) -> bool:
    deadline_s = time.monotonic() + timeout_s
    while time.monotonic() < deadline_s:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":  # ended, and nobody has asked for its exit code
            return True
        time.sleep(0.05)
    return False


class Desk:
    """A desk whose solver answers when it is told to."""

    def __init__(self, longest: int = 1_000_000) -> None:
        self.longest = longest
        self.asked: list[asyncio.Future[bytes]] = []
        self.published: list[tuple[str, bytes]] = []
        self.failures: list[BaseException] = []
        self.desk = SolverDesk(self._solve, self._publish, self.failures.append)

    def consider(self, partition: int, pending: Requests, judge: str = "dispatch") -> None:
        self.desk.consider((judge, partition), pending)

    async def _solve(self, request: bytes) -> bytes:
        self.asked.append(asyncio.get_running_loop().create_future())
        return await self.asked[-1]

    async def _publish(self, depot_id: str, proposal: bytes) -> None:
        if len(proposal) > self.longest:
            raise ContractError("too large")
        self.published.append((depot_id, proposal))


async def turn() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_a_request_is_solved_once_however_often_it_is_seen() -> None:
    async def scenario() -> Desk:
        desk = Desk()
        for _ in range(3):
            desk.consider(0, (request("r1"),))
            await turn()
        desk.asked[0].set_result(b"proposal")
        await turn()
        desk.consider(0, (request("r1"),))
        await turn()
        return desk

    desk = asyncio.run(scenario())

    assert len(desk.asked) == 1
    assert desk.published == [("depot", b"proposal")]


def test_a_judge_without_requests_takes_nothing_from_another_of_the_same_number() -> None:
    async def scenario() -> Desk:
        desk = Desk()
        desk.consider(0, (request("r1"),))
        await turn()
        desk.consider(0, (), judge="fleet")
        desk.asked[0].set_result(b"proposal")
        await turn()
        return desk

    desk = asyncio.run(scenario())

    assert desk.published == [("depot", b"proposal")]


def test_the_oldest_request_goes_first_and_the_next_when_it_is_done() -> None:
    async def scenario() -> Desk:
        desk = Desk()
        desk.consider(0, (request("r1", "first"),))
        desk.consider(1, (request("r3", "third", "09:20"),))
        desk.consider(2, (request("r2", "second", "09:10"),))
        for number in range(3):
            await turn()
            desk.asked[number].set_result(b"proposal")
        await turn()
        return desk

    desk = asyncio.run(scenario())

    assert [depot_id for depot_id, _ in desk.published] == ["first", "second", "third"]


def test_what_dispatch_gave_up_is_neither_begun_nor_published() -> None:
    async def scenario() -> Desk:
        desk = Desk()
        desk.consider(0, (request("r1"), request("r2", "other")))
        await turn()
        desk.consider(0, ())
        desk.asked[0].set_result(b"proposal")
        await turn()
        return desk

    desk = asyncio.run(scenario())

    assert len(desk.asked) == 1
    assert desk.published == []


@pytest.mark.parametrize("error", [SolverDied("it died"), OverflowError("it died")])
def test_a_solver_that_fails_is_answered_for_with_its_reason(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> Desk:
        desk = Desk()
        desk.consider(0, (request("r1"),))
        await turn()
        desk.asked[0].set_exception(error)
        await turn()
        return desk

    desk = asyncio.run(scenario())

    ((depot_id, published),) = desk.published
    proposal = decode(Proposal, published)
    assert (depot_id, proposal.request_id, proposal.routes) == ("depot", "r1", ())
    assert proposal.effects.reasons == ("the request can't be planned: it died",)
    assert desk.failures == []
    assert "request r1 of depot depot has no plan" in caplog.text


def published_with_room_for(longest: int, solved: Proposal) -> tuple[Proposal, Desk]:
    async def scenario() -> Desk:
        desk = Desk(longest)
        desk.consider(0, (request("r1"),))
        await turn()
        desk.asked[0].set_result(encode(solved))
        await turn()
        return desk

    desk = asyncio.run(scenario())
    ((_, published),) = desk.published
    return decode(Proposal, published), desk


def solved_with_choices() -> Proposal:
    choice = Choice(
        kind=AlternativeKind.NOTHING,
        words="do nothing",
        outlook="x" * 2_000,
        is_proposed=False,
        price_delta_s=0.0,
        duration_delta_s=0.0,
        distance_delta_m=0.0,
        cost_delta=0.0,
        co2e_delta_kg=0.0,
        lateness_delta_s=0.0,
    )
    return replace(no_answer(request("r1"), "y" * 1_000), choices=(choice,))


def test_choices_that_make_a_proposal_too_large_are_left_out_and_the_proposal_goes_out() -> None:
    solved = solved_with_choices()

    published, desk = published_with_room_for(3_000, solved)

    assert published.effects == solved.effects
    assert published.choices == ()
    assert published.choices_note == "what else could be done made the proposal too long: too large"
    assert desk.failures == []


def test_a_proposal_that_its_topic_cannot_take_is_answered_for_with_the_reason() -> None:
    published, desk = published_with_room_for(1_000, solved_with_choices())

    assert published.effects.reasons == ("the request can't be planned: too large",)
    assert desk.failures == []


def test_the_work_of_a_partition_that_went_elsewhere_is_left_to_others() -> None:
    async def scenario() -> Desk:
        desk = Desk()
        desk.consider(0, (request("r1"),))
        await turn()
        desk.desk.forget(("dispatch", 0))
        desk.asked[0].set_result(b"proposal")
        await turn()
        return desk

    assert asyncio.run(scenario()).published == []
