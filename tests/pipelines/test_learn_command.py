"""A depot's record is told anew with what was learned; what nobody has seen enough of stays."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from pipelines.commands.learn import command, describe
from pipelines.planning.depot_records import in_force, read_depots, with_learned
from pipelines.planning.learned import Learned, read_learned
from routing.errors import ConfigurationError
from routing.service import ServiceTimes
from routing.travel import StraightLine
from streams.events.base import derived_id
from streams.events.reference import Acceptance, DepotRecord
from streams.publish import Publisher
from streams.topics import DEPOTS
from tests.conftest import Topics

SUMMER, WINTER = datetime(2026, 7, 1, 12, tzinfo=UTC), datetime(2026, 1, 5, 12, tzinfo=UTC)
LEARNED = Learned(
    {(None, None): 6.0, (None, 9): 3.0, ("cell", 9): 1.0},
    ZoneInfo("Europe/Berlin"),
    40,
    {"deliver_s": 95.0},
    30,
)


def depot(effective_at: datetime, depot_id: str = "north", name: str = "north") -> DepotRecord:
    return DepotRecord(
        event_id=derived_id("test", depot_id, effective_at, name),
        source="test",
        effective_at=effective_at,
        depot_id=depot_id,
        name=name,
        acceptance=Acceptance.AUTOMATIC,
        travel=StraightLine(detour=1.5),
    )


def test_speeds_on_the_road_are_learned_ones_times_the_detour_by_utc_hour() -> None:
    record = with_learned(depot(WINTER), LEARNED, SUMMER)

    speeds_mps = depot(WINTER).travel.speeds_mps
    assert record.travel == StraightLine(1.5, (*speeds_mps[:7], 4.5, *speeds_mps[8:]))
    assert with_learned(depot(WINTER), LEARNED, WINTER).travel.speeds_mps[8] == 4.5
    assert record.service == ServiceTimes(deliver_s=95)
    assert (record.acceptance, record.name, record.effective_at) == (Acceptance.AUTOMATIC, "north", SUMMER)


def test_what_too_little_is_known_of_stays_as_the_record_has_it() -> None:
    only_nine = Learned({(None, None): 6.0, (None, 9): 3.0}, ZoneInfo("UTC"), 45, {}, 0)
    before = depot(WINTER)

    record = with_learned(before, only_nine, SUMMER)

    assert record.travel.speeds_mps == (*before.travel.speeds_mps[:9], 4.5, *before.travel.speeds_mps[10:])
    assert record.service is None
    assert describe(before, record, only_nine)[1] == "km/h by UTC hour: 09 h 30.0 -> 16.2"


def test_the_same_figures_at_the_same_moment_are_the_same_event() -> None:
    once, again = (with_learned(depot(WINTER), LEARNED, SUMMER) for _ in range(2))

    assert once == again
    assert with_learned(depot(WINTER), LEARNED, WINTER).event_id != once.event_id


def test_the_record_in_force_is_the_latest_that_has_begun_and_the_last_told() -> None:
    records = [
        depot(WINTER, name="first"),
        depot(WINTER, name="corrected"),
        depot(SUMMER, name="later"),
        depot(WINTER, "south"),
    ]

    assert in_force(records, "north", WINTER).name == "corrected"
    assert in_force(records, "north", SUMMER).name == "later"
    with pytest.raises(
        ConfigurationError, match=r"no record of depot east in force at .*; there are depots north, south"
    ):
        in_force(records, "east", SUMMER)


@pytest.fixture
def published(tmp_path: Path) -> Path:
    path = tmp_path / "kpi.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.learned_speeds as select 'north' as depot_id, 'all' as zone, "
            "0::bigint as local_hour, 4::double as median_crow_mps, 40 as drives, "
            "'UTC' as time_zone, true as is_enough"
        )
        connection.execute(
            "create table marts.learned_service_times as "
            "from (values ('north', 'deliver', '1', 90::double, 30, true), "
            "('north', 'deliver', 'all', 110, 50, true), ('north', 'pick_up', 'all', 200, 40, true), "
            "('north', 'unknown', '1', 60, 25, true), ('north', 'return', '1', 70, 9, false)) "
            "as learned (depot_id, stop_kind, parcels, median_s, visits, is_enough)"
        )
    return path


def test_service_times_are_of_one_parcel_and_only_kinds_that_plans_know_are_counted(published: Path) -> None:
    learned = read_learned(published, "north")

    assert learned.service_s == {"deliver_s": 90.0}
    assert learned.visits == 30


@pytest.mark.kafka
def test_the_command_tells_a_new_record_once_it_is_asked_to(
    topics: Topics, published: Path, tmp_path: Path
) -> None:
    before = depot(WINTER)
    publisher = Publisher(topics.bootstrap_servers, topics.prefix, linger_ms=0)
    publisher.send(DEPOTS, "north", before)
    publisher.send(DEPOTS, "south", replace(before, depot_id="south"))
    publisher.close()
    environ = {
        "KAFKA_BOOTSTRAP_SERVERS": topics.bootstrap_servers,
        "DOORSTEP_TOPIC_PREFIX": topics.prefix,
        "DOORSTEP_HOME": str(tmp_path),
    }

    def learn(*options: str) -> Result:
        arguments = ["north", "--published", str(published), "--from", "2026-07-01T12:00:00Z", *options]
        return CliRunner().invoke(command, arguments, env=environ, catch_exceptions=False)

    tried, told = learn("--dry-run"), learn()

    assert "nothing was changed" in tried.output
    assert "seconds of delivering: not said -> 90" in told.output
    assert told.output.splitlines()[-1] == "in force from 2026-07-01T12:00:00+00:00"
    of_north = [
        each for each in read_depots(topics.bootstrap_servers, topics.prefix) if each.depot_id == "north"
    ]
    speeds_mps = before.travel.speeds_mps
    assert [each.travel.speeds_mps for each in of_north] == [speeds_mps, (6.0, *speeds_mps[1:])]
    assert of_north[1].causation_id == before.event_id
