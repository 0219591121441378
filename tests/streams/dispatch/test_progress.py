"""What the solver is told of a shift under way."""

from msgspec.structs import replace

from routing.plan import Break
from streams.dispatch.progress import progress_of
from tests.factories import at, route, shift, stop
from tests.streams.dispatch.world import progress

ROUTE = route(stop("s1"), stop("s2"), shift=shift(breaks=(Break(at("12:00"), 1_800.0),)))


def test_a_vehicle_that_drives_to_no_stop_can_leave_now_at_the_earliest() -> None:
    heard = progress(judged="09:00", done=("s1", "s2"))

    assert progress_of(ROUTE, heard, at("11:02")).free_at == at("11:02")


def test_a_vehicle_that_drives_to_a_stop_leaves_when_it_was_seen_where_it_was() -> None:
    heard = progress(judged="09:00", done=("s1",), next_stop="s2")

    assert progress_of(ROUTE, heard, at("09:02")).free_at == at("09:00")


def test_a_break_that_was_not_had_while_a_stop_was_served_is_still_to_come() -> None:
    heard = replace(progress(judged="12:05", current="s1"), free_at=at("12:10"), breaks_taken=0)

    told = progress_of(ROUTE, heard, at("12:05"))

    assert told.breaks_ahead(ROUTE.shift.breaks) == ROUTE.shift.breaks


def test_a_vehicle_that_leaves_late_has_the_break_before_it_that_it_has_not_had() -> None:
    heard = replace(progress(judged="12:10", has_departed=False), breaks_taken=0)

    told = progress_of(ROUTE, heard, at("12:10"))

    assert (told.free_at, told.breaks_ahead(ROUTE.shift.breaks)) == (at("12:10"), ROUTE.shift.breaks)
