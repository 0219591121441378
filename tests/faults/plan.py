"""What is broken, and when: by the share of the stream that has been sent."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.deployment import Deployment, wait_until_ready
from tests.faults.fleet_day import Size


@dataclass(frozen=True, slots=True)
class Fault:
    """Something done to the deployment once so much of the stream has been sent."""

    at_share: float
    act: Callable[[Deployment], None]


@dataclass(frozen=True, slots=True)
class Form:
    """The long form, or the short one that runs with all other tests."""

    size: Size
    sent_within_s: float
    faults: tuple[Fault, ...]
    restarted: Size
    fuzzed: int
    fuzzed_through_a_worker: int
    examples: int
    killed_builds: int
    is_long: bool = False


def kill_worker(deployment: Deployment) -> None:
    """With -9; its successor starts at once."""
    deployment.worker.kill()


def kill_landing(deployment: Deployment) -> None:
    """With -9; its successor starts at once."""
    deployment.landing.kill()


def join(deployment: Deployment) -> None:
    """A second worker shares the work."""
    deployment.second_worker.start()


def leave(deployment: Deployment) -> None:
    """The second worker, once it has its share, is told to stop."""
    wait_until_ready(deployment.second_worker.product)
    code, took_s = deployment.second_worker.stop()
    assert code == 0, deployment.second_worker.log[-2_000:]
    assert took_s < 10.0


def broker_away(seconds: float) -> Callable[[Deployment], None]:
    """The broker is killed with -9, and is back after so long."""

    def take_broker_away(deployment: Deployment) -> None:
        deployment.take_broker_away(seconds)

    return take_broker_away


def _spread(count: int, first: float, last: float, act: Callable[[Deployment], None]) -> tuple[Fault, ...]:
    step = (last - first) / max(1, count - 1)
    return tuple(Fault(first + step * number, act) for number in range(count))


def _in_order(*faults: Fault) -> tuple[Fault, ...]:
    return tuple(sorted(faults, key=lambda fault: fault.at_share))


SHORT = Form(
    size=Size(vehicles=60, fixes=550, every_s=20.0, stops=12),
    sent_within_s=10.0,
    faults=_in_order(
        *_spread(2, 0.40, 0.80, kill_worker),
        *_spread(2, 0.25, 0.75, kill_landing),
        Fault(0.10, broker_away(10.0)),
        Fault(0.12, join),
        Fault(0.30, leave),
    ),
    restarted=Size(vehicles=30, fixes=400, every_s=20.0, stops=10),
    fuzzed=6_000,
    fuzzed_through_a_worker=3_000,
    examples=150,
    killed_builds=2,
)

LONG = Form(
    size=Size(vehicles=300, fixes=1_400, every_s=15.0, stops=25),
    sent_within_s=150.0,
    faults=_in_order(
        *_spread(10, 0.05, 0.95, kill_worker),
        *_spread(10, 0.08, 0.92, kill_landing),
        Fault(0.30, join),
        Fault(0.40, broker_away(3.0)),
        Fault(0.60, broker_away(60.0)),
        Fault(0.70, leave),
    ),
    restarted=Size(vehicles=100, fixes=1_000, every_s=15.0, stops=20),
    fuzzed=100_000,
    fuzzed_through_a_worker=100_000,
    examples=3_000,
    killed_builds=25,
    is_long=True,
)
