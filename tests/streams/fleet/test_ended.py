from datetime import date

from streams.events.dispatch import RouteAssignment
from streams.fleet.columns import DAY_US
from streams.fleet.ended import EndedShifts
from tests.factories import DAY, TRAVEL, at, route, shift, stop


def assigned(shift_id: str, revision: int, service_date: date = DAY) -> RouteAssignment:
    driven = route(stop("s1"), shift=shift(shift_id))
    return RouteAssignment(
        event_id="00000000-0000-0000-0000-000000000001",
        source="dispatch",
        depot_id="D1",
        service_date=service_date,
        vehicle_id=driven.shift.vehicle.vehicle_id,
        shift_id=shift_id,
        revision=revision,
        effective_at=at("06:00"),
        route=driven,
        travel=TRAVEL,
    )


def test_the_newest_revision_with_which_a_shift_ended_is_known() -> None:
    ended = EndedShifts()

    ended.note(assigned("A", 3), now_us=0)
    ended.note(assigned("A", 2), now_us=1)

    assert ended.revision_of(assigned("A", 9)) == 3
    assert ended.revision_of(assigned("B", 9)) == 0
    assert ended.revision_of(assigned("A", 9, date(2026, 3, 3))) == 0


# day      0 ......... 3 ......... 7 | 8
# ends     A, B        B again     C   D
def test_a_week_after_its_end_a_shift_is_forgotten() -> None:
    ended = EndedShifts()
    for day, shift_id in ((0, "A"), (0, "B"), (3, "B"), (7, "C"), (8, "D")):
        ended.note(assigned(shift_id, 1), now_us=day * DAY_US)

    assert [shift_id for shift_id, _ in ended.known] == ["B", "C", "D"]
