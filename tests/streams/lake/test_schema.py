from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import msgspec.inspect as inspect
import pyarrow as pa
import pytest

from routing.changes import Policy, Progress
from routing.plan import Location, Stop, Vehicle
from streams.codec import decode, encode
from streams.events.base import Event
from streams.events.judgements import Verdict, VerdictKind
from streams.lake.instants import event_instant, utc_date
from streams.lake.schema import LANDED, arrow_schema, event_fields
from streams.topics import CHECKPOINTS, DEAD_LETTERS, GPS_FIXES, ORDERS, PROPOSALS, TOPICS, VERDICTS, Topic
from tests.streams.lake.records import NOON, fix

EVENTS = [topic for topic in LANDED if topic.event is not None]


@pytest.mark.parametrize("topic", EVENTS, ids=lambda topic: topic.name)
def test_every_field_of_a_contract_has_its_column(topic: Topic) -> None:
    assert topic.event is not None
    info = inspect.type_info(topic.event)
    assert isinstance(info, inspect.StructType)

    schema = arrow_schema(topic)

    assert len(set(schema.names)) == len(schema.names)
    assert len(schema) - ("h3_cell" in schema.names) == 5 + len(info.fields)


def test_everything_but_checkpoints_lands() -> None:
    assert set(TOPICS) - set(LANDED) == {CHECKPOINTS}
    with pytest.raises(ValueError, match=r"stream\.checkpoints is not landed"):
        arrow_schema(CHECKPOINTS)


def test_types_follow_from_the_contract() -> None:
    schema = arrow_schema(ORDERS)

    assert schema.field("event_id").type == pa.string()
    assert schema.field("kind").type == pa.string()
    assert schema.field("ordered_at").type == pa.timestamp("us", tz="UTC")
    assert schema.field("promised_day").type == pa.date32()
    assert schema.field("promised_day").nullable
    assert not schema.field("order_id").nullable
    assert schema.field("packages").type.value_type.field("weight_kg").type == pa.float64()
    assert arrow_schema(PROPOSALS).field("effects").type.field("changes").type.value_type.num_fields == 7


@pytest.mark.parametrize("topic", EVENTS, ids=lambda topic: topic.name)
def test_every_whole_number_of_a_contract_fits_its_column(topic: Topic) -> None:
    assert topic.event is not None

    unbounded = set(_unbounded(inspect.type_info(topic.event), "event"))

    # The plan's nouns check their numbers themselves: the next test.
    assert unbounded <= {
        "Stop.packages",
        "Stop.priority",
        "Vehicle.capacity_packages",
        "Vehicle.most_stops",
        "Progress.breaks_taken",
        "Policy.n_next",
    }


def test_a_plans_numbers_fit_their_column() -> None:
    with pytest.raises(ValueError, match=str(2**63)):
        Stop("s", Location(0, 0), packages=2**63)
    with pytest.raises(ValueError, match=str(2**63)):
        Vehicle("v", capacity_packages=2**63)
    with pytest.raises(ValueError, match=str(2**63)):
        Vehicle("v", most_stops=2**63)
    with pytest.raises(ValueError, match=str(2**63)):
        Stop("s", Location(0, 0), priority=2**63)
    with pytest.raises(ValueError, match=str(2**63)):
        Progress("A", Location(0, 0), NOON, breaks_taken=2**63)
    with pytest.raises(ValueError, match="next stops"):
        Policy(n_next=2**63)


def test_only_events_with_a_position_have_a_cell() -> None:
    assert "h3_cell" in arrow_schema(GPS_FIXES).names
    assert "h3_cell" not in arrow_schema(VERDICTS).names


def test_a_verdicts_own_place_is_called_judged() -> None:
    names = arrow_schema(VERDICTS).names

    assert {"topic", "offset", "judged_topic", "judged_partition", "judged_offset", "judged_index"} <= set(
        names
    )


def test_dead_letters_keep_their_bytes_and_origin() -> None:
    schema = arrow_schema(DEAD_LETTERS)

    assert schema.field("raw").type == pa.binary()
    assert {"reason", "source_topic", "source_offset", "source_file", "source_row"} <= set(schema.names)


@pytest.mark.parametrize("topic", EVENTS, ids=lambda topic: topic.name)
def test_each_kind_of_event_but_the_verdict_speaks_of_a_moment(topic: Topic) -> None:
    assert topic.event is not None
    event = _at_noon(topic.event)

    assert event_instant(event) == (None if topic is VERDICTS else NOON)


def test_a_verdict_may_be_about_any_moment() -> None:
    verdict = Verdict(
        event_id=UUID(int=1),
        source="test",
        topic="gps.fixes",
        partition=0,
        offset=1,
        index=0,
        kind=VerdictKind.REPEAT,
        rule="repeat",
        judged_event_id=str(fix().event_id),
    )

    assert event_instant(decode(Verdict, encode(verdict))) is None


def test_the_calendars_ends_are_dates_too() -> None:
    far_east, far_west = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))

    assert utc_date(datetime(1, 1, 1, tzinfo=far_east)) == date.min
    assert utc_date(datetime(9999, 12, 31, 23, tzinfo=far_west)) == date.max
    assert utc_date(datetime(2026, 3, 2, 1, tzinfo=far_east)) == date(2026, 3, 1)
    assert utc_date(datetime(2026, 3, 2, 1, tzinfo=UTC)) == date(2026, 3, 2)


def _unbounded(info: inspect.Type, name: str) -> Iterator[str]:
    """The whole numbers in a type that may be larger than 64 bits."""
    if isinstance(info, inspect.IntType) and (info.le is None or info.le >= 2**63):
        yield name
    if isinstance(info, inspect.StructType | inspect.DataclassType):
        for field in info.fields:
            yield from _unbounded(field.type, f"{info.cls.__name__}.{field.name}")
    if isinstance(info, inspect.Metadata):
        yield from _unbounded(info.type, name)
    if isinstance(info, inspect.VarTupleType):
        yield from _unbounded(info.item_type, name)
    if isinstance(info, inspect.UnionType):
        for member in info.types:
            yield from _unbounded(member, name)


def _at_noon(event_type: type[Event]) -> Event:
    """An event whose instants are all noon, and whose other fields nobody looks at."""
    fields = event_fields(event_type)
    noon = {field.name: NOON for field in fields if pa.types.is_timestamp(field.type)}
    ids = {field.name: "some" for field in fields if field.name in ("vehicle_id", "order_id", "proposal_id")}
    make: Callable[..., Event] = event_type
    return make(**{**dict.fromkeys(field.name for field in fields), **noon, **ids})
