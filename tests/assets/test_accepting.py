"""What somebody accepted are the very files that waited when it was said, whatever lands or runs later."""

from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from assets.due import find_waiting
from assets.ledger import Slice
from assets.models.project import DateRange
from assets.raw import NOT_ACCEPTED, raw_assets
from assets.service_dates import accepted_topics, is_accepted, run_tags
from assets.slice_checks import LEAST_ABSURD_ROWS
from assets.warehouse import Warehouse
from streams.topics import GPS_FIXES
from tests.models.events import DAY, fix, vehicle
from tests.models.given import PROJECT, Lake

DATES = (DateRange(date.fromisoformat(DAY), date.fromisoformat(DAY)),)
SOURCES = tuple(PROJECT.source(name) for name in ("gps_fixes", "reference_vehicles"))


def of_files(*paths: str, topic: str = GPS_FIXES.name) -> Slice:
    return Slice(topic, paths, ("A",) * len(paths), len(paths), 0)


def test_a_runs_tags_accept_these_files_of_this_topic_and_no_others() -> None:
    tags = run_tags(DATES, accepted=[of_files("a", "b")])

    assert accepted_topics(tags) == {GPS_FIXES.name}
    assert is_accepted(tags, of_files("b", "a"))
    assert not is_accepted(tags, of_files("a", "b", "c"))
    assert not is_accepted(tags, of_files("a"))
    assert not is_accepted(tags, of_files("a", "b", topic="delivery.scans"))


def test_where_nothing_waited_nothing_is_accepted() -> None:
    assert not is_accepted(run_tags(DATES, accepted=[of_files()]), of_files())
    assert not is_accepted(run_tags(DATES), of_files("a"))


def land_strangers(lake: Lake, hour: int) -> None:
    lake.land(*(fix(f"{hour:02}:{n // 60:02}:{n % 60:02}") for n in range(LEAST_ABSURD_ROWS)))


def checked(warehouse: Warehouse, tags: dict[str, str]) -> str:
    """What blocks in a run of the raw step alone; empty where nothing does."""
    result = dg.materialize(
        [raw_assets(SOURCES, None)], resources={"warehouse": warehouse}, tags=tags, raise_on_error=False
    )
    bad = [
        one
        for one in result.get_asset_check_evaluations()
        if not one.passed and one.severity == dg.AssetCheckSeverity.ERROR
    ]
    return "; ".join(str(one.description) for one in bad)


@pytest.mark.filterwarnings("ignore")
def test_what_lands_while_the_build_starts_and_what_waits_when_it_runs_again_is_not_accepted(
    warehouse: Warehouse,
) -> None:
    lake = Lake(Path(warehouse.lake))
    lake.land(vehicle("truck"))
    land_strangers(lake, 9)
    tags = run_tags(DATES, accepted=find_waiting(warehouse, PROJECT, [GPS_FIXES.name]))
    land_strangers(lake, 10)

    first, again = checked(warehouse, tags), checked(warehouse, tags)

    assert first == ""
    assert f"{LEAST_ABSURD_ROWS} of {LEAST_ABSURD_ROWS} rows name a vehicle_id" in again
    assert NOT_ACCEPTED in again
    (waiting,) = find_waiting(warehouse, PROJECT, [GPS_FIXES.name])
    assert len(waiting.paths) == 1
