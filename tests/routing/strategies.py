"""Random small days for property tests, with every constraint that a plan knows."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from routing.plan import Break, Route, Shift, Stop, StopKind, TimeWindow
from routing.problem import Problem
from routing.schedule import schedule_route
from routing.travel import StraightLine
from tests.factories import DAY, at, place, shift, stop, vehicle

places = st.builds(place, st.integers(-9000, 9000), st.integers(-9000, 9000))
travels = st.builds(
    StraightLine,
    st.sampled_from([1.0, 1.4]),
    st.one_of(
        st.just((10.0,) * 24),
        st.lists(st.sampled_from([4.0, 8.0, 12.0]), min_size=24, max_size=24).map(tuple),
    ),
)


@st.composite
def windows(draw: DrawFn) -> TimeWindow:
    """Between 07:00 and 19:00, from no time at all to six hours long."""
    opens_at = at("07:00") + timedelta(minutes=draw(st.integers(0, 360)))
    return TimeWindow(opens_at, opens_at + timedelta(minutes=draw(st.integers(0, 360))))


@st.composite
def other_windows(draw: DrawFn, first: TimeWindow | None) -> tuple[TimeWindow, ...]:
    """Mostly none, else one or two after ``first``, right behind it or hours later."""
    found: list[TimeWindow] = []
    last = first
    while last is not None and len(found) < 2 and draw(st.sampled_from([False, False, True])):
        opens_at = last.closes_at + timedelta(minutes=draw(st.sampled_from([0, 5, 90])))
        last = TimeWindow(opens_at, opens_at + timedelta(minutes=draw(st.integers(0, 120))))
        found.append(last)
    return tuple(found)


@st.composite
def stops(draw: DrawFn, stop_id: str) -> Stop:
    window = draw(st.one_of(st.none(), windows()))
    kind = draw(st.sampled_from(StopKind))
    return replace(
        stop(stop_id),
        location=draw(places),
        window=window,
        other_windows=draw(other_windows(window)),
        service_s=draw(st.sampled_from([0.0, 60.0, 1800.0, 0.07])),
        packages=draw(st.integers(0, 4)),
        weight_kg=draw(st.sampled_from([0.0, 0.1, 7.3])),
        kind=kind,
        released_at=draw(releases()) if kind is StopKind.DELIVER else None,
        volume_m3=draw(st.sampled_from([0.0, 0.3])),
        requires=draw(st.sampled_from([(), (), ("cool",), ("cool", "lift")])),
        priority=draw(st.sampled_from([0, 0, 1])),
        skip_price=draw(st.sampled_from([None, None, None, 0.5, 30.0])),
    )


@st.composite
def releases(draw: DrawFn) -> datetime | None:
    """Mostly none, else from before any shift begins to after most have ended."""
    minutes = draw(st.sampled_from([None, None, None, -60, 45, 150, 400]))
    return None if minutes is None else at("07:00") + timedelta(minutes=minutes)


@st.composite
def shifts(draw: DrawFn, shift_id: str) -> Shift:
    starts_at = at("07:00") + timedelta(minutes=draw(st.integers(0, 180)))
    is_priced = draw(st.booleans())
    van = vehicle(
        f"v-{shift_id}",
        packages=draw(st.integers(0, 10)),
        kg=draw(st.sampled_from([7.3, 7.4, 100.0])),
        per_km=0.3 if is_priced else 0.0,
        per_h=draw(st.sampled_from([0.0, 25.0])),
        fixed_cost=draw(st.sampled_from([0.0, 40.0])),
        m3=draw(st.sampled_from([0.6, 100.0])),
        features=draw(st.sampled_from([(), ("cool",), ("cool",)])),
        most_stops=draw(st.sampled_from([None, None, None, 0, 2])),
        most_km=draw(st.sampled_from([None, None, None, 9.0, 25.5])),
        most_h=draw(st.sampled_from([None, None, None, 2.5, 0.9])),
    )
    ends_at = starts_at + timedelta(minutes=draw(st.integers(1, 600)))
    return replace(
        shift(shift_id, vehicle=van, start=draw(places), end=draw(places)),
        starts_at=starts_at,
        ends_at=ends_at,
        skills=draw(st.sampled_from([(), ("lift",)])),
        service_pace=draw(st.sampled_from([1.0, 1.0, 0.5, 1.7])),
        overtime_s=draw(st.sampled_from([0.0, 0.0, 0.0, 600.0, 7200.0])),
        overtime_cost_per_h=draw(st.sampled_from([0.0, 15.0])) if is_priced else 0.0,
        breaks=tuple(draw(st.lists(breaks(), max_size=2))),
    )


@st.composite
def breaks(draw: DrawFn) -> Break:
    """Due between 07:00 and 12:00, for up to an hour; half of them have to begin in time."""
    earliest_at = at("07:00") + timedelta(minutes=draw(st.integers(0, 300)))
    patience = draw(st.one_of(st.none(), st.integers(0, 90)))
    latest_at = None if patience is None else earliest_at + timedelta(minutes=patience)
    return Break(earliest_at, draw(st.sampled_from([60.0, 900.0, 3600.0])), latest_at)


def paired(first: Stop, second: Stop) -> tuple[Stop, Stop]:
    """The two as a pick-up and the delivery of what it loads."""
    pick_up = replace(first, kind=StopKind.PICK_UP, released_at=None)
    load = {"packages": first.packages, "weight_kg": first.weight_kg, "volume_m3": first.volume_m3}
    came_from = {
        "kind": StopKind.DELIVER,
        "picked_up_at": first.stop_id,
        "skip_price": None,
        "released_at": None,
    }
    return pick_up, replace(second, **load, **came_from)  # type: ignore[arg-type]


@st.composite
def days(draw: DrawFn, most_stops: int = 7, most_shifts: int = 3) -> Problem:
    wanted = [draw(stops(f"s{index}")) for index in range(draw(st.integers(0, most_stops)))]
    if len(wanted) > 1 and draw(st.booleans()):
        wanted[:2] = paired(wanted[0], wanted[1])
    return Problem(
        "D1",
        DAY,
        tuple(draw(shifts(f"S{index}")) for index in range(draw(st.integers(1, most_shifts)))),
        tuple(wanted),
        draw(travels),
    )


def drive_somehow(day: Problem, random: Random) -> list[Route]:
    """Every stop on some shift in some order, whatever that breaks."""
    sequences: dict[str, list[Stop]] = {each.shift_id: [] for each in day.shifts}
    for each in random.sample(day.stops, len(day.stops)):
        sequences[random.choice(day.shifts).shift_id].append(each)
    return [schedule_route(each, sequences[each.shift_id], day.travel) for each in day.shifts]
