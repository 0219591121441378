"""Which vehicles and orders are known, from builds and from files that no build has covered."""

from datetime import date
from pathlib import Path

import pytest

from assets.landed_ids import LandedIds
from assets.ledger import mark_built
from assets.models.project import DateRange
from assets.slice_checks import Link
from tests.models.events import DAY, fix, order, vehicle
from tests.models.given import Lake, Warehouse

BUILT = DateRange(date.fromisoformat(DAY), date.fromisoformat(DAY))
VEHICLE, ORDER = Link("vehicle_id", "reference.vehicles"), Link("order_id", "delivery.orders")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def test_no_id_is_unknown_where_none_ever_landed(lake: Lake) -> None:
    lake.land(fix("09:00"))

    ids = LandedIds(Warehouse(lake.root).register().connection, lake.root)

    assert ids.unknown(VEHICLE, ["van"]) is None


def test_ids_of_files_that_no_build_has_covered_are_known(lake: Lake) -> None:
    lake.land(vehicle("van"), order("o1"))

    ids = LandedIds(Warehouse(lake.root).register().connection, lake.root)

    assert ids.unknown(VEHICLE, ["van", "bus"]) == ["bus"]
    assert ids.unknown(ORDER, ["o1", "o2"]) == ["o2"]


def test_ids_that_were_built_are_known_without_a_look_at_their_files(lake: Lake) -> None:
    lake.land(order("o1"))
    built = Warehouse(lake.root).build(DAY, models=("stg_depots", "stg_orders"))
    mark_built(built.connection, BUILT)
    for file in (lake.root / "delivery.orders").rglob("*.parquet"):
        file.unlink()
    lake.land(order("o2"))

    ids = LandedIds(built.register().connection, lake.root)

    assert ids.unknown(ORDER, ["o1", "o2", "o3"]) == ["o3"]


def test_a_file_that_cannot_be_read_brings_no_ids(lake: Lake) -> None:
    lake.land(order("o1"))
    for file in (lake.root / "delivery.orders").rglob("*.parquet"):
        file.write_bytes(b"")

    ids = LandedIds(Warehouse(lake.root).register().connection, lake.root)

    assert ids.unknown(ORDER, ["o1"]) is None
