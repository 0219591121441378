"""Which orders a depot keeps, also while years of history are read and no clock ticks."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from streams.dispatch.rules import Rules
from streams.events.delivery import OrderEvent, OrderKind
from tests.factories import at
from tests.streams.dispatch.world import World, order

NOON = at("12:00")


def told(order_id: str, received_at: datetime, promised_at: datetime | None, **changes: object) -> OrderEvent:
    """An order as the shop told it at ``received_at``, for an hour from ``promised_at`` on."""
    until_at = None if promised_at is None else promised_at + timedelta(hours=1)
    event = replace(
        order(order_id, promised=None),
        received_at=received_at,
        ordered_at=received_at,
        promised_from=promised_at,
        promised_until=until_at,
    )
    return replace(event, **changes)


def days(count: float) -> timedelta:
    return timedelta(days=count)


def test_a_history_read_before_any_tick_leaves_its_last_days() -> None:
    world = World()

    for ago in range(400, 0, -1):
        received_at = NOON - days(ago)
        world.say(told(f"o{ago}", received_at, received_at + days(1)))

    assert sorted(world.depot.orders) == ["o1", "o2", "o3", "o4"]


def test_history_in_any_order_is_not_kept_either() -> None:
    world = World()

    for ago in range(1, 400):
        received_at = NOON - days(ago)
        world.say(told(f"o{ago}", received_at, received_at + days(1)))

    assert sorted(world.depot.orders) == ["o1", "o2", "o3", "o4"]


# promise, service dates before its receipt:   2 | 3
#                                           kept | not kept
@pytest.mark.parametrize(("ago", "is_kept"), [(2, True), (3, False)])
def test_an_order_promised_for_long_before_its_receipt_is_not_kept(ago: int, is_kept: bool) -> None:
    world = World(Rules(keep_days=2))

    world.say(told("o1", NOON, NOON - days(ago)))

    assert ("o1" in world.depot.orders) == is_kept


@pytest.mark.parametrize("kind", [OrderKind.PLACED, OrderKind.CANCELLED])
def test_an_order_without_a_promise_is_as_old_as_the_last_word_on_it(kind: OrderKind) -> None:
    world = World()
    world.say(told("o1", NOON - days(3), None, kind=kind), told("o2", NOON - days(2), None, kind=kind))
    before = sorted(world.depot.orders)

    world.tick("12:00")

    assert (before, sorted(world.depot.orders)) == (["o1", "o2"], ["o2"])


def test_what_is_promised_ahead_is_kept() -> None:
    world = World()

    world.say(told("o1", NOON - days(30), NOON + days(30)), told("o2", NOON, NOON))

    assert sorted(world.depot.orders) == ["o1", "o2"]


def test_cut_anywhere_and_loaded_again_the_same_orders_are_kept() -> None:
    world = World()
    for ago in range(9, 0, -1):
        world.say(told(f"o{ago}", NOON - days(ago), NOON - days(ago)))

    for cut in range(len(world.records)):
        state = world.judge.fresh(0)
        for number, record in enumerate(world.records):
            if number == cut:
                state = world.judge.load(world.judge.save(state))
            world.judge.advance(state, record)
        assert world.judge.save(state) == world.judge.save(world.state)
