from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from streams.codec import encode
from streams.events.judgements import (
    AlertKind,
    AlertPhase,
    FleetAlert,
    Verdict,
    VerdictKind,
)
from streams.judge import DeadLetter, Emission, Record, Run, run_of
from streams.metrics.worker import WorkerMetrics
from streams.topics import ALERTS, GPS_FIXES, SCANS, VERDICTS
from tests.factories import at
from tests.streams.lake.records import fix

NOW_MS = 1_000_000
KINDS = (VerdictKind.DUPLICATE, VerdictKind.REPEAT, VerdictKind.FLAGGED, VerdictKind.NOT_JUDGED)


def metrics() -> WorkerMetrics:
    return WorkerMetrics(lambda: NOW_MS)


def run(*values: bytes, appended_ms: int = NOW_MS) -> Run:
    """Records of gps.fixes from offset 0 on."""
    records = [
        Record(GPS_FIXES.name, 0, offset, appended_ms, b"v1", value) for offset, value in enumerate(values)
    ]
    return run_of(records, (GPS_FIXES.name, SCANS.name))


def verdict(offset: int, kind: VerdictKind, index: int = 0, rule: str = "rule") -> Emission:
    said = Verdict(
        event_id=UUID(int=1),
        source="test",
        topic=GPS_FIXES.name,
        partition=0,
        offset=offset,
        index=index,
        kind=kind,
        rule=rule,
        judged_event_id="x",
    )
    return Emission(VERDICTS, "key", said)


def alert() -> Emission:
    said = FleetAlert(
        event_id=UUID(int=2),
        source="test",
        alert_id="a",
        depot_id="D1",
        vehicle_id="v1",
        kind=AlertKind.SILENT,
        phase=AlertPhase.RAISED,
        judged_at=at("09:00"),
        evidence="",
    )
    return Emission(ALERTS, "D1", said)


def value(registry: CollectorRegistry, name: str, **labels: str) -> float:
    return registry.get_sample_value(name, labels) or 0.0


def events(told: WorkerMetrics, outcome: str, topic: str = GPS_FIXES.name) -> float:
    return value(told.registry, "doorstep_events_total", topic=topic, outcome=outcome)


def test_what_nothing_is_said_of_was_accepted() -> None:
    told = metrics()

    told.judged("fleet", run(encode(fix(0)), encode(fix(1))), [])

    assert events(told, "accepted") == 2
    assert events(told, "accepted", SCANS.name) == 0


def test_every_event_of_a_devices_array_counts() -> None:
    told = metrics()
    array = b"[" + encode(fix(0)) + b", " + encode(fix(1)) + b"]"

    told.judged("fleet", run(array, encode(fix(2))), [verdict(0, VerdictKind.DUPLICATE, index=1)])

    assert (events(told, "accepted"), events(told, "duplicate")) == (2, 1)


def test_an_event_of_several_verdicts_counts_once_by_the_weightiest() -> None:
    told = metrics()
    said = [
        verdict(0, VerdictKind.FLAGGED, rule="accuracy"),
        verdict(0, VerdictKind.FLAGGED, rule="jump"),
        verdict(1, VerdictKind.FLAGGED),
        verdict(1, VerdictKind.NOT_JUDGED),
        verdict(2, VerdictKind.CLOCK_CORRECTED),
    ]

    told.judged("fleet", run(*(encode(fix(number)) for number in range(3))), said)

    assert [events(told, each) for each in ("accepted", "flagged", "not_judged")] == [1, 1, 1]
    assert value(told.registry, "doorstep_verdicts_total", kind="flagged", rule="jump") == 1


def test_a_dead_letter_is_a_rejected_event_of_a_kind_of_reason() -> None:
    told = metrics()
    rubbish = run(b"rubbish", b"[1,")
    said = [DeadLetter(rubbish.record(place), 0, b"", "it is not JSON: x") for place in range(2)]

    told.judged("fleet", rubbish, said)

    assert (events(told, "rejected"), events(told, "accepted")) == (2, 0)
    sample = value(told.registry, "doorstep_dead_letters_total", topic=GPS_FIXES.name, reason="not_json")
    assert sample == 2


def test_an_alert_counts_by_its_rule_and_takes_as_long_as_its_oldest_record_waited() -> None:
    told = metrics()

    told.judged("fleet", run(encode(fix(0)), appended_ms=NOW_MS - 40), [alert()])

    assert value(told.registry, "doorstep_alerts_total", rule="silent", phase="raised") == 1
    assert value(told.registry, "doorstep_detection_latency_seconds_count") == 1
    assert value(told.registry, "doorstep_detection_latency_seconds_sum") == 0.04


def test_the_delay_is_the_age_of_what_was_judged_last_while_more_waits() -> None:
    told = metrics()
    told.judged("fleet", run(encode(fix(0)), appended_ms=NOW_MS - 5_000), [])
    place = {"judge": "fleet", "partition": "0"}

    told.waiting("fleet", 0, {GPS_FIXES.name: 7})
    behind = value(told.registry, "doorstep_watermark_delay_seconds", **place)
    told.waiting("fleet", 0, {GPS_FIXES.name: 0})

    assert behind == 5.0
    assert value(told.registry, "doorstep_watermark_delay_seconds", **place) == 0.0
    assert value(told.registry, "doorstep_lag_records", topic=GPS_FIXES.name, **place) == 0.0


def test_a_partition_that_was_given_up_is_no_longer_spoken_of() -> None:
    told = metrics()
    told.waiting("fleet", 3, {GPS_FIXES.name: 7})

    told.assigned(1)

    labels = {"judge": "fleet", "partition": "3", "topic": GPS_FIXES.name}
    assert told.registry.get_sample_value("doorstep_lag_records", labels) is None


@given(st.lists(st.lists(st.sampled_from([None, *KINDS]), min_size=1, max_size=5), min_size=1, max_size=20))
def test_the_outcomes_of_all_events_add_up(arrays: list[list[VerdictKind | None]]) -> None:
    told = metrics()
    values = [b"[" + b",".join(encode(fix(0)) for _ in array) + b"]" for array in arrays]
    said = [
        verdict(offset, kind, index)
        for offset, array in enumerate(arrays)
        for index, kind in enumerate(array)
        if kind is not None
    ]

    told.judged("fleet", run(*values), said)

    total = sum(map(len, arrays))
    assert sum(events(told, each) for each in ("accepted", *KINDS)) == total
    assert events(told, "accepted") == total - len(said)
