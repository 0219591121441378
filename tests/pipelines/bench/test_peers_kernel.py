from datetime import UTC, datetime, timedelta

import msgspec

from pipelines.bench.peers.kernel import FRESH, Fix, PlannedStop, Said, State, advance, advance_message

START = datetime(2026, 10, 13, 8, tzinfo=UTC)
PLAN = [
    PlannedStop("first", 50.0, 8.0, START.timestamp() + 3600),
    PlannedStop("second", 50.01, 8.0, START.timestamp() + 3600),
]


def fix(at_s: float, lat_deg: float = 50.0, speed_mps: float = 0.0) -> Fix:
    return Fix("van", START + timedelta(seconds=at_s), lat_deg, 8.0, speed_mps)


def told(*fixes: Fix, plan: list[PlannedStop] = PLAN) -> tuple[State, list[Said]]:
    state, said = FRESH, list[Said]()
    for each in fixes:
        state = advance(plan, state, each, said)
    return state, said


def test_standing_in_the_radius_for_long_enough_is_a_visit_as_of_its_begin() -> None:
    # 08:00:00 stands | 08:00:40 stands | 08:00:50 stands: 50 s are enough
    _, said = told(fix(0), fix(40), fix(50))

    assert said == [Said("van", "first", START.timestamp())]


def test_driving_through_is_no_visit() -> None:
    _, said = told(fix(0, speed_mps=7), fix(30, speed_mps=7), fix(60, speed_mps=7))

    assert said == []


def test_a_stop_that_was_left_is_done_and_the_next_one_counts() -> None:
    state, said = told(fix(0), fix(50), fix(200, 50.005, 7), fix(300, 50.01), fix(350, 50.01))

    assert [visit.stop_id for visit in said] == ["first", "second"]
    assert state.next_stop == 1


def test_what_is_repeated_or_older_changes_nothing() -> None:
    state, _ = told(fix(0), fix(40))

    assert advance(PLAN, state, fix(40), []) is state
    assert advance(PLAN, state, fix(10), []) is state


def test_lateness_is_said_when_it_changes() -> None:
    closed = [PlannedStop("first", 50.0, 8.0, START.timestamp() - 200)]

    _, said = told(fix(0, 50.005, 7), fix(10, 50.005, 7), plan=closed)

    assert [each.late for each in said] == [True]


def test_a_batch_is_taken_fix_by_fix() -> None:
    value = msgspec.json.encode([fix(0), fix(40), fix(50)])

    _, said = advance_message({"van": PLAN}, FRESH, value)

    assert [visit.stop_id for visit in said] == ["first"]
