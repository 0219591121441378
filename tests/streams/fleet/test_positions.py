"""Fixes of one vehicle, metres east of its depot, and what is said of them."""

import numpy as np
import pytest

from streams.fleet.columns import blank, rules_record
from streams.fleet.positions import (
    FROZEN,
    JUMP,
    NULL_ISLAND,
    OVER_SPEED_LIMIT,
    PARKED_DRIFT,
    POOR_ACCURACY,
    POSITION_FIELDS,
    RULINGS,
    UNUSABLE_BITS,
    PositionRule,
    flag_position,
    position_evidence,
    position_rulings,
)
from streams.fleet.rules import DEFAULT_RULES
from tests.factories import place

S = 1_000_000
NAN = float("nan")
RULES = rules_record(DEFAULT_RULES)
UNKNOWN, OFF, ON = -1, 0, 1


class Track:
    """One vehicle, by seconds and metres."""

    def __init__(self) -> None:
        self.record = blank(np.dtype(POSITION_FIELDS), 1)[0]

    def fix(
        self,
        at_s: float,
        east_m: float,
        speed_mps: float = NAN,
        accuracy_m: float = NAN,
        odometer_m: float = NAN,
        ignition: int = UNKNOWN,
    ) -> int:
        where = place(east_m)
        return flag_position(
            self.record,
            round(at_s * S),
            where.lat_deg,
            where.lon_deg,
            speed_mps,
            accuracy_m,
            odometer_m,
            ignition,
            RULES,
        )

    def say(self, rule: PositionRule, at_s: float, east_m: float, **fields: float) -> str:
        where = place(east_m)
        return position_evidence(
            rule,
            self.record,
            round(at_s * S),
            where.lat_deg,
            where.lon_deg,
            fields.get("speed_mps", NAN),
            fields.get("accuracy_m", NAN),
            DEFAULT_RULES,
        )


@pytest.mark.parametrize(
    ("lat_deg", "speed_mps", "accuracy_m", "said"),
    [
        (0.009, 1.0, 5.0, NULL_ISLAND),
        (0.011, 1.0, 5.0, 0),
        (52.0, 35.7632, 200.0, 0),
        (52.0, 35.8, 5.0, OVER_SPEED_LIMIT),
        (52.0, 1.0, 200.5, POOR_ACCURACY),
        (52.0, 40.0, 300.0, OVER_SPEED_LIMIT | POOR_ACCURACY),
        (52.0, NAN, NAN, 0),
    ],
)
def test_a_fix_by_itself(lat_deg: float, speed_mps: float, accuracy_m: float, said: int) -> None:
    record = blank(np.dtype(POSITION_FIELDS), 1)[0]

    assert flag_position(record, S, lat_deg, 0.0, speed_mps, accuracy_m, NAN, UNKNOWN, RULES) == said


# east   0   100  [50 km]  200   300
#                  jump    the next ones are held against 100, not against it
def test_one_wild_fix_does_not_poison_the_next() -> None:
    track = Track()

    said = [
        track.fix(at_s, east_m) for at_s, east_m in ((0, 0), (10, 100), (20, 50_000), (30, 200), (40, 300))
    ]

    assert said == [0, 0, JUMP, 0, 0]
    assert track.record["gps_m"] == pytest.approx(300, rel=1e-3)


def test_two_wild_fixes_in_different_places_do_not_confirm_each_other() -> None:
    track = Track()

    said = [
        track.fix(at_s, east_m)
        for at_s, east_m in ((0, 0), (10, 50_000), (20, 90_000), (30, 130_000), (40, 40))
    ]

    assert said == [0, JUMP, JUMP, JUMP, 0]


# east   0  [50.0 km  50.1 km]  50.2 km     a ferry, or the first fix was the wild one
#            jump     jump      believed
def test_a_jump_that_the_next_two_fixes_agree_with_is_believed() -> None:
    track = Track()

    said = [
        track.fix(10 * number, east_m) for number, east_m in enumerate((0, 50_000, 50_100, 50_200, 50_300))
    ]

    assert said == [0, JUMP, JUMP, 0, 0]
    assert track.record["gps_m"] == pytest.approx(100, rel=1e-3)
    assert track.record["gps_gaps"] == 2


def test_the_same_wild_fix_again_and_again_confirms_nothing() -> None:
    track = Track()
    track.fix(0, 0)

    assert [track.fix(10 * number, 50_000) for number in range(1, 6)] == [JUMP] * 5


def test_after_a_long_time_a_vehicle_may_be_far_away() -> None:
    track = Track()
    track.fix(0, 0)

    assert track.fix(1000, 50_000) == 0
    assert track.record["gps_m"] == 0.0


def test_an_older_fix_is_judged_by_itself_alone() -> None:
    track = Track()
    track.fix(100, 0)

    assert track.fix(90, 50_000) == 0
    assert track.record["place_us"] == 100 * S


# coordinates the same, speed 8 m/s, every 20 s:  0  20  40  60  80
#                                                              5 fixes and 60 s
def test_coordinates_that_stay_the_same_while_it_moves_are_frozen() -> None:
    track = Track()

    said = [track.fix(20 * number, 0, speed_mps=8.0) for number in range(6)]

    assert said == [0, 0, 0, 0, FROZEN, FROZEN]
    assert track.fix(120, 1000, speed_mps=8.0) == 0


def test_coordinates_that_stay_the_same_while_the_odometer_goes_on_are_frozen() -> None:
    track = Track()

    said = [track.fix(20 * number, 0, odometer_m=1000.0 + 60 * number) for number in range(5)]

    assert said == [0, 0, 0, 0, FROZEN]


def test_a_tracker_that_repeats_its_place_at_a_standstill_is_not_frozen() -> None:
    track = Track()

    said = [track.fix(20 * number, 0, speed_mps=0.0, odometer_m=5.0, ignition=ON) for number in range(20)]

    assert set(said) == {0}


# parked at 0, ignition off:    +10   +80   -60   +5
#                               noise drift drift
def test_a_parked_vehicle_that_seems_to_wander_is_drifting_and_covers_no_distance() -> None:
    track = Track()

    said = [track.fix(60 * number, east_m, ignition=OFF) for number, east_m in enumerate((0, 10, 80, -60, 5))]

    assert said == [0, 0, PARKED_DRIFT, PARKED_DRIFT, 0]
    assert track.record["gps_m"] == 0.0


def test_a_vehicle_that_was_moved_while_nobody_looked_is_believed_when_it_stays_there() -> None:
    track = Track()

    said = [track.fix(60 * number, east_m, ignition=OFF) for number, east_m in enumerate((0, 90, 92, 88, 90))]

    assert said == [0, PARKED_DRIFT, PARKED_DRIFT, 0, 0]


@pytest.mark.parametrize(
    "fields", [{"ignition": ON}, {"ignition": UNKNOWN}, {"ignition": OFF, "odometer_m": 590.0}]
)
def test_a_vehicle_that_may_have_driven_is_not_drifting(fields: dict[str, float]) -> None:
    track = Track()
    track.fix(0, 0, ignition=OFF, odometer_m=500.0)

    assert track.fix(60, 90, **fields) == 0  # type: ignore[arg-type]


def test_noise_at_a_standstill_adds_up_to_nothing_but_a_crawl_counts() -> None:
    standing, crawling = Track(), Track()

    for number in range(60):
        standing.fix(10 * number, 12.0 * (-1) ** number, speed_mps=0.0)
        crawling.fix(10 * number, 5.0 * number, speed_mps=0.5)

    assert standing.record["gps_m"] == 0.0
    assert crawling.record["gps_m"] == pytest.approx(295, abs=30)


def test_every_rule_has_its_word_and_its_figures() -> None:
    track = Track()
    track.fix(0, 0)

    texts = {
        ruling.rule: track.say(ruling.rule, 10, 90_001, speed_mps=40, accuracy_m=300) for ruling in RULINGS
    }

    assert set(texts) == set(PositionRule)
    assert texts[PositionRule.POOR_ACCURACY] == "300 m, used up to 200 m"
    assert texts[PositionRule.JUMP] == (
        "90000 m from the last believed place within 10 s; possible are 60 m/s and 200 m"
    )


def test_only_a_speed_that_is_too_high_leaves_the_position_usable() -> None:
    usable = [ruling.rule for ruling in RULINGS if not ruling.bit & UNUSABLE_BITS]

    assert usable == [PositionRule.OVER_SPEED_LIMIT]
    assert [ruling.rule for ruling in position_rulings(JUMP | OVER_SPEED_LIMIT)] == [
        PositionRule.OVER_SPEED_LIMIT,
        PositionRule.JUMP,
    ]
