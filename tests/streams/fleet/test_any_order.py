"""What holds however late what was seen comes."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from streams.events.delivery import ScanKind
from streams.events.judgements import StopVisit, VisitPhase
from tests.factories import at
from tests.streams.fleet.any_day import PLACES, STOPS
from tests.streams.fleet.timeline import Timeline

Moves = list[tuple[float, int]]
"""To so many metres east, and so many seconds there."""


def driven(moves: Moves) -> list[tuple[float, float, float]]:
    """Fixes of a drive: seconds after 07:55, metres east, speed."""
    fixes, passed_s, east_m = [], 0.0, 0.0
    for to_m, stays_s in moves:
        for step in range(1, int(abs(to_m - east_m) / 300) + 1):
            on_way_m = east_m + 300 * step * (1 if to_m > east_m else -1)
            fixes.append((passed_s + 30 * step, on_way_m, 10.0))
        passed_s += abs(to_m - east_m) / 10 + 1
        fixes += [(passed_s + after_s, to_m, 0.0) for after_s in range(0, stays_s + 1, 40)]
        passed_s, east_m = passed_s + stays_s, to_m
    return sorted({round(at_s): (round(at_s), at_m, mps) for at_s, at_m, mps in fixes}.values())


def final_words(
    fixes: list[tuple[float, float, float]], delays_s: list[int], scans: list[tuple[int, str]]
) -> dict[str, tuple[object, ...]]:
    """What is known of each visit at last, if the fixes come so much later."""
    line = Timeline()
    line.route(*STOPS.values())
    arrivals: list[tuple[float, int, Callable[[], object]]] = []
    for number, ((at_s, east_m, speed_mps), delay_s) in enumerate(zip(fixes, delays_s, strict=True)):
        arrivals.append((at_s + delay_s, number, partial(_send, line, at_s, delay_s, east_m, speed_mps)))
    for number, (at_s, order_id) in enumerate(scans, len(fixes)):
        arrivals.append((at_s, number, partial(_scan, line, at_s, order_id)))
    for _, _, send in sorted(arrivals, key=lambda arrival: arrival[:2]):
        send()
    words = {visit.visit_id: visit for visit in line.events(StopVisit)}
    return {
        visit_id: (
            visit.stop_id,
            visit.arrived_at,
            visit.departed_at,
            visit.known_by,
            visit.dwell_s,
            visit.scans if visit.departed_at else (),
            visit.contradiction if visit.departed_at else None,
        )
        for visit_id, visit in words.items()
        if visit.phase is not VisitPhase.WITHDRAWN
    }


def _send(line: Timeline, at_s: float, delay_s: int, east_m: float, speed_mps: float) -> None:
    moment = at("07:55") + timedelta(seconds=at_s)
    line.fix(moment, east_m, speed_mps=speed_mps, received_at=moment + timedelta(seconds=delay_s))


def _scan(line: Timeline, at_s: float, order_id: str) -> None:
    line.scan(at("07:55") + timedelta(seconds=at_s), ScanKind.DELIVERED, order_id)


@given(
    st.lists(st.tuples(PLACES, st.sampled_from([0, 80, 160, 280])), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(60, 2400), st.sampled_from(["o1", "o2", "o3", "o4"])), max_size=4),
    st.data(),
)
def test_fixes_in_any_order_end_in_the_same_visits(
    moves: Moves, scans: list[tuple[int, str]], data: st.DataObject
) -> None:
    fixes = driven([(0.0, 200), *moves, (9000.0, 40)])[:100]
    delays_s = data.draw(
        st.lists(st.sampled_from([0, 0, 0, 35, 200, 900]), min_size=len(fixes), max_size=len(fixes))
    )

    late = final_words(fixes, delays_s, scans)

    assert late == final_words(fixes, [0] * len(fixes), scans)
