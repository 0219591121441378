"""Other people's files, dirtier than they should be: what is not counted is counted under its reason."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from streams.events.delivery import ScanKind
from streams.ingest.ingest import ingest
from streams.ingest.mapping import read_mapping
from streams.topics import BY_NAME
from tests.models.conftest import Build
from tests.models.events import scan
from tests.models.given import Lake, Warehouse
from tests.streams.ingest.outbox import Outbox

MAPPING = """
source: dirty
time_zone: Europe/Berlin
events:
  - topic: reference.depots
    once: true
    fields:
      depot_id: {constant: north}
      name: {constant: North}
      time_zone: {constant: Europe/Berlin}
      effective_at: {constant: "2000-01-01T00:00:00Z"}
  - topic: delivery.orders
    fields:
      kind: {constant: placed}
      order_id: {column: id}
      depot_id: {constant: north}
      stop_id: {template: "stop-{id}"}
      ordered_at: {column: placed}
      received_at: {column: placed}
      promised_from: {column: from}
      promised_until: {column: until}
      lat_deg: {column: lat}
      lon_deg: {column: lon}
  - topic: delivery.scans
    filter: [{column: delivered, empty: false}]
    fields:
      kind: {constant: delivered}
      order_id: {column: id}
      depot_id: {constant: north}
      carrier_id: {constant: c1}
      scanned_at: {column: delivered}
      received_at: {column: delivered}
"""
HEADER = "id,placed,from,until,delivered,lat,lon\n"
NOW = datetime(2026, 4, 2, 6, tzinfo=UTC)


@pytest.fixture
def built(tmp_path: Path, lake: Lake) -> Build:
    """Ingests rows, lands what was sent, and builds the days around."""

    def build(*rows: str) -> Warehouse:
        path = tmp_path / "orders.csv"
        path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
        outbox = Outbox()
        ingest(path, read_mapping(MAPPING), outbox, NOW, lambda _: None)
        for sent in outbox.sent:
            headers = tuple((name, value) for name, value in sent.headers)
            lake.land_values(BY_NAME[sent.topic], [sent.value], NOW, headers, [sent.key.encode()])
        return Warehouse(lake.root, "Europe/Berlin").build("2026-03-01", "2026-04-01")

    return build


DAY = "2026-03-02"
PLACED, OPENS, CLOSES, DELIVERED = (f"{DAY} {time}" for time in ("08:00", "09:00", "12:00", "10:00"))


def row(
    name: str,
    placed: str = PLACED,
    opens: str = OPENS,
    until: str = CLOSES,
    delivered: str = DELIVERED,
    place: str = "52.5,13.4",
) -> str:
    return ",".join((name, placed, opens, until, delivered, place))


def test_rows_that_cannot_be_are_counted_with_their_reason_and_nothing_is_made_of_them(built: Build) -> None:
    warehouse = built(
        row("good"),
        row("backwards", opens=CLOSES, until=OPENS),
        row("ordered in 1899", placed="1899-12-30 08:00"),
        row("delivered in 1899", delivered="1899-12-30 00:00"),
        row("when clocks went on", placed="2026-03-29 02:30"),
        row("beyond the pole", place="91,13.4"),
        row("half a place", place="52.5,"),
        row("a name", place="'Erika O\\'Brien,13.4"),
    )

    assert warehouse.rows("select order_id from marts.orders") == [("good",)]
    assert warehouse.rows(
        "select reason, letters, first_row, last_row from marts.rejections order by first_row"
    ) == [
        ("the promise ends before it starts", 1, 2, 2),
        ("received_at lies before 1970", 2, 3, 4),
        ("ordered_at: a local time that the clocks of Europe/Berlin skipped", 1, 5, 5),
        ("lat_deg: it must be a number, at most 90.0", 1, 6, 6),
        ("lat_deg and lon_deg come together or not at all", 1, 7, 7),
        ("lat_deg: not a number", 1, 8, 8),
    ]
    assert warehouse.broken_tests() == []


def test_null_island_is_no_place_and_the_south_and_west_are(built: Build) -> None:
    warehouse = built(
        row("island", place="0,0"), row("south", place="-33.9,-70.6"), row("equator", place="0,9.5")
    )

    known = "select order_id, zone is not null from marts.orders order by 1"
    assert warehouse.rows(known) == [("equator", True), ("island", False), ("south", True)]
    counted = "select without_place, events from marts.order_accounting order by 1"
    assert warehouse.rows(counted) == [("", 2), ("its place is 0 N 0 E", 1)]
    assert warehouse.kpi("order_to_drop_h", "zone", "unknown")["denominator"] == 1


def test_a_promise_of_another_time_counts_on_the_date_of_what_happened(built: Build) -> None:
    warehouse = built(
        row("good", until=DELIVERED),
        row("long over", opens="2012-03-02 09:00", until="2012-03-02 12:00"),
        row("far ahead", opens="2099-01-02 09:00", until="2099-01-02 12:00"),
    )

    dated = "select order_id, service_date::varchar from marts.orders order by 1"
    assert warehouse.rows(dated) == [("far ahead", DAY), ("good", DAY), ("long over", DAY)]
    rate = warehouse.kpi("on_time_rate")
    assert (rate["numerator"], rate["denominator"], rate["excluded"]) == (1, 2, 1)
    told = "select oddity, events from marts.order_accounting where oddity <> '' order by 1"
    assert warehouse.rows(told) == [("promised before it was ordered", 1), ("promised over a year ahead", 1)]


def test_an_order_that_stands_there_twice_is_one_delivered_once(built: Build) -> None:
    warehouse = built(row("twice"), row("twice"))

    assert warehouse.rows("select order_id, attempts from marts.orders") == [("twice", 1)]


def test_rows_that_a_join_made_many_of_are_one_attempt_at_the_first_delivery(built: Build) -> None:
    warehouse = built(*(row("fan", delivered=f"{DAY} {time}") for time in ("10:00", "10:05", "13:00")))

    found = "select attempt_number, outcome, delivered_at from marts.attempts"
    assert warehouse.rows(found) == [(1, "delivered", datetime(2026, 3, 2, 9, tzinfo=UTC))]
    assert warehouse.kpi("on_time_rate")["numerator"] == 1


def test_a_failure_after_a_delivery_is_an_attempt_of_its_own(lake: Lake) -> None:
    kinds = ((ScanKind.DELIVERED, "10:00"), (ScanKind.FAILED, "13:00"), (ScanKind.DELIVERED, "15:00"))
    lake.land(*(scan(kind, when, attempt=None) for kind, when in kinds))

    warehouse = Warehouse(lake.root).build(DAY)

    rows = warehouse.rows("select attempt_number, outcome from marts.attempts order by 1")
    assert rows == [(1, "delivered"), (2, "failed"), (3, "delivered")]


def test_what_ends_before_it_starts_is_excluded_where_it_would_be_measured(built: Build) -> None:
    warehouse = built(row("good"), row("before", delivered=f"{DAY} 07:00"), row("late", until=f"{DAY} 12:00"))

    assert warehouse.kpi("order_to_drop_h") == {"numerator": 4, "denominator": 2, "excluded": 1, "unknown": 0}


def test_a_promise_that_was_over_when_it_was_ordered_is_told(built: Build) -> None:
    warehouse = built(row("good"), row("stale", opens=f"{DAY} 06:00", until=f"{DAY} 07:00"))

    odd = "select oddity, events from marts.order_accounting order by 1"
    assert warehouse.rows(odd) == [("", 1), ("promised before it was ordered", 1)]
