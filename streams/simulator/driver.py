"""A driver as a state machine over simulated time: loads, drives the plan, serves, comes home.

    OFF_DUTY ─► LOADING ─► READY ─► DRIVING ─► WAITING ─► SERVING ─► LEAVING ─► DRIVING … ─► HOME
                   ▲                 ▲   │                                                    │
                   │                 │   ▼                                                    │
                   │               STANDING (breakdown)                                       │
                   └──────────────── parcels of the plan are still at the depot ◄─────────────┘

Parcels that a later plan gives to a van on the road are fetched after its round: nobody can
deliver what is not on board.
"""

from collections.abc import Callable, Set
from dataclasses import replace
from datetime import datetime, timedelta

from routing.plan import Route, Stop
from routing.travel import TravelTimes
from streams.simulator import fate
from streams.simulator.dice import dice, lognormal
from streams.simulator.duty import AT_DEPOT, Driver, Happening, Phase, What, World
from streams.simulator.roads import streets

STRETCH_S = 10.0
"""How long a speed is held; then the street, the lights or the queue are others."""

LOADING_S, LONGEST_PARCEL_S = 840.0, 45.0
RELOAD_S = 420.0
OVERTIME = timedelta(minutes=45)
"""How long after the end of a shift a driver still begins a leg to a customer."""

RED_LIGHT_SHARE = 0.12
STRETCHES_OF_RHYTHM = 24

Step = tuple[Driver, tuple[Happening, ...]]


def follow(driver: Driver, route: Route, revision: int, travel: TravelTimes) -> Step:
    """Take over a newer plan: after the stop that is being driven to or served, its order counts."""
    current = driver.stop.stop_id if driver.stop is not None else None
    queue = tuple(
        visit.stop
        for visit in route.visits
        if visit.stop.stop_id not in driver.finished and visit.stop.stop_id != current
    )
    driver = replace(driver, queue=queue, revision=revision)
    if driver.phase not in AT_DEPOT:
        return driver, ()
    driver, happened = _put_back(driver)
    if driver.phase is Phase.HOME:
        return _reload(driver), happened
    driver = replace(driver, leaves_at=_leave_time(driver, route, travel))
    if driver.phase is Phase.READY or (queue and driver.phase is Phase.OFF_DUTY):
        phase = Phase.LOADING if driver.phase is Phase.READY else Phase.OFF_DUTY
        driver = replace(driver, phase=phase, phase_ends_at=driver.loading_starts_at)
    return driver, happened


def advance(driver: Driver, until: datetime, world: World, at_depot: Set[str]) -> Step:
    """Move ``driver`` to its next change, or to ``until`` if that is earlier.

    ``at_depot`` holds the orders whose parcels are at the depot and can be loaded.
    """
    if driver.phase_ends_at is None or driver.phase_ends_at > until:
        return _elapse(driver, until), ()
    driver = _elapse(driver, max(driver.now_at, driver.phase_ends_at))
    return _CHANGES[driver.phase](driver, world, at_depot)


def _elapse(driver: Driver, at: datetime) -> Driver:
    """Let time pass within the phase; on the road, the van moves on."""
    if driver.phase is not Phase.DRIVING or driver.path is None:
        return replace(driver, now_at=at)
    step_m = driver.speed_mps * (at - driver.now_at).total_seconds()
    along_m = min(driver.path.length_m, driver.along_m + step_m)
    place, heading_deg = driver.path.at(along_m)
    return replace(
        driver,
        now_at=at,
        place=place,
        heading_deg=heading_deg,
        along_m=along_m,
        driven_m=driver.driven_m + (along_m - driver.along_m),
    )


def _begin_loading(driver: Driver, world: World, at_depot: Set[str]) -> Step:
    if not driver.queue:
        return replace(driver, phase_ends_at=None), ()
    return replace(driver, phase=Phase.LOADING, phase_ends_at=driver.now_at), ()


def _load_next(driver: Driver, world: World, at_depot: Set[str]) -> Step:
    """One order after the other, until all that is at the depot is on board."""
    missing = [
        (stop, order_id) for stop in driver.queue for order_id in stop.order_ids if order_id in at_depot
    ]
    if not missing:
        leaves_at = max(driver.now_at, driver.leaves_at or driver.now_at)
        return replace(driver, phase=Phase.READY, phase_ends_at=leaves_at), ()
    stop, order_id = missing[0]
    orders = sum(len(stop.order_ids) for stop in driver.queue)
    pause_s = min(LONGEST_PARCEL_S, LOADING_S / orders)
    driver = replace(
        driver,
        on_board=driver.on_board | {order_id},
        phase_ends_at=driver.now_at + timedelta(seconds=pause_s),
    )
    return driver, (Happening(What.LOADED, driver.now_at, stop, order_id),)


def _depart(driver: Driver, world: World, at_depot: Set[str]) -> Step:
    if not driver.on_board:
        return replace(driver, phase=Phase.OFF_DUTY, phase_ends_at=None), ()
    driver, _ = _next_leg(driver, world, at_depot)
    return driver, (Happening(What.DEPARTED, driver.now_at),)


def _next_leg(driver: Driver, world: World, at_depot: Set[str]) -> Step:
    """Set out for the first stop of the queue whose parcels are on board, else for home."""
    is_over = driver.now_at > driver.shift.ends_at + OVERTIME
    served = () if is_over else (stop for stop in driver.queue if _is_on_board(driver, stop))
    stop = next(iter(served), None)
    target = world.city.plane.point(driver.shift.end if stop is None else stop.location)
    generator = dice(world.city.seed, driver.shift.shift_id, "leg", driver.legs)
    mood = lognormal(generator, 1.0, 0.08) * driver.person.pace / (1 - RED_LIGHT_SHARE)
    rhythm = tuple(
        0.0 if generator.random() < RED_LIGHT_SHARE else mood * generator.uniform(0.7, 1.3)
        for _ in range(STRETCHES_OF_RHYTHM - 1)
    )
    driver = replace(
        driver,
        stop=stop,
        queue=tuple(other for other in driver.queue if other is not stop),
        path=streets(driver.place, target, world.city.grid_rad, generator),
        along_m=0.0,
        legs=driver.legs + 1,
        stretches=0,
        rhythm=(mood, *rhythm),
    )
    return _next_stretch(driver, world), ()


def _next_stretch(driver: Driver, world: World) -> Driver:
    """The speed of the next seconds, cut short where the leg ends."""
    usual_mps = world.traffic.speed_mps(driver.place, driver.now_at)
    speed_mps = usual_mps * driver.rhythm[driver.stretches % len(driver.rhythm)]
    left_m = driver.path.length_m - driver.along_m if driver.path is not None else 0.0
    lasts_s = min(STRETCH_S, left_m / speed_mps) if speed_mps > 0 else STRETCH_S
    return replace(
        driver,
        phase=Phase.DRIVING,
        phase_ends_at=driver.now_at + timedelta(seconds=lasts_s),
        speed_mps=speed_mps,
        stretches=driver.stretches + 1,
    )


def _drive_on(driver: Driver, world: World, at_depot: Set[str]) -> Step:
    if driver.path is None or driver.path.length_m - driver.along_m < 0.5:
        return _arrive(driver, world)
    if driver.breakdown is not None and driver.now_at >= driver.breakdown.due_at:
        standing = replace(
            driver,
            phase=Phase.STANDING,
            phase_ends_at=driver.now_at + timedelta(seconds=driver.breakdown.lasts_s),
            fault_code=driver.breakdown.fault_code,
            breakdown=None,
            speed_mps=0.0,
        )
        return standing, (Happening(What.BROKE_DOWN, driver.now_at),)
    return _next_stretch(driver, world), ()


def _repaired(driver: Driver, world: World, at_depot: Set[str]) -> Step:
    driver = _next_stretch(replace(driver, fault_code=None), world)
    return driver, (Happening(What.REPAIRED, driver.now_at),)


def _arrive(driver: Driver, world: World) -> Step:
    target = world.city.plane.point(driver.shift.end if driver.stop is None else driver.stop.location)
    driver = replace(driver, place=target, path=None, along_m=0.0, speed_mps=0.0)
    if driver.stop is None:
        return _come_home(driver)
    happened = (Happening(What.ARRIVED, driver.now_at, driver.stop),)
    window = driver.stop.window
    if window is not None and driver.now_at < window.opens_at:
        return replace(driver, phase=Phase.WAITING, phase_ends_at=window.opens_at), happened
    return _begin_service(driver, world, frozenset())[0], happened


def _begin_service(driver: Driver, world: World, at_depot: Set[str]) -> Step:
    seed, stop = world.city.seed, _here(driver)
    if fate.failure_at_door(seed, stop.stop_id) is None:
        lasts_s = stop.service_s * driver.person.service_pace * fate.service_factor(seed, stop.stop_id)
    else:
        lasts_s = dice(seed, stop.stop_id, "closed door").uniform(120, 300)
    ends_at = driver.now_at + timedelta(seconds=max(30.0, lasts_s))
    return replace(driver, phase=Phase.SERVING, phase_ends_at=ends_at), ()


def _end_service(driver: Driver, world: World, at_depot: Set[str]) -> Step:
    """The scanner's moment; the driver is still at the door."""
    stop = _here(driver)
    reason = fate.failure_at_door(world.city.seed, stop.stop_id)
    brought = [order_id for order_id in stop.order_ids if order_id in driver.on_board]
    what = What.DELIVERED if reason is None else What.FAILED
    happened = tuple(Happening(what, driver.now_at, stop, order_id, reason) for order_id in brought)
    walk_s = dice(world.city.seed, stop.stop_id, "walk").uniform(15, 60)
    driver = replace(
        driver,
        phase=Phase.LEAVING,
        phase_ends_at=driver.now_at + timedelta(seconds=walk_s),
        on_board=driver.on_board if reason is not None else driver.on_board - set(brought),
        finished=driver.finished | {stop.stop_id},
    )
    return driver, happened


def _leave(driver: Driver, world: World, at_depot: Set[str]) -> Step:
    left = Happening(What.LEFT, driver.now_at, driver.stop)
    driver, _ = _next_leg(replace(driver, stop=None), world, at_depot)
    return driver, (left,)


def _come_home(driver: Driver) -> Step:
    """Hand back what was not delivered."""
    returned = tuple(
        Happening(What.RETURNED, driver.now_at, None, order_id) for order_id in sorted(driver.on_board)
    )
    home = replace(driver, phase=Phase.HOME, phase_ends_at=None, on_board=frozenset(), leaves_at=None)
    return _reload(home), (*returned, Happening(What.CAME_HOME, driver.now_at))


def _reload(driver: Driver) -> Driver:
    """Plan a second round while the shift lasts and the plan holds more."""
    if not driver.queue or driver.now_at > driver.shift.ends_at:
        return driver
    return replace(driver, phase_ends_at=driver.now_at + timedelta(seconds=RELOAD_S))


def _load_again(driver: Driver, world: World, at_depot: Set[str]) -> Step:
    if not any(order_id in at_depot for stop in driver.queue for order_id in stop.order_ids):
        return replace(driver, phase_ends_at=None), ()
    return replace(driver, phase=Phase.LOADING, phase_ends_at=driver.now_at), ()


def _put_back(driver: Driver) -> Step:
    """At the depot, what the plan gives to somebody else is taken off the van again."""
    wanted = {order_id for stop in driver.queue for order_id in stop.order_ids}
    off = sorted(driver.on_board - wanted)
    happened = tuple(Happening(What.UNLOADED, driver.now_at, None, order_id) for order_id in off)
    return replace(driver, on_board=driver.on_board & wanted), happened


def _leave_time(driver: Driver, route: Route, travel: TravelTimes) -> datetime:
    """The plan's departure, but not before the driver is there."""
    ready_at = driver.shift.starts_at + timedelta(seconds=driver.late_start_s)
    if not route.visits:
        return ready_at
    first = route.visits[0]
    _, leg_s = travel.leg(driver.shift.start, first.stop.location, driver.shift.starts_at)
    return max(ready_at, first.arrive_at - timedelta(seconds=leg_s))


def _is_on_board(driver: Driver, stop: Stop) -> bool:
    return any(order_id in driver.on_board for order_id in stop.order_ids)


def _here(driver: Driver) -> Stop:
    if driver.stop is None:
        raise ValueError(f"driver of {driver.shift.shift_id} is {driver.phase} without a stop")
    return driver.stop


_CHANGES: dict[Phase, Callable[[Driver, World, Set[str]], Step]] = {
    Phase.OFF_DUTY: _begin_loading,
    Phase.LOADING: _load_next,
    Phase.READY: _depart,
    Phase.DRIVING: _drive_on,
    Phase.STANDING: _repaired,
    Phase.WAITING: _begin_service,
    Phase.SERVING: _end_service,
    Phase.LEAVING: _leave,
    Phase.HOME: _load_again,
}
"""What comes at the end of each phase."""
