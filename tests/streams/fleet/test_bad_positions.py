"""Positions that are not to be believed, through the judge: each is flagged by its rule and moves nothing."""

from streams.events.judgements import VerdictKind, VisitPhase
from tests.factories import stop
from tests.streams.fleet.timeline import Timeline, later


def flags(line: Timeline) -> list[tuple[str, str]]:
    assert {verdict.kind for verdict in line.verdicts} <= {VerdictKind.FLAGGED}
    return [(verdict.rule, verdict.evidence) for verdict in line.verdicts]


def on_the_road() -> Timeline:
    """Off the depot at 08:00, on the way to a stop at 30 km."""
    line = Timeline()
    line.route(stop("s1", 30_000))
    line.park("07:58", 120)
    line.drive("08:00", 0, 2_000)
    return line


def test_a_jump_is_flagged_and_ends_no_journey() -> None:
    line = on_the_road()

    for second in range(0, 180, 30):
        line.fix(later("08:03:20", second), 30_000, speed_mps=0.0)
        line.fix(later("08:03:20", second + 10), 2_000 + 10.0 * second, speed_mps=10.0)

    assert [rule for rule, _ in flags(line)] == ["jump"] * 6
    assert line.verdicts[0].evidence == (
        "28100 m from the last believed place within 10 s; possible are 60 m/s and 200 m"
    )
    assert line.visits == []


def test_frozen_coordinates_are_flagged_with_how_long_they_have_stayed() -> None:
    line = on_the_road()

    for second in range(0, 100, 20):
        line.fix(later("08:03:20", second), 2_000, speed_mps=12.0)

    ((rule, evidence),) = flags(line)
    assert rule == "frozen"
    assert evidence.startswith("5 fixes at ")
    assert evidence.endswith("within 80 s, while it moves")


def test_a_parked_vehicle_that_seems_to_wander_has_not_left_its_stop() -> None:
    line = Timeline()
    line.route(stop("s1", 1_000), stop("s2", 9_000))
    line.park("07:58", 120)
    line.drive("08:00", 0, 1_000)
    for minute in range(5):
        line.fix(later("08:02", 60 * minute), 1_000, ignition_on=False)

    for minute in range(5, 12):
        line.fix(later("08:02", 60 * minute), 1_000 + 130 * (-1) ** minute, ignition_on=False)

    assert {rule for rule, _ in flags(line)} == {"parked_drift"}
    assert line.verdicts[0].evidence == (
        "130 m from where it is parked with the ignition off; noise is up to 25 m, a move over 150 m"
    )
    assert [visit.phase for visit in line.visits] == [VisitPhase.ARRIVED]


def test_what_a_flag_hangs_on_outlives_a_restart() -> None:
    line = on_the_road()

    line.state = line.judge.load(line.judge.save(line.state))
    line.fix("08:03:20", 60_000, speed_mps=0.0)

    assert [rule for rule, _ in flags(line)] == ["jump"]
