from datetime import UTC, datetime
from uuid import UUID

import pytest

from routing.errors import MappingError
from streams.events.base import Event
from streams.events.delivery import FailureReason, ScanEvent, ScanKind
from streams.events.telematics import GpsFix
from streams.ingest.binding import BoundEvent, bind
from streams.ingest.keys import INGESTED
from streams.ingest.mapping import read_mapping
from streams.ingest.values import Unmappable
from streams.keys import key_of

COLUMNS = ("van", "when", "lat", "lon", "speed", "state")
ROW = {"van": 7.0, "when": "2026-03-02 12:00", "lat": "52", "lon": 5, "speed": "36", "state": "ok"}
FIX = """
source: bus
time_zone: UTC
events:
  - topic: gps.fixes
    fields:
      vehicle_id: {column: van}
      fix_at: {column: when}
      received_at: {column: when}
      lat_deg: {column: lat}
      lon_deg: {column: lon}
      speed_mps: {column: speed, unit: km/h}
"""


def bound(text: str, columns: tuple[str, ...] = COLUMNS) -> BoundEvent:
    return bind(read_mapping(text), columns, "pings.csv")[0]


def build(text: str, **row: object) -> Event:
    return bound(text).build(ROW | row, 7, str(UUID(int=1)), "bus")


def wanted(condition: str, **row: object) -> bool:
    return bound(FIX + f"    filter: [{condition}]").is_wanted(ROW | row)


def test_a_row_becomes_an_event_in_si_units_and_utc() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)

    assert build(FIX) == GpsFix(
        event_id=UUID(int=1),
        source="bus",
        vehicle_id="7",
        fix_at=noon,
        received_at=noon,
        lat_deg=52.0,
        lon_deg=5.0,
        speed_mps=10.0,
    )


def test_an_empty_column_leaves_an_optional_field_out() -> None:
    fix = build(FIX, speed=" ")

    assert isinstance(fix, GpsFix)
    assert fix.speed_mps is None


@pytest.mark.parametrize(
    ("row", "rule", "says"),
    [
        ({"lat": None}, "lat_deg: empty, and gps.fixes can't do without it", None),
        ({"lat": "91"}, "lat_deg: it must be a number, at most 90.0", "lat_deg is 91.0; it must be"),
        ({"speed": "-3"}, "speed_mps: it must be a number, at least 0.0", "speed_mps is -0.83"),
        ({"speed": "fast"}, "speed_mps: not a number", "speed_mps: not a number: 'fast'"),
        ({"when": "noon"}, "fix_at: not a time written as ISO 8601", "'noon'"),
    ],
)
def test_a_row_that_breaks_the_contract_says_by_which_value(
    row: dict[str, object], rule: str, says: str | None
) -> None:
    with pytest.raises(Unmappable) as raised:
        build(FIX, **row)

    assert raised.value.rule == rule
    assert (says or rule) in str(raised.value)


@pytest.mark.parametrize(("lat", "lon"), [("0", "0"), ("-33.9", "-151.2"), ("-90", "180")])
def test_the_south_the_west_and_null_island_are_places(lat: str, lon: str) -> None:
    fix = build(FIX, lat=lat, lon=lon)

    assert isinstance(fix, GpsFix)
    assert (fix.lat_deg, fix.lon_deg) == (float(lat), float(lon))


@pytest.mark.parametrize(
    ("origin", "when"),
    [
        ("column: lon, seconds_since: '2026-03-02T08:00:00+01:00'", "07:00:05"),
        ("column: lon, seconds_since: 2026-03-02 08:00", "08:00:05"),
        ("row_number: true, seconds_since: 2026-03-02T08:00:00+01:00", "07:00:07"),
    ],
)
def test_a_column_or_the_rows_count_seconds_since_a_moment(origin: str, when: str) -> None:
    fix = build(FIX.replace("fix_at: {column: when}", f"fix_at: {{{origin}}}"))

    assert isinstance(fix, GpsFix)
    assert fix.fix_at == datetime.fromisoformat(f"2026-03-02T{when}Z")


def test_a_count_of_seconds_that_is_none_is_told() -> None:
    counted = FIX.replace("fix_at: {column: when}", "fix_at: {column: lon, seconds_since: 2026-03-02}")

    with pytest.raises(Unmappable, match="fix_at: not a number: 'x'"):
        build(counted, lon="x")
    with pytest.raises(Unmappable, match="fix_at: a time outside the calendar"):
        build(counted, lon="1e15")


def test_the_rows_number_is_a_value_like_others() -> None:
    fix = build(FIX.replace("{column: van}", "{row_number: true}"))

    assert isinstance(fix, GpsFix)
    assert fix.vehicle_id == "7"


def test_templates_and_constants_make_fields() -> None:
    mapping = """
source: vans
events:
  - topic: delivery.scans
    time_zone: UTC
    fields:
      kind: {constant: failed}
      failure_reason: {constant: not_at_home}
      attempt_number: {constant: 2}
      package_ids: {constant: [p1, p2]}
      order_id: {template: "{state}-{van}"}
      vehicle_id: {column: van}
      scanned_at: {column: when, time_zone: Europe/Berlin}
      received_at: {column: when, time_zone: UTC}
""".replace("    time_zone: UTC\n", "")

    scan = build(mapping)

    assert isinstance(scan, ScanEvent)
    assert (scan.kind, scan.failure_reason) == (ScanKind.FAILED, FailureReason.NOT_AT_HOME)
    assert (scan.order_id, scan.attempt_number, scan.package_ids) == ("ok-7", 2, ("p1", "p2"))
    assert (scan.received_at - scan.scanned_at).total_seconds() == 3600
    with pytest.raises(Unmappable, match="a failed scan names its order_id"):
        build(mapping, state="")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "column: lat}",
            "column: latitude}",
            "no column 'latitude'; it has van, when, lat, lon, speed",
        ),
        (
            "gps.fixes",
            "gps.fix",
            "event 1 of the mapping .gps.fix.: not a topic to ingest; those are gps",
        ),
        ("gps.fixes", "dispatch.plans", "not a topic to ingest"),
        ("speed_mps", "speed", "no field 'speed'; there are received_at, .*speed_mps"),
        ("km/h", "kmh", "unit 'kmh' of field speed_mps is unknown"),
        ("km/h", "km", "unit 'km' doesn't fit field speed_mps"),
        ("time_zone: UTC", "time_zone: Mars", "no time zone 'Mars'"),
        ("lat_deg: {column: lat}", "heading_deg: {column: lat}", "lacks what every such event has: lat_deg"),
        (
            "lat_deg: {column: lat}",
            "lat_deg: {constant: north}",
            "constant of lat_deg: not a number",
        ),
        ("vehicle_id: {column: van}", "vehicle_id: {template: '{bus}'}", "no column 'bus'"),
        ("vehicle_id: {column: van}", "vehicle_id: {template: '{van!r}'}", "{column}s and text alone"),
        (
            "fix_at: {column: when}",
            "fix_at: {column: when, seconds_since: noon}",
            "seconds_since of fix_at: not a time written as ISO 8601: 'noon'",
        ),
        (
            "lat_deg: {column: lat}",
            "lat_deg: {column: lat, seconds_since: 2026-03-02}",
            "seconds_since makes a time, and lat_deg is none",
        ),
        ("speed_mps:", "event_id: {column: van}\n      speed_mps:", "event_id is set by ingest"),
    ],
)
def test_a_mapping_that_does_not_fit_says_what_is_there(old: str, new: str, says: str) -> None:
    assert old in FIX
    with pytest.raises(MappingError, match=says):
        bound(FIX.replace(old, new))


def test_of_many_columns_the_first_are_listed_and_no_name_upsets_a_terminal() -> None:
    columns = ("\x1b[2J\udcff", "x" * 100, *(f"c{number}" for number in range(30)))

    with pytest.raises(MappingError) as raised:
        bound(FIX, columns)

    said = str(raised.value)
    assert f"pings.csv has no column 'van'; it has \\x1b[2J\\xff, {'x' * 60}…, c0, c1," in said
    assert said.endswith("c17 and 12 more")


def test_a_filter_on_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(MappingError, match="no column 'status'"):
        wanted("{column: status, is: ok}")


def test_a_wrong_constant_event_is_told_before_anything_is_sent() -> None:
    with pytest.raises(MappingError, match=r"event 1 of the mapping \(reference.depots\): lat_deg is 91"):
        bound("""
source: bus
events:
  - topic: reference.depots
    once: true
    fields: {depot_id: {constant: d}, name: {constant: D}, lat_deg: {constant: 91.0},
             effective_at: {constant: "2000-01-01T00:00:00Z"}}
""")


@pytest.mark.parametrize(
    ("condition", "row", "holds"),
    [
        ("{column: state, is: ok}", {}, True),
        ("{column: state, is: OK}", {}, False),
        ("{column: state, is_not: ok}", {}, False),
        ("{column: state, in: [late, ok]}", {}, True),
        ("{column: state, not_in: [late, ok]}", {}, False),
        ("{column: state, empty: true}", {"state": None}, True),
        ("{column: state, empty: false}", {"state": None}, False),
        ("{column: van, is: 7}", {}, True),
        ("{column: state, is: true}", {"state": True}, True),
        ("{column: state, is: true}", {"state": "true"}, True),
        ("{column: state, is: 0}", {"state": None}, False),
    ],
)
def test_a_filter_compares_as_text(condition: str, row: dict[str, object], holds: bool) -> None:
    assert wanted(condition, **row) is holds


def test_every_ingested_topic_has_a_key() -> None:
    with pytest.raises(ValueError, match="Event has no key"):
        key_of(Event(event_id=UUID(int=1), source="x"))
    assert key_of(build(FIX)) == "7"
    assert all(topic.event is not None for topic in INGESTED.values())
