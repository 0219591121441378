"""What a command is, and is not."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from streams.events.dispatch import (
    CommandKind,
    Outcome,
)
from tests.factories import DAY, shift
from tests.streams.dispatch.day_under_way import under_way
from tests.streams.dispatch.world import (
    command,
    only,
)


@pytest.mark.parametrize("kind", ["out_of_action", "back_in_action", "slow_zone", "roads_clear"])
def test_a_command_names_what_it_is_about(kind: str) -> None:
    with pytest.raises(ValueError, match=f"{kind} names an? "):
        command(CommandKind(kind))


def test_a_command_is_what_its_kind_says_whatever_else_it_names() -> None:
    world = under_way()
    both = replace(
        command(CommandKind.APPROVE, "c9", proposal_id="p"),
        service_date=DAY + timedelta(days=1),
        shifts=(shift("T"),),
    )

    assert only(world.say(both), Outcome).reason == "depot D1 has no proposal p; waiting: none"


def test_a_command_has_nothing_of_another_kind() -> None:
    with pytest.raises(ValueError, match="approve has a shift_id, which is for back_in_action"):
        command(CommandKind.APPROVE, proposal_id="p", shift_id="A")
