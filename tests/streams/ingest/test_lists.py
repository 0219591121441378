from uuid import UUID

import pytest

from routing.errors import MappingError
from streams.events.base import Event
from streams.events.delivery import OrderEvent, Package, ScanEvent
from streams.ingest.binding import bind
from streams.ingest.mapping import read_mapping
from streams.ingest.values import Unmappable

ORDER = """
source: shop
events:
  - topic: delivery.orders
    fields:
      kind: {constant: placed}
      order_id: {column: id}
      depot_id: {constant: d1}
      ordered_at: {constant: "2026-03-02T08:00:00Z"}
      received_at: {constant: "2026-03-02T08:00:00Z"}
      packages: {column: parcels, LIST}
"""
SCAN = (
    ORDER.replace("delivery.orders", "delivery.scans")
    .replace("placed", "loaded")
    .replace("ordered_at", "scanned_at")
    .replace("depot_id", "carrier_id")
    .replace("packages", "package_ids")
)
COUNTED = "numbered: '{id}'"


def build(mapping: str, how: str, parcels: object) -> Event:
    row = {"id": "o1", "parcels": parcels, "box": ""}
    return bind(read_mapping(mapping.replace("LIST", how)), row, "orders.csv")[0].build(
        row, 1, str(UUID(int=1)), "shop"
    )


def packages(how: str, parcels: object) -> list[str]:
    order = build(ORDER, how, parcels)
    assert isinstance(order, OrderEvent)
    return [package.package_id for package in order.packages]


@pytest.mark.parametrize(
    ("how", "parcels", "ids"),
    [
        ("split_by: ;", "P7; P8;", ["P7", "P8"]),
        ("split_by: '|'", "P7", ["P7"]),
        ("split_by: ;", "P7;P7", ["P7"]),
        ("split_by: ;", ["P7", 8.0], ["P7", "8"]),
        ("split_by: ;", " ", []),
        (COUNTED, "2", ["o1-1", "o1-2"]),
        (COUNTED, 3.0, ["o1-1", "o1-2", "o1-3"]),
        (COUNTED, "0", []),
        (COUNTED, None, []),
    ],
)
def test_a_column_names_an_orders_packages_or_counts_them(how: str, parcels: object, ids: list[str]) -> None:
    assert packages(how, parcels) == ids


def test_a_scan_names_the_packages_of_its_order_in_the_same_way() -> None:
    order, scan = build(ORDER, COUNTED, "2"), build(SCAN, COUNTED, "2")

    assert isinstance(order, OrderEvent)
    assert isinstance(scan, ScanEvent)
    assert scan.package_ids == ("o1-1", "o1-2")
    assert order.packages == tuple(Package(package_id=name) for name in scan.package_ids)


@pytest.mark.parametrize(
    ("parcels", "rule"),
    [
        ("two", "packages: not a number"),
        ("1.5", "packages: not a whole number"),
        ("-1", "packages: not a count from 0 to 10,000"),
        ("1e9", "packages: not a count from 0 to 10,000"),
    ],
)
def test_a_count_that_is_none_is_told(parcels: str, rule: str) -> None:
    with pytest.raises(Unmappable) as raised:
        packages(COUNTED, parcels)

    assert raised.value.rule == rule


def test_packages_without_a_name_are_told() -> None:
    with pytest.raises(Unmappable, match="packages: a column that its names are made of is empty"):
        packages("numbered: '{box}'", "2")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (", LIST", "", r"packages is a list; say by what its column is split \(split_by\), or that"),
        (
            "packages: {column: parcels, LIST}",
            "stop_id: {column: id, split_by: ;}",
            "lists of ids, stop_id is none",
        ),
        ("LIST", "numbered: '{shop}'", "has no column 'shop'; it has id, parcels"),
    ],
)
def test_a_list_that_does_not_fit_is_told_before_the_first_row(old: str, new: str, says: str) -> None:
    with pytest.raises(MappingError, match=says):
        bind(read_mapping(ORDER.replace(old, new)), ["id", "parcels"], "orders.csv")
