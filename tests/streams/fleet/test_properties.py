"""What holds of any day: of fixes, scans and ticks in any order, with duplicates and rubbish."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import msgpack

from streams.codec import encode
from streams.events.delivery import ScanKind
from streams.events.judgements import (
    AlertKind,
    AlertPhase,
    DelayEvent,
    DelayPhase,
    FleetAlert,
    StopVisit,
    Verdict,
    VisitPhase,
)
from streams.events.notices import NoticeKind
from streams.events.telematics import HarshEvent, HarshKind
from streams.fleet.judge import FleetJudge
from streams.fleet.saved import SavedFleet
from streams.judge import DeadLetter, Emission, Record, run_of
from streams.topics import GPS_FIXES, ROUTES, SCANS, TELEMETRY, TICKS, VEHICLES
from tests.factories import at, stop
from tests.streams.fleet.timeline import VEHICLE, Timeline

STOPS = {
    "s1": stop("s1", 1000, window=("08:00", "08:20"), service_s=120, order_ids=("o1",)),
    "s2": stop("s2", 1020, window=("08:00", "08:30"), service_s=120, order_ids=("o2", "o3")),
    "s3": stop("s3", 2500, window=("08:10", "08:40"), service_s=120, order_ids=("o4",)),
    "s4": stop("s4", 6000, service_s=60),
}

# One step of a day: it takes the time and plays something at it.
Step = Callable[[Timeline, timedelta], object]

PLACES = st.sampled_from([0.0, 40.0, 300.0, 1000.0, 1015.0, 1080.0, 2500.0, 2560.0, 6000.0, 20_000.0])
SPEEDS = st.sampled_from([0.0, 0.0, 0.0, 8.0, None])


def fixes() -> st.SearchStrategy[Step]:
    return st.builds(
        lambda east_m, speed_mps, late_s: (
            lambda line, now: line.fix(
                at("07:55") + now - timedelta(seconds=late_s),
                east_m,
                speed_mps=speed_mps,
                received_at=at("07:55") + now,
            )
        ),
        PLACES,
        SPEEDS,
        st.sampled_from([0, 0, 0, 0, 200, -5]),
    )


def stays() -> st.SearchStrategy[Step]:
    return st.builds(
        lambda east_m: lambda line, now: line.park(at("07:55") + now, 60, east_m, every_s=20), PLACES
    )


def scans() -> st.SearchStrategy[Step]:
    return st.builds(
        lambda kind, order_id, late_s: (
            lambda line, now: line.scan(
                at("07:55") + now - timedelta(seconds=late_s),
                kind,
                order_id,
                received_at=at("07:55") + now,
            )
        ),
        st.sampled_from([ScanKind.LOADED, ScanKind.DELIVERED, ScanKind.FAILED, ScanKind.LOCKER]),
        st.sampled_from(["o1", "o2", "o3", "o4", "o9"]),
        st.sampled_from([0, 0, 300]),
    )


def ticks() -> st.SearchStrategy[Step]:
    return st.just(lambda line, now: line.tick(at("07:55") + now))


def telemetry() -> st.SearchStrategy[Step]:
    """Of a machine whose counters begin anew and whose sensors say anything."""
    readings = st.fixed_dictionaries(
        {},
        optional={
            "fuel_used_l": st.sampled_from([100.0, 101.0, 0.5, 9_000.0, 6_553.4]),
            "odometer_m": st.sampled_from([5_000.0, 5_900.0, 40_000.0, 0.0]),
            "idle_s": st.sampled_from([0.0, 60.0, 400.0, 2.0**16 - 1]),
            "engine_rpm": st.sampled_from([0.0, 800.0, 800.0]),
            "speed_mps": st.sampled_from([0.0, 0.0, 8.0, 34.0]),
            "fuel_level_share": st.sampled_from([0.3, 0.31, 0.9]),
            "cargo_temperature_c": st.sampled_from([4.0, 12.0, 12.0]),
            "fault_codes": st.sampled_from([(), ("P0420",), ("P0420", "P0300")]),
            "harsh_events": st.sampled_from(
                [(HarshEvent(kind=kind, happened_at=at("08:00"), peak_mps2=4.0),) for kind in HarshKind]
            ),
            "device_id": st.sampled_from(["t1", "t2"]),
        },
    )
    return st.builds(
        lambda told, late_s: (
            lambda line, now: line.telemetry(
                at("07:55") + now - timedelta(seconds=late_s), received_at=at("07:55") + now, **told
            )
        ),
        readings,
        st.sampled_from([0, 0, 0, 200, -5]),
    )


def revisions() -> st.SearchStrategy[Step]:
    return st.builds(
        lambda stop_ids: (
            lambda line, now: line.route(
                *(STOPS[stop_id] for stop_id in stop_ids), revision=2 + int(now.total_seconds())
            )
        ),
        st.lists(st.sampled_from(sorted(STOPS)), unique=True),
    )


def long_stays() -> st.SearchStrategy[Step]:
    """Time spent where it may be out of place; what follows may be older, and is late then."""
    return st.builds(
        lambda east_m: lambda line, now: line.park(at("07:55") + now, 1200, east_m, every_s=150), PLACES
    )


STEP = st.one_of(
    fixes(), stays(), stays(), long_stays(), scans(), ticks(), revisions(), telemetry(), telemetry()
)
DAYS = st.lists(st.tuples(st.integers(1, 400), STEP), max_size=40)


def play(day: list[tuple[int, Step]]) -> Timeline:
    line = Timeline()
    line.vehicle(cargo_max_c=8.0)
    line.device("t1", reporting_interval_s=120)
    line.route(*STOPS.values())
    now = timedelta(0)
    for gap_s, step in day:
        now += timedelta(seconds=gap_s)
        step(line, now)
    return line


@settings(deadline=None)
@given(DAYS)
def test_a_vehicle_never_has_two_open_visits_and_a_departure_follows_its_arrival(
    day: list[tuple[int, Step]],
) -> None:
    line = play(day)

    open_id: str | None = None
    for visit in line.events(StopVisit):
        if visit.departed_at is None and visit.phase is not VisitPhase.WITHDRAWN:
            assert open_id in (None, visit.visit_id)
            open_id = visit.visit_id
            continue
        assert visit.departed_at is None or visit.departed_at >= visit.arrived_at
        open_id = None if open_id == visit.visit_id else open_id


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


@settings(deadline=None)
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


@settings(deadline=None)
@given(DAYS)
def test_a_delay_is_raised_once_then_updated_then_cleared_once(day: list[tuple[int, Step]]) -> None:
    line = play(day)

    lives: dict[str, list[DelayEvent]] = {}
    for delay in line.events(DelayEvent):
        lives.setdefault(delay.alert_id, []).append(delay)
    for life in lives.values():
        phases = [delay.phase for delay in life]
        assert phases[0] is DelayPhase.RAISED
        assert phases.count(DelayPhase.RAISED) == 1
        assert DelayPhase.CLEARED not in phases[:-1]
        assert len({(delay.shift_id, delay.stop_id) for delay in life}) == 1
        told = [delay.judged_at for delay in life if delay.phase is not DelayPhase.CLEARED]
        assert all((after - before).total_seconds() >= 60 for before, after in pairwise(told))


@settings(deadline=None)
@given(DAYS)
def test_a_silence_is_raised_and_then_cleared_in_turn(day: list[tuple[int, Step]]) -> None:
    line = play(day)

    phases = [alert.phase for alert in line.events(FleetAlert) if alert.kind is AlertKind.SILENT]

    assert phases[::2] == [AlertPhase.RAISED] * len(phases[::2])
    assert phases[1::2] == [AlertPhase.CLEARED] * len(phases[1::2])


@settings(deadline=None)
@given(DAYS)
def test_an_alert_is_raised_once_then_updated_then_cleared_once(day: list[tuple[int, Step]]) -> None:
    line = play(day)

    lives: dict[str, list[FleetAlert]] = {}
    for alert in line.events(FleetAlert):
        lives.setdefault(alert.alert_id, []).append(alert)
    for life in lives.values():
        phases = [alert.phase for alert in life]
        assert phases[0] in (AlertPhase.RAISED, AlertPhase.NOTED)
        assert AlertPhase.RAISED not in phases[1:]
        assert AlertPhase.CLEARED not in phases[:-1]
        assert len({alert.kind for alert in life}) == 1
        told = [alert.judged_at for alert in life if alert.phase is not AlertPhase.CLEARED]
        assert all((after - before).total_seconds() >= 60 for before, after in pairwise(told))


@settings(deadline=None)
@given(DAYS)
def test_a_vehicle_has_one_open_alert_of_a_kind_or_one_of_a_fault_code_at_most(
    day: list[tuple[int, Step]],
) -> None:
    line = play(day)

    is_open: dict[AlertKind, str] = {}
    told = [alert for alert in line.events(FleetAlert) if alert.kind is not AlertKind.FAULT_CODE]
    for alert in told:
        assert is_open.get(alert.kind, alert.alert_id) == alert.alert_id
        if alert.phase is AlertPhase.CLEARED:
            del is_open[alert.kind]
        elif alert.phase is not AlertPhase.NOTED:
            is_open[alert.kind] = alert.alert_id


@settings(deadline=None)
@given(DAYS)
def test_a_customer_is_told_each_thing_once_and_nothing_after_the_delivery(
    day: list[tuple[int, Step]],
) -> None:
    line = play(day)

    told = line.notices
    assert len({notice.notice_id for notice in told}) == len(told)
    for order_id in {notice.order_id for notice in told}:
        kinds = [notice.kind for notice in told if notice.order_id == order_id]
        assert kinds.count(NoticeKind.OUT_FOR_DELIVERY) <= 1
        assert kinds.count(NoticeKind.NEXT_STOP) <= 1
        assert NoticeKind.DELIVERED not in kinds[:-1]


@settings(deadline=None)
@given(DAYS)
def test_etas_are_in_sequence_and_at_most_one_a_minute(day: list[tuple[int, Step]]) -> None:
    line = play(day)

    told = line.etas
    assert all(
        (after.estimated_at - before.estimated_at).total_seconds() >= 60 for before, after in pairwise(told)
    )
    for update in told:
        p50s = [eta.p50_at for eta in update.stops]
        assert p50s == sorted(p50s)
        assert all(eta.p90_at >= eta.p50_at for eta in update.stops)


@settings(deadline=None)
@given(DAYS)
def test_every_event_has_an_id_of_its_own_and_names_its_cause(day: list[tuple[int, Step]]) -> None:
    line = play(day)

    events = [said.event for said in line.said if isinstance(said, Emission)]

    assert len({event.event_id for event in events}) == len(events)
    assert all(event.source == "doorstep.fleet" and event.causation_id for event in events)


def bytes_of(said: list[Emission | DeadLetter]) -> list[bytes]:
    return [encode(one.event) if isinstance(one, Emission) else one.raw for one in said]


@settings(deadline=None)
@given(DAYS, st.data())
def test_a_restart_anywhere_changes_nothing_that_is_said_later(
    day: list[tuple[int, Step]], data: st.DataObject
) -> None:
    line = play(day)
    cut = data.draw(st.integers(0, len(line.records)))
    judge, said = FleetJudge(), list[Emission | DeadLetter]()
    state = judge.fresh(0)

    for number, record in enumerate(line.records):
        if number == cut:
            state = FleetJudge().load(judge.save(state))
        said += judge.advance(state, record)

    assert bytes_of(said) == bytes_of(line.said)


@settings(deadline=None)
@given(DAYS, st.data())
def test_records_in_runs_of_any_length_say_what_they_say_one_by_one(
    day: list[tuple[int, Step]], data: st.DataObject
) -> None:
    line = play(day)
    topics = tuple(topic.name for topic in line.judge.inputs)
    judge, said = FleetJudge(), list[Emission | DeadLetter]()
    state, at_record = judge.fresh(0), 0

    while at_record < len(line.records):
        count = data.draw(st.integers(1, 40))
        said += judge.advance_run(state, run_of(line.records[at_record : at_record + count], topics))
        at_record += count

    assert bytes_of(said) == bytes_of(line.said)
    assert msgpack.decode(judge.save(state), type=SavedFleet) == msgpack.decode(
        judge.save(line.state), type=SavedFleet
    )


@settings(deadline=None)
@given(DAYS)
def test_what_was_judged_before_changes_nothing_when_it_comes_again(day: list[tuple[int, Step]]) -> None:
    line = play(day)
    judge = line.judge
    observed = [
        record for record in line.records if record.topic in (GPS_FIXES.name, SCANS.name, TELEMETRY.name)
    ]
    line.tick(at("07:55") + timedelta(days=0, hours=6))
    before = judge.save(line.state)

    said = [one for record in observed for one in judge.advance(line.state, record)]

    assert msgpack.decode(judge.save(line.state), type=SavedFleet) == msgpack.decode(before, type=SavedFleet)
    assert all(isinstance(one, Emission) and isinstance(one.event, Verdict) for one in said)


KNOWN = Timeline()
KNOWN.route(*STOPS.values())
KNOWN.fix("08:00", 500)
KNOWN.scan("08:01", ScanKind.DELIVERED, "o1")
KNOWN.telemetry("08:02")
KNOWN.tick("08:03")
KNOWN.vehicle(60)
MUTABLE = [record.value for record in KNOWN.records]
TOPICS = st.sampled_from([GPS_FIXES, TELEMETRY, SCANS, ROUTES, VEHICLES, TICKS])


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real message with a few bytes replaced, cut out or doubled."""
    value = bytearray(draw(st.sampled_from(MUTABLE)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(0, len(value) - 1)))
        value[place : place + draw(st.integers(0, 3))] = draw(
            st.binary(max_size=3) | st.sampled_from([b"1e308", b"-", b"null", b"[", b'"', b"99999999999"])
        )
    return bytes(value)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(TOPICS, st.sampled_from([VEHICLE, "A", "v7", None]), mutated() | st.binary(max_size=60)),
        max_size=8,
    )
)
def test_any_bytes_are_taken_or_become_dead_letters_with_their_bytes(
    messages: list[tuple[object, str | None, bytes]],
) -> None:
    line = Timeline()
    line.route(*STOPS.values())

    for number, (topic, key, value) in enumerate(messages):
        name = getattr(topic, "name")  # noqa: B009
        packed_key = None if key is None else key.encode()
        appended_at_ms = int(at("08:05").timestamp() * 1000)
        record = Record(name, 0, number, appended_at_ms, packed_key, value)
        said = line.judge.advance(line.state, record)
        for one in said:
            if isinstance(one, DeadLetter):
                assert one.raw in value
                assert one.reason

    line.tick("08:10")
    line.judge.load(line.judge.save(line.state))
