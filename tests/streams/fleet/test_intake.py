from datetime import timedelta

import pytest
from msgspec.structs import replace

from streams.codec import encode
from streams.events.delivery import ScanKind
from streams.events.judgements import VerdictKind
from streams.events.reference import DeviceRecord
from streams.fleet.columns import NEVER
from streams.fleet.instants import moment
from streams.judge import DeadLetter, Emission
from streams.topics import (
    CARRIERS,
    DEVICES,
    DRIVERS,
    GPS_FIXES,
    RATES,
    ROUTES,
    SCANS,
    SHIFTS,
    VERDICTS,
    Topic,
)
from tests.factories import at, stop
from tests.streams.fleet.timeline import VEHICLE, Timeline, later

NINE = at("09:00")


def rules_of(line: Timeline) -> list[tuple[VerdictKind, str]]:
    return [(verdict.kind, verdict.rule) for verdict in line.verdicts]


def test_a_good_fix_gets_no_verdict() -> None:
    line = Timeline()

    assert line.fix("09:00", 500, speed_mps=10.0) == []


def test_the_same_event_again_is_a_duplicate() -> None:
    line = Timeline()
    fix = line.make_fix("09:00")

    line.send_fixes(fix)
    line.send_fixes(fix)

    assert rules_of(line) == [(VerdictKind.DUPLICATE, "same_event_id")]


def test_another_event_of_the_same_vehicle_and_time_is_a_repeat_and_the_first_is_kept() -> None:
    line = Timeline()

    for clock in ("09:00", "09:00:10", "09:00"):
        line.fix(clock)

    (verdict,) = line.verdicts
    assert (verdict.kind, verdict.rule, verdict.offset) == (VerdictKind.REPEAT, "same_fix_time", 2)


# received   09:00 ........ 09:20 .............. 10:00 ......... 10:20
# fix_at     10:00 future . 10:20 | 09:20 right  10:00 the same .. 10:20
def test_fixes_of_a_clock_that_was_an_hour_ahead_take_no_places_of_right_ones() -> None:
    line = Timeline()
    for minute in range(20):
        line.fix(later("10:00", 60 * minute), device_id="t1", received_at=later("09:00", 60 * minute))
    before = len(line.verdicts)

    for minute in range(20, 80):
        line.fix(later("09:00", 60 * minute), device_id="t1")

    assert line.verdicts[before:] == []


# ahead by 40 s from 09:01 to 09:03; without a sequence the fourth fix in order proves that it was set back
@pytest.mark.parametrize(("first_seq", "proof_s"), [(0, 180), (None, 183)])
def test_a_clock_that_was_ahead_takes_no_places_once_it_is_known_to_be_set(
    first_seq: int | None, proof_s: int
) -> None:
    line = Timeline()

    for second in range(240):
        ahead_s = 40 if 60 <= second < 180 else 0
        line.fix(
            later(NINE, second + ahead_s),
            received_at=later(NINE, second + 0.2),
            device_id="t1",
            device_seq=None if first_seq is None else first_seq + second,
        )

    repeats = [verdict.offset for verdict in line.verdicts if verdict.kind is VerdictKind.REPEAT]
    assert repeats == list(range(180, proof_s))


def test_of_a_batch_that_is_put_to_its_receipt_each_fix_is_judged_once() -> None:
    line = Timeline()
    batch = [
        line.make_fix(later(NINE, ahead_s), device_id="t1", received_at=NINE) for ahead_s in (20, 30, 40)
    ]
    again = replace(batch[2], event_id=line.next_id())

    line.send_fixes(*batch, again)

    assert rules_of(line) == [(VerdictKind.CLOCK_CORRECTED, "clock_ahead")] * 3 + [
        (VerdictKind.REPEAT, "same_fix_time")
    ]


# received   1 s after, then 0.8, 0.5: with each the clock is known to be further ahead
@pytest.mark.parametrize("ahead_s", [40, 30, 3])
def test_a_batch_of_a_clock_that_is_ahead_is_of_repeats_under_other_ids(ahead_s: int) -> None:
    line = Timeline()
    delays_s = (1.0, 0.8, 0.5, 0.5, 0.5, 0.5)
    batch = [
        line.make_fix(later(NINE, 10 * n + ahead_s), device_id="t1", received_at=later(NINE, 10 * n + late_s))
        for n, late_s in enumerate(delays_s)
    ]
    for fix in batch:
        line.send_fixes(fix)

    line.send_fixes(*(replace(fix, event_id=line.next_id(), received_at=later(NINE, 70)) for fix in batch))

    repeats = [verdict for verdict in line.verdicts if verdict.kind is VerdictKind.REPEAT]
    assert [verdict.rule for verdict in repeats] == ["same_fix_time"] * len(batch)


# a receiver without satellites says the same moment again and again, under new numbers
def test_a_moment_that_is_told_again_and_again_sets_no_clock() -> None:
    line = Timeline()
    for number in range(6):
        line.fix(later(NINE, 10 * number), device_id="t1", device_seq=number)

    for number in range(60):
        line.fix("09:00:50", device_id="t1", device_seq=6 + number, received_at=later("09:00:51", number))

    assert rules_of(line) == [(VerdictKind.REPEAT, "same_fix_time")] * 60


# received_at        09:00
# fix_at    ... | -7 d ............ | ........ +60 s | ......... +1 d | ...
#       too_old |      accepted     |  clock_ahead   |    future      | dead letter
@pytest.mark.parametrize(
    ("ahead", "kind", "rule"),
    [
        (timedelta(days=-7, seconds=-1), VerdictKind.NOT_JUDGED, "too_old"),
        (timedelta(days=-7), None, None),
        (timedelta(0), None, None),
        (timedelta(milliseconds=1), VerdictKind.CLOCK_CORRECTED, "clock_ahead"),
        (timedelta(seconds=60), VerdictKind.CLOCK_CORRECTED, "clock_ahead"),
        (timedelta(seconds=61), VerdictKind.NOT_JUDGED, "future"),
        (timedelta(days=1), VerdictKind.NOT_JUDGED, "future"),
    ],
)
def test_a_clock_is_judged_against_the_receipt(
    ahead: timedelta, kind: VerdictKind | None, rule: str | None
) -> None:
    line = Timeline()

    line.fix(NINE + ahead, received_at=NINE)

    assert rules_of(line) == ([] if kind is None else [(kind, rule)])


def test_a_clock_ahead_is_corrected_to_the_receipt_and_the_fix_is_judged() -> None:
    line = Timeline()
    line.route(stop("s1", 1000))

    line.fix("09:00:05", 600, speed_mps=10.0, received_at=NINE)

    assert line.verdicts[0].corrected_at == NINE
    assert moment(line.state.vehicles[VEHICLE].record["position_us"]) == NINE


# a tracker that is 30 s ahead: live, then buffered by 3 minutes
def test_a_buffered_fix_is_judged_at_its_time_less_the_skew_which_the_verdict_keeps_beside_it() -> None:
    line = Timeline()
    line.route(stop("s1", 1000))
    for second in range(0, 60, 10):
        received_at = NINE + timedelta(seconds=second)
        line.fix(received_at + timedelta(seconds=30), 600, device_id="t1", received_at=received_at)

    fix = line.make_fix("09:01:30", 700, device_id="t1", received_at=at("09:04"))
    line.send_fixes(fix)

    verdict = line.verdicts[-1]
    assert (verdict.kind, verdict.rule) == (VerdictKind.CLOCK_CORRECTED, "clock_ahead")
    assert (verdict.corrected_at, fix.fix_at) == (at("09:01:00"), at("09:01:30"))
    assert verdict.judged_event_id == str(fix.event_id)
    assert verdict.evidence == (
        "150.0 s before its receipt; the device's clock is 30.0 s ahead, which is taken off"
    )
    assert line.state.vehicles[VEHICLE].now_at == at("09:01:00")


def test_a_scanners_skew_is_learned_too_beside_the_trackers() -> None:
    line = Timeline()
    for second in range(0, 60, 10):
        received_at = NINE + timedelta(seconds=second)
        line.fix(received_at, 600, device_id="t1")
        line.scan(
            received_at + timedelta(seconds=20),
            ScanKind.LOADED,
            f"o{second}",
            device_id="h1",
            received_at=received_at,
        )

    line.scan("09:02", ScanKind.LOADED, "o99", device_id="h1", received_at=at("09:30"))

    assert line.verdicts[-1].corrected_at == at("09:01:40")
    assert all(verdict.topic == SCANS.name for verdict in line.verdicts)


def test_a_device_whose_clock_was_set_is_flagged() -> None:
    line = Timeline()
    for number in range(6):
        line.fix(NINE + timedelta(seconds=10 * number), 600, device_id="t1", device_seq=number)

    line.fix("09:00:25", 600, device_id="t1", device_seq=6, received_at=at("09:01"))

    (verdict,) = line.verdicts
    assert (verdict.kind, verdict.rule) == (VerdictKind.FLAGGED, "clock_jump")
    assert verdict.evidence == (
        "35.0 s before its receipt, unlike the events before it; the clock's skew is learned anew"
    )


def test_a_fix_of_the_future_is_not_judged() -> None:
    line = Timeline()
    line.route(stop("s1", 1000))

    line.fix("11:00", 600, received_at=NINE)

    assert line.state.vehicles[VEHICLE].record["position_us"] == NEVER


def test_a_scan_is_judged_for_as_long_as_its_topic_is_kept() -> None:
    line = Timeline()

    line.scan(NINE - timedelta(days=29), ScanKind.LOADED, "o1", received_at=NINE)
    line.scan(NINE - timedelta(days=31), ScanKind.LOADED, "o1", received_at=NINE)

    assert [(verdict.offset, verdict.rule) for verdict in line.verdicts] == [(1, "too_old")]


def test_a_time_in_2099_is_a_dead_letter_with_its_bytes() -> None:
    line = Timeline()
    fix = line.make_fix(at("09:00").replace(year=2099), received_at=NINE)

    line.send_fixes(fix)

    (letter,) = line.dead_letters
    assert letter.raw == encode(fix)
    assert "more than a day ahead of received_at" in letter.reason


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"lat_deg": 0.001, "lon_deg": -0.002}, "null_island"),
        ({"speed_mps": 35.8}, "over_speed_limit"),
        ({"accuracy_m": 201.0}, "poor_accuracy"),
    ],
)
def test_a_bad_position_is_flagged_and_kept(changes: dict[str, object], rule: str) -> None:
    line = Timeline()

    line.send_fixes(replace(line.make_fix("09:00"), **changes))

    assert rules_of(line) == [(VerdictKind.FLAGGED, rule)]
    assert line.verdicts[0].evidence


@pytest.mark.parametrize(
    "changes",
    [{"lat_deg": 0.001, "lon_deg": 4.9}, {"speed_mps": 35.7632}, {"accuracy_m": 200.0}],
)
def test_a_position_at_the_limit_is_not_flagged(changes: dict[str, object]) -> None:
    line = Timeline()

    line.send_fixes(replace(line.make_fix("09:00"), **changes))

    assert line.verdicts == []


def test_a_verdicts_key_is_the_place_of_its_event() -> None:
    line = Timeline()
    fix = line.make_fix("09:00")

    said = line.send_fixes(fix, fix)

    (emission,) = said
    assert isinstance(emission, Emission)
    assert (emission.topic, emission.key) == (VERDICTS, "gps.fixes,0,0,1")


def test_a_broken_element_of_a_batch_goes_alone() -> None:
    line = Timeline()
    good, other = encode(line.make_fix("09:00")), encode(line.make_fix("09:00:10"))
    bad = good.replace(b'"lat_deg":52.0', b'"lat_deg":91.0')

    said = line.send(GPS_FIXES, VEHICLE, b"[" + b",".join((good, bad, other)) + b"]", NINE)

    (letter,) = said
    assert isinstance(letter, DeadLetter)
    assert (letter.index, letter.raw) == (1, bad)
    assert letter.reason == "not a valid GpsFix: lat_deg is 91.0; it must be a number, at most 90.0"


def test_a_key_that_names_another_vehicle_is_a_dead_letter() -> None:
    line = Timeline()

    line.send(GPS_FIXES, "v7", encode(line.make_fix("09:00")), NINE)
    line.send(GPS_FIXES, None, encode(line.make_fix("09:00")), NINE)

    assert [letter.reason for letter in line.dead_letters] == [
        "key v7 but vehicle_id v-A",
        "the record has no key; it must be the vehicle_id, v-A",
    ]


def test_a_scan_of_a_carrier_goes_by_the_carriers_key() -> None:
    line = Timeline()

    said = line.scan("09:00", ScanKind.DELIVERED, "o1", vehicle_id=None, carrier_id="c1")

    assert said == []


@pytest.mark.parametrize(("topic", "key"), [(GPS_FIXES, VEHICLE), (SCANS, VEHICLE)])
def test_an_empty_value_is_a_dead_letter_where_nothing_is_removed(topic: object, key: str) -> None:
    line = Timeline()

    line.send(GPS_FIXES if topic is GPS_FIXES else SCANS, key, b"", NINE)

    assert line.dead_letters[0].reason.endswith("the value is empty")


def test_an_empty_array_is_a_dead_letter() -> None:
    line = Timeline()

    line.send(GPS_FIXES, VEHICLE, b" [] ", NINE)

    assert line.dead_letters[0].reason == "an empty array: it holds no event"


def test_a_route_of_impossible_travel_is_a_dead_letter() -> None:
    line = Timeline()
    line.route(stop("s1", 1000))
    slow = line.records[-1].value.replace(b'"speeds_mps":[10.0', b'"speeds_mps":[1e-300')

    line.send(ROUTES, "A", slow, NINE)

    assert "24 speeds, one per UTC hour, of 0.1 to 100 m/s" in line.dead_letters[0].reason


@pytest.mark.parametrize("topic", [DEVICES, DRIVERS, CARRIERS, RATES, SHIFTS], ids=lambda topic: topic.name)
def test_broken_reference_data_that_no_judge_needs_are_dead_letters_too(topic: Topic) -> None:
    line = Timeline()
    before = line.judge.save(line.state)

    line.send(topic, "k1", b"{}", NINE)
    line.send(topic, "k1", b"", NINE)

    (letter,) = line.dead_letters
    assert (letter.record.topic, letter.raw) == (topic.name, b"{}")
    assert line.judge.save(line.state) == before


def test_a_device_under_its_own_key_says_nothing() -> None:
    line = Timeline()
    device = DeviceRecord(
        event_id=line.next_id(), source="fleet system", effective_at=NINE, device_id="t1", vehicle_id=VEHICLE
    )

    assert line.send(DEVICES, "t1", encode(device), NINE) == []
    assert line.send(DEVICES, "t2", encode(device), NINE) == line.dead_letters
    assert line.dead_letters[0].reason == "key t2 but device_id t1"
