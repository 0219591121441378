"""A corrected clock can move an event to another service date: that one is due, and the one it leaves.

    2 March            3 March
    ───── 23:59:40 ─── midnight ─── 00:00:20 ─────
              ▲                         │
              └── corrected_at ◄────────┘ what the device said

Verdict and event may land together or in either order, and builds may come between them.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from streams.events.base import Event
from streams.events.delivery import ScanKind
from streams.events.judgements import Verdict, VerdictKind
from streams.events.telematics import GpsFix
from tests.models.events import DAY, at, depot, fix, scan, telemetry, vehicle, verdict
from tests.models.given import PROJECT, Lake, Warehouse, topic_of

EVE, TOMORROW = DAY, "2026-03-03"
BEFORE_MIDNIGHT = at("23:59:40")
MODELS = (
    "assumptions",
    "stg_verdicts",
    "stg_depots",
    "stg_vehicles",
    "stg_shifts",
    "stg_telemetry",
    "stg_scans",
    "stg_gps_fixes",
    "int_service_dates",
)
JUDGED: dict[str, tuple[str, Callable[..., Event]]] = {
    "fix": ("stg_gps_fixes", fix),
    "telemetry": ("stg_telemetry", telemetry),
    "scan": ("stg_scans", lambda when, day=DAY: scan(ScanKind.DELIVERED, when, day=day)),
}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "lake")
    lake.land(depot(), vehicle())
    return lake


def moved(event: Event, corrected_at: datetime = BEFORE_MIDNIGHT, offset: int = 0) -> Verdict:
    """What the streams say of an event whose device's clock goes ahead."""
    stands_for = fix("00:00")
    found = verdict(
        replace(stands_for, event_id=event.event_id), offset, VerdictKind.CLOCK_CORRECTED, "clock_ahead"
    )
    return replace(found, topic=topic_of(event).name, corrected_at=corrected_at)


def dates_of(warehouse: Warehouse, table: str) -> list[object]:
    return [row[0] for row in warehouse.rows(f"select service_date::varchar from staging.{table} order by 1")]


@pytest.mark.parametrize("kind", JUDGED)
def test_a_late_verdict_makes_the_date_due_that_its_event_goes_to(lake: Lake, kind: str) -> None:
    table, make = JUDGED[kind]
    event = make("00:00:20", day=TOMORROW)
    lake.land(event)
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due(MODELS)
    before = dates_of(warehouse, table)

    lake.land(moved(event))
    due = warehouse.build_what_is_due(MODELS)

    assert before == [TOMORROW]
    assert due == f"{EVE} to {TOMORROW}"
    assert dates_of(warehouse, table) == [EVE]


@pytest.mark.parametrize("kind", JUDGED)
def test_a_verdict_that_lands_with_its_event_makes_the_date_due_that_it_goes_to(
    lake: Lake, kind: str
) -> None:
    table, make = JUDGED[kind]
    event = make("00:00:20", day=TOMORROW)
    warehouse = Warehouse(lake.root)

    lake.land(event, moved(event))
    warehouse.build_what_is_due(MODELS)

    assert dates_of(warehouse, table) == [EVE]


@pytest.mark.parametrize("is_built", [True, False])
@pytest.mark.parametrize("kind", JUDGED)
def test_an_event_that_lands_after_its_verdict_makes_the_date_due_that_it_goes_to(
    lake: Lake, kind: str, is_built: bool
) -> None:
    table, make = JUDGED[kind]
    event = make("00:00:20", day=TOMORROW)
    warehouse = Warehouse(lake.root)
    lake.land(fix("08:00", day="2026-02-01"), moved(event, offset=1 if kind == "fix" else 0))
    if is_built:
        warehouse.build_what_is_due(MODELS)
    else:
        warehouse.register()

    lake.land(event)
    warehouse.build_what_is_due(MODELS)

    assert EVE in dates_of(warehouse, table)


@pytest.mark.parametrize(
    ("time_zone", "cutover_hour", "said", "corrected", "dates"),
    [
        ("Asia/Tokyo", 0, "15:00:20", "14:59:40", "2026-03-02 to 2026-03-03"),
        ("America/Los_Angeles", 4, "12:00:20", "11:59:40", "2026-03-01 to 2026-03-02"),
    ],
)
def test_each_depots_time_zone_and_cut_over_hour_say_which_date_it_goes_to(
    tmp_path: Path, time_zone: str, cutover_hour: int, said: str, corrected: str, dates: str
) -> None:
    lake = Lake(tmp_path / "lake")
    lake.land(depot("far", time_zone, cutover_hour), vehicle(depot_id="far"))
    event = fix(said)
    lake.land(event)
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due(MODELS)
    before = dates_of(warehouse, "stg_gps_fixes")

    lake.land(moved(event, at(corrected)))
    due = warehouse.build_what_is_due(MODELS)

    first, last = dates.split(" to ")
    assert (before, due, dates_of(warehouse, "stg_gps_fixes")) == ([last], dates, [first])


def test_a_correction_within_its_date_makes_no_other_date_due(lake: Lake) -> None:
    event = fix("09:00:20")
    lake.land(event, fix("09:00", day=TOMORROW))
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due(MODELS)

    lake.land(moved(event, at("09:00:00")))

    assert warehouse.build_what_is_due(MODELS) == DAY


def test_a_closed_date_is_not_made_due_by_a_correction(lake: Lake) -> None:
    event = fix("00:00:20", day=TOMORROW)
    lake.land(event)
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due(MODELS)
    warehouse.connection.execute("insert into meta.closed_dates values (?, now())", [EVE])

    lake.land(moved(event))

    assert warehouse.build_what_is_due(MODELS) == TOMORROW


def test_fixes_that_were_corrected_over_midnight_are_those_of_one_build(lake: Lake) -> None:
    day: list[GpsFix] = [fix(f"23:59:{second}") for second in (10, 30, 50)]
    day += [fix(f"00:00:{second}", day=TOMORROW) for second in (10, 20, 50)]
    lake.land(*day)
    warehouse = Warehouse(lake.root)
    warehouse.build_what_is_due(MODELS)

    for offset in (3, 4):
        lake.land(moved(day[offset], at(f"23:59:{10 * offset}"), offset))
        warehouse.build_what_is_due(MODELS)

    rows = "select event_id, service_date, corrected_at from staging.stg_gps_fixes order by event_id"
    at_once = Warehouse(lake.root)
    at_once.build_what_is_due(MODELS)
    assert warehouse.rows(rows) == at_once.rows(rows)
    assert len(warehouse.rows(rows)) == len(day)


def test_verdicts_are_registered_after_all_that_they_judge() -> None:
    topics = [source.topic for source in PROJECT.sources]

    judged = {*topics[: topics.index("stream.verdicts")]}

    assert {"gps.fixes", "vehicle.telemetry", "delivery.scans"} <= judged
