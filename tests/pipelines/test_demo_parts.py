"""The demo's parts: its folder, its children, its counting."""

import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from pipelines.demo.children import ChildFailed, Children
from pipelines.demo.progress import Snapshot, as_line, tally
from pipelines.demo.workspace import empty, fresh_workspace
from routing.errors import ConfigurationError
from streams.events.dispatch import Outcome, OutcomeStatus
from streams.events.judgements import DelayEvent, DelayPhase, DelayRule

NOON = datetime(2026, 10, 13, 12, tzinfo=UTC)
SOME_ID = UUID(int=1)


def outcome(status: OutcomeStatus, plan_revision: int | None = None) -> Outcome:
    return Outcome(
        event_id=SOME_ID,
        source="test",
        depot_id="d",
        command_id="auto:p",
        proposal_id="p",
        status=status,
        decided_at=NOON,
        reason="",
        plan_revision=plan_revision,
    )


def delay(phase: DelayPhase) -> DelayEvent:
    return DelayEvent(
        event_id=SOME_ID,
        source="test",
        alert_id="a",
        depot_id="d",
        vehicle_id="v",
        shift_id="s",
        stop_id="x",
        rule=DelayRule.LATE,
        phase=phase,
        judged_at=NOON,
        delay_s=600,
        cause="traffic",
        evidence="",
        p50_at=NOON,
        p90_at=NOON,
        closes_at=NOON,
    )


def test_the_day_plan_is_not_counted_as_an_accepted_proposal() -> None:
    counts = tally(Snapshot(), outcome(OutcomeStatus.ACCEPTED, plan_revision=1))

    counts = tally(counts, outcome(OutcomeStatus.ACCEPTED, plan_revision=2))

    assert counts.proposals_accepted == 1


def test_raised_and_cleared_delays_are_counted_apart() -> None:
    counts = Snapshot()

    for phase in (DelayPhase.RAISED, DelayPhase.UPDATED, DelayPhase.RAISED, DelayPhase.CLEARED):
        counts = tally(counts, delay(phase))

    assert (counts.delays_raised, counts.delays_cleared) == (2, 1)
    assert "2 delays (1 cleared)" in as_line(counts)


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_text("keep me")

    with pytest.raises(ConfigurationError, match="was not made by the demo"), fresh_workspace(tmp_path):
        pass

    assert precious.read_text() == "keep me"


def test_what_an_earlier_demo_left_is_removed(tmp_path: Path) -> None:
    home = tmp_path / "demo"
    with fresh_workspace(home):
        (home / "lake").mkdir()
        (home / "link").symlink_to(home / "lake")

    with fresh_workspace(home):
        empty(home)

        assert [entry.name for entry in home.iterdir()] == [".doorstep-demo"]


def test_a_second_demo_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with (
        fresh_workspace(tmp_path / "demo"),
        pytest.raises(ConfigurationError, match="another demo is running"),
        fresh_workspace(tmp_path / "demo"),
    ):
        pass


def test_children_are_stopped_on_the_way_out_whatever_happened(tmp_path: Path) -> None:
    children = Children(tmp_path, {})
    child = children.start("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"])

    with pytest.raises(KeyboardInterrupt), children:
        raise KeyboardInterrupt

    assert child.process.poll() == -signal.SIGTERM


def test_a_child_that_fails_says_its_last_words(tmp_path: Path) -> None:
    with Children(tmp_path, {}) as children, pytest.raises(ChildFailed, match=r"code 3(.|\n)*out of fuel"):
        children.run("van", [sys.executable, "-c", "print('out of fuel'); raise SystemExit(3)"])


def test_a_child_that_ignores_the_request_to_stop_is_killed_with_its_own_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.demo.children.STOP_WITHIN_S", 0.3)
    ignoring = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    stubborn = f"import signal, time; {ignoring}; print('up', flush=True); time.sleep(60)"
    with Children(tmp_path, {}) as children:
        child = children.start("stubborn", [sys.executable, "-c", stubborn])
        deadline = time.monotonic() + 10
        while not child.has_said("up") and time.monotonic() < deadline:
            time.sleep(0.02)

    assert child.process.poll() == -signal.SIGKILL


def test_an_impatient_second_ctrl_c_leaves_no_child_behind(tmp_path: Path) -> None:
    on_sigterm = "signal.signal(signal.SIGTERM, lambda *_: time.sleep(1) or exit())"
    patient = f"import signal, time; {on_sigterm}; print('up', flush=True); time.sleep(60)"
    children = Children(tmp_path, {})
    running = [children.start(f"part-{n}", [sys.executable, "-c", patient]) for n in range(2)]
    while not all(child.has_said("up") for child in running):
        time.sleep(0.02)
    impatience = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))

    impatience.start()
    with pytest.raises(KeyboardInterrupt):
        children.stop()

    assert [child.process.poll() for child in running] == [0, 0]
