"""Any day: fixes, stays, scans, telemetry, revisions and ticks in any order, as hypothesis draws them."""

from collections.abc import Callable
from datetime import timedelta

from hypothesis import strategies as st

from streams.events.delivery import ScanKind
from streams.events.telematics import HarshEvent, HarshKind
from tests.factories import at, stop
from tests.streams.fleet.timeline import Timeline

STOPS = {
    "s1": stop("s1", 1000, window=("08:00", "08:20"), service_s=120, order_ids=("o1",)),
    "s2": stop("s2", 1020, window=("08:00", "08:30"), service_s=120, order_ids=("o2", "o3")),
    "s3": stop("s3", 2500, window=("08:10", "08:40"), service_s=120, order_ids=("o4",)),
    "s4": stop("s4", 6000, service_s=60),
}

Step = Callable[[Timeline, timedelta], object]
"""One step of a day: it takes the time and plays something at it."""

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
