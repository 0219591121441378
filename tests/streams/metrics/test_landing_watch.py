from streams.lake.manifest import LandedFile
from streams.lake.source import Place, TopicState
from streams.metrics.health import Health
from streams.metrics.landing import LandingMetrics, LandingWatch

FIXES: Place = ("gps.fixes", 0)


def watch() -> tuple[LandingWatch, LandingMetrics, Health]:
    metrics, health = LandingMetrics(), Health(stalled_after_s=30)
    return LandingWatch(metrics, health), metrics, health


def held(first: int, end: int) -> dict[str, TopicState]:
    return {"gps.fixes": TopicState("id", {0: (first, end)})}


def landed(last_offset: int) -> LandedFile:
    return LandedFile(
        topic="gps.fixes",
        path="gps.fixes/x.parquet",
        topic_id="id",
        partition=0,
        first_offset=0,
        last_offset=last_offset,
        rows=7,
        rejected=2,
        event_dates=(),
        size_bytes=400,
    )


def lag(metrics: LandingMetrics) -> float | None:
    return metrics.registry.get_sample_value(
        "doorstep_landing_lag_records", {"topic": "gps.fixes", "partition": "0"}
    )


def test_landing_is_not_ready_before_it_knows_where_the_lake_ends() -> None:
    watching, metrics, health = watch()

    watching.measured(held(0, 9), now_s=1)

    assert not health.readiness(1).is_good
    assert lag(metrics) is None


def test_what_is_on_kafka_and_not_in_the_lake_is_lag_until_its_file_is_there() -> None:
    watching, metrics, health = watch()
    watching.started({FIXES: 3})

    watching.measured(held(0, 9), now_s=1)

    assert (lag(metrics), health.readiness(1).is_good) == (6, True)
    watching.landed(landed(last_offset=8))
    watching.measured(held(0, 9), now_s=3)
    assert lag(metrics) == 0
    labels = {"topic": "gps.fixes"}
    counted = ("doorstep_landed_rows", "doorstep_landed_rejected", "doorstep_landed_bytes")
    values = [metrics.registry.get_sample_value(f"{name}_total", labels) for name in counted]
    assert values == [7, 2, 400]


def test_records_that_retention_took_are_no_lag() -> None:
    watching, metrics, _ = watch()
    watching.started({FIXES: 3})

    watching.measured(held(8, 9), now_s=1)

    assert lag(metrics) == 1


def test_a_landing_that_writes_nothing_of_what_waits_stalls() -> None:
    watching, _, health = watch()
    watching.started({FIXES: 3})

    for now_s in range(1, 40):
        watching.measured(held(0, 9), now_s)

    assert health.health(39).words == "records wait and none is dealt with: gps.fixes/0 for 38 s"
    assert not health.readiness(39).is_good
