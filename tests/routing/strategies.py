"""Random small days for property tests: windows, kinds, loads, shifts and speeds by hour."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from routing.plan import Route, Shift, Stop, StopKind, TimeWindow
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
def stops(draw: DrawFn, stop_id: str) -> Stop:
    return replace(
        stop(stop_id),
        location=draw(places),
        window=draw(st.one_of(st.none(), windows())),
        service_s=draw(st.sampled_from([0.0, 60.0, 1800.0, 0.07])),
        packages=draw(st.integers(0, 4)),
        weight_kg=draw(st.sampled_from([0.0, 0.1, 7.3])),
        kind=draw(st.sampled_from(StopKind)),
    )


@st.composite
def shifts(draw: DrawFn, shift_id: str) -> Shift:
    starts_at = at("07:00") + timedelta(minutes=draw(st.integers(0, 180)))
    van = vehicle(
        f"v-{shift_id}",
        packages=draw(st.integers(0, 10)),
        kg=draw(st.sampled_from([7.3, 7.4, 100.0])),
        per_km=draw(st.sampled_from([0.0, 0.3])),
        per_h=draw(st.sampled_from([0.0, 25.0])),
        fixed_cost=draw(st.sampled_from([0.0, 40.0])),
    )
    ends_at = starts_at + timedelta(minutes=draw(st.integers(1, 600)))
    return replace(
        shift(shift_id, vehicle=van, start=draw(places), end=draw(places)),
        starts_at=starts_at,
        ends_at=ends_at,
    )


@st.composite
def days(draw: DrawFn, most_stops: int = 7, most_shifts: int = 3) -> Problem:
    return Problem(
        "D1",
        DAY,
        tuple(draw(shifts(f"S{index}")) for index in range(draw(st.integers(1, most_shifts)))),
        tuple(draw(stops(f"s{index}")) for index in range(draw(st.integers(0, most_stops)))),
        draw(travels),
    )


def drive_somehow(day: Problem, random: Random) -> list[Route]:
    """Every stop on some shift in some order, whatever that breaks."""
    sequences: dict[str, list[Stop]] = {each.shift_id: [] for each in day.shifts}
    for each in random.sample(day.stops, len(day.stops)):
        sequences[random.choice(day.shifts).shift_id].append(each)
    return [schedule_route(each, sequences[each.shift_id], day.travel) for each in day.shifts]
