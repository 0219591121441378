"""What shifts have in common while they know nothing."""

from streams.fleet.driven import drive
from streams.fleet.state import NOBODY, NOTHING, ShiftState, own
from tests.factories import at
from tests.streams.fleet.test_driven import assigned

NO_ROUTE = drive(assigned())


def test_what_one_shift_comes_to_know_no_other_shift_knows() -> None:
    one, other = ShiftState(NO_ROUTE, first_revision=1), ShiftState(NO_ROUTE, first_revision=1)

    one.done = own(one.done)
    one.done["s1"] = at("08:00")
    one.note_outcome("o1")

    assert (one.done, one.told_outcomes) == ({"s1": at("08:00")}, {"o1"})
    assert (other.done, other.told_outcomes, NOTHING, NOBODY) == ({}, set(), {}, set())
