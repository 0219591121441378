from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from routing.errors import ConfigurationError, MappingError
from streams.dead_letters import Origin
from streams.events.delivery import OrderEvent, OrderKind, ScanEvent
from streams.events.judgements import ClockTick
from streams.events.reference import DepotRecord
from streams.events.telematics import GpsFix
from streams.ingest.ingest import Summary, ingest
from streams.ingest.mapping import Mapping, read_mapping
from streams.topics import DEPOTS, GPS_FIXES, ORDERS, SCANS
from tests.streams.ingest.outbox import Outbox

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[3] / "examples" / "mappings"
ORDERS_MAPPING = """
source: shop
time_zone: America/Chicago
events:
  - topic: reference.depots
    once: true
    fields:
      depot_id: {constant: d1}
      name: {constant: Depot}
      effective_at: {constant: "2000-01-01T00:00:00Z"}
  - topic: delivery.orders
    filter: [{column: state, is_not: draft}]
    fields:
      kind: {constant: placed}
      order_id: {column: id}
      depot_id: {constant: d1}
      ordered_at: {column: placed}
      received_at: {column: placed}
      promised_from: {column: from}
      promised_until: {column: until}
  - topic: delivery.scans
    filter: [{column: delivered, empty: false}]
    fields:
      kind: {constant: delivered}
      order_id: {column: id}
      carrier_id: {constant: c1}
      scanned_at: {column: delivered}
      received_at: {column: delivered}
"""
HEADER = "id,state,placed,from,until,delivered\n"


def example(name: str) -> Mapping:
    return read_mapping((EXAMPLES / name).read_text(encoding="utf-8"))


def run(path: Path, mapping: Mapping | None = None, now: datetime = NOW) -> tuple[Summary, Outbox]:
    outbox = Outbox()
    summary = ingest(path, mapping or read_mapping(ORDERS_MAPPING), outbox, now, lambda _: None)
    return summary, outbox


def orders_file(folder: Path, *rows: str) -> Path:
    path = folder / "orders.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    return path


def test_a_row_becomes_several_events_and_the_depot_goes_once(tmp_path: Path) -> None:
    path = orders_file(
        tmp_path,
        "o1,done,2025-07-01 10:00,,2025-07-02 18:00,2025-07-02 17:00",
        "o2,open,2025-07-01 11:00,,,",
        "o3,draft,2025-07-01 12:00,,,",
    )

    summary, outbox = run(path)

    assert [sent.topic for sent in outbox.sent] == [
        "reference.depots",
        "delivery.orders",
        "delivery.scans",
        "delivery.orders",
    ]
    assert [sent.key for sent in outbox.sent] == ["d1", "d1", "c1", "d1"]
    assert (summary.rows_read, summary.rows_sent, summary.rows_filtered) == (3, 2, 1)
    assert summary.events == {"reference.depots": 1, "delivery.orders": 2, "delivery.scans": 1}


def test_the_same_content_gives_the_same_events_whatever_the_files_name(tmp_path: Path) -> None:
    path = orders_file(tmp_path, "o1,x,2025-07-01 10:00,,,", "o1,x,2025-07-01 10:00,,,")
    _, first = run(path)

    _, second = run(path.rename(tmp_path / "again.csv"))

    assert second.sent == first.sent
    assert len({event.event_id for event in first.events(ORDERS)}) == 2


def test_a_row_that_fails_in_one_event_sends_none_and_is_a_dead_letter(tmp_path: Path) -> None:
    path = orders_file(
        tmp_path,
        "o1,x,2025-07-01 10:00,,,noon",
        "o2,x,2025-07-01 10:00,2025-07-03 10:00,2025-07-02 10:00,",
        "o3,x,2025-03-09 02:30,,,",
        "o4,x,1899-12-30 00:00,,,",
        "o5,x,2099-01-01 00:00,,,",
        "o6,x",
        "o7,x,2025-07-01 10:00,,,",
        "o8,x,,,,",
    )

    summary, outbox = run(path)

    assert [sent.key for sent in outbox.sent if sent.topic == "delivery.orders"] == ["d1"]
    letters = outbox.letters()
    assert [row for row, _, _ in letters] == [1, 2, 3, 4, 5, 6, 8]
    assert letters[0][1:] == (
        "scanned_at: not a time written as ISO 8601: 'noon'",
        b"o1,x,2025-07-01 10:00,,,noon\n",
    )
    assert "the promise ends before it starts" in letters[1][1]
    assert "clocks of America/Chicago skipped" in letters[2][1]
    assert "lies before 1970" in letters[3][1]
    assert "more than a day ahead" in letters[4][1]
    assert letters[5][1] == "the row has 2 values, the header 6"
    assert summary.dead_rows == {
        "scanned_at: not a time written as ISO 8601": 1,
        "the promise ends before it starts": 1,
        "ordered_at: a local time that the clocks of America/Chicago skipped": 1,
        "received_at lies before 1970": 1,
        "received_at is more than a day ahead of Kafka's append time": 1,
        "the row has 2 values, the header 6": 1,
        "ordered_at: empty, and delivery.orders can't do without it": 1,
    }
    assert list(summary.first_dead_row.values()) == [1, 2, 3, 4, 5, 6, 8]
    accounted = summary.rows_sent + summary.rows_filtered + sum(summary.dead_rows.values())
    assert summary.rows_read == accounted == 8


def test_a_dead_letter_tells_its_rule_apart_from_the_values_of_its_row(tmp_path: Path) -> None:
    path = orders_file(tmp_path, "o1,x,Maria Silva,,,", "Maria Silva,x,1899-12-30 00:00,,,")

    _, outbox = run(path)

    origins = [Origin.from_headers(sent.headers) for sent in outbox.sent if sent.topic == "dead.letters"]
    assert [origin.rule for origin in origins] == [
        "ordered_at: not a time written as ISO 8601",
        "received_at lies before 1970",
    ]
    assert "Maria Silva" in origins[0].reason


def test_rows_with_any_wrong_word_of_a_list_are_counted_as_one_rule_that_lists_the_right_ones(
    tmp_path: Path,
) -> None:
    mapping = read_mapping(ORDERS_MAPPING.replace("kind: {constant: placed}", "kind: {column: state}"))
    path = orders_file(tmp_path, *(f"o{n},word {n},2025-07-01 10:00,,," for n in range(3)))

    summary, outbox = run(path, mapping)

    assert summary.dead_rows == {"kind: it must be one of placed, rescheduled, cancelled": 3}
    assert outbox.letters()[2][1] == 'kind is "word 2"; it must be one of placed, rescheduled, cancelled'


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("o1,x,2025-07-01 10:00,1899-12-30 00:00,,", "promised_from"),
        ("o1,x,2025-07-01 10:00,1899-12-30,,", "promised_day"),
        ("o1,x,2025-07-01 10:00,,1899-12-30 00:00,", "promised_until"),
        ("o1,x,2025-07-01 10:00,,,1899-12-30 00:00", "received_at"),
    ],
)
def test_any_moment_before_1970_is_a_dead_letter(tmp_path: Path, row: str, field: str) -> None:
    mapping = ORDERS_MAPPING.replace("promised_from", field) if field == "promised_day" else ORDERS_MAPPING

    summary, outbox = run(orders_file(tmp_path, row), read_mapping(mapping))

    assert summary.dead_rows == {f"{field} lies before 1970": 1}
    assert not outbox.events(ORDERS)


def test_reference_data_may_be_in_force_since_ever_and_a_wrong_constant_is_told_first(tmp_path: Path) -> None:
    path = orders_file(tmp_path)
    since_ever = read_mapping(ORDERS_MAPPING.replace("2000-01-01", "1900-01-01"))
    scanned = ORDERS_MAPPING.replace(
        "  - topic: delivery.orders",
        """  - topic: delivery.scans
    once: true
    fields:
      kind: {constant: departed}
      carrier_id: {constant: c1}
      scanned_at: {constant: "1899-12-30T00:00:00Z"}
      received_at: {constant: "2026-01-01T00:00:00Z"}
  - topic: delivery.orders""",
    )
    outbox = Outbox()

    _, sent = run(path, since_ever)
    with pytest.raises(
        MappingError, match=r"event 2 of the mapping \(delivery.scans\): the event's time lies before 1970"
    ):
        ingest(path, read_mapping(scanned), outbox, NOW, lambda _: None)

    assert len(sent.events(DEPOTS)) == 1
    assert outbox.sent == []


def test_a_row_larger_than_its_topic_is_a_dead_letter(tmp_path: Path) -> None:
    path = tmp_path / "orders.ndjson"
    path.write_text(
        '{"id": "o1", "state": "", "placed": "2025-07-01", "from": "", "until": "", "delivered": "",'
        f' "note": "{"x" * 10_000_000}"}}\n'
        '{"id": "' + "y" * 300 + '", "placed": "2025-07-01"}\n'
        "nonsense " + "z" * 10_000_000
    )

    summary, outbox = run(path)

    assert summary.rows_sent == 1
    (long_id, long_line) = outbox.letters()
    assert (long_id[0], long_line[0]) == (2, 3)
    assert "(the first 1048576 bytes of 10000009)" in long_line[1]
    assert len(long_line[2]) == 1_048_576


def test_nothing_is_sent_when_the_mapping_does_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("id,placed\no1,2025-07-01\n")
    outbox = Outbox()

    with pytest.raises(MappingError, match="no column 'state'; it has id, placed"):
        ingest(path, read_mapping(ORDERS_MAPPING), outbox, NOW, lambda _: None)

    assert outbox.sent == []


def test_of_a_file_that_is_damaged_further_on_it_is_said_how_many_rows_were_sent(tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    names, rows = HEADER.strip().split(","), 30_000
    columns = {name: [""] * rows for name in names}
    columns |= {"id": [f"o{number}" for number in range(rows)], "placed": ["2025-07-01 10:00"] * rows}
    columns["placed"][7] = "yesterday"
    pq.write_table(pa.table(columns), path, row_group_size=10_000, use_dictionary=False, compression=None)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 200_000] = b"\xff" * 200_000
    path.write_bytes(content)
    outbox = Outbox()

    with pytest.raises(ConfigurationError) as raised:
        ingest(path, read_mapping(ORDERS_MAPPING), outbox, NOW, lambda _: None)

    assert "orders.parquet can't be read past row 10000: " in str(raised.value)
    assert str(raised.value).endswith("; before that 9,999 rows were sent, and 1 to dead.letters")
    assert len(outbox.events(ORDERS)) == 9_999
    assert (outbox.flushes, outbox.ticks) == (1, [])


def test_ticks_say_how_far_time_went_and_are_never_ahead_of_the_clock(tmp_path: Path) -> None:
    path = orders_file(tmp_path, "o1,x,2025-07-02 10:00,,,", "o2,x,2025-07-01 10:00,,,")

    _, outbox = run(path)
    _, at_noon = run(orders_file(tmp_path, "o1,x,2026-03-02 10:00,,,"))
    _, empty = run(orders_file(tmp_path))

    assert [tick.now_at for tick in outbox.ticks if isinstance(tick, ClockTick)] == [
        datetime(2025, 7, 2, 15, tzinfo=UTC)
    ] * 2
    assert [tick.now_at for tick in at_noon.ticks if isinstance(tick, ClockTick)] == [NOW] * 2
    assert empty.ticks == []


def test_an_unclosed_quote_costs_one_order_of_a_thousand(shared_data: Path, tmp_path: Path) -> None:
    lines = (shared_data / "olist" / "olist_orders_dataset.csv").read_bytes().splitlines(keepends=True)
    path = tmp_path / "unclosed.csv"
    path.write_bytes(b"".join([*lines[:500], b'"' + lines[500].replace(b'"', b""), *lines[501:]]))

    summary, outbox = run(path, example("olist_orders.yml"))

    assert (summary.rows_read, summary.rows_sent) == (1000, 999)
    assert [(row, reason) for row, reason, _ in outbox.letters()] == [
        (500, "a quote is not closed: it opens in line 501")
    ]


def test_olists_orders_have_the_reference_figures(shared_data: Path) -> None:
    path = shared_data / "olist" / "olist_orders_dataset.csv"

    summary, outbox = run(path, example("olist_orders.yml"))

    local = ZoneInfo("America/Sao_Paulo")
    orders = [event for event in outbox.events(ORDERS) if isinstance(event, OrderEvent)]
    placed = {order.order_id: order for order in orders if order.kind is OrderKind.PLACED}
    scans = [event for event in outbox.events(SCANS) if isinstance(event, ScanEvent)]
    promised_until = [placed[scan.order_id or ""].promised_until or NOW for scan in scans]
    promised_day = [placed[scan.order_id or ""].promised_day or date.max for scan in scans]
    by_instant = [scan.scanned_at <= until for scan, until in zip(scans, promised_until, strict=True)]
    by_day = [
        scan.scanned_at.astimezone(local).date() <= day for scan, day in zip(scans, promised_day, strict=True)
    ]
    assert (len(placed), len(scans), sum(by_instant), sum(by_day)) == (1000, 979, 904, 917)
    assert sum(order.kind is OrderKind.CANCELLED for order in orders) == 2
    assert sum(summary.dead_rows.values()) == 0


def test_madisons_pings_have_the_reference_figures(shared_data: Path) -> None:
    path = shared_data / "madison_bus" / "pings_2025-09_to_10.parquet"

    summary, outbox = run(path, example("madison_bus.yml"))

    fixes = [event for event in outbox.events(GPS_FIXES) if isinstance(event, GpsFix)]
    assert summary.rows_sent == len(fixes) == len({fix.event_id for fix in fixes}) == 97_779
    assert len({fix.vehicle_id for fix in fixes}) == 172
    assert len(fixes) - len({(fix.vehicle_id, fix.fix_at) for fix in fixes}) == 349
    assert sum(fix.fix_at > fix.received_at for fix in fixes) == 156
    assert sum(fix.received_at - fix.fix_at > timedelta(seconds=300) for fix in fixes) == 305
    assert sum((fix.speed_mps or 0) > 80 * 0.44704 for fix in fixes) == 126
    assert sum(fix.speed_mps == 0 for fix in fixes) == 34_410
    assert [type(depot) for depot in outbox.events(DEPOTS)] == [DepotRecord]
