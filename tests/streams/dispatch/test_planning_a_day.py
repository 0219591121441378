from datetime import date

import pytest

from streams.codec import encode
from streams.events.delivery import OrderKind
from streams.events.dispatch import (
    CommandKind,
    Outcome,
    OutcomeStatus,
    PlanRevision,
    ReoptimizationRequest,
    RouteAssignment,
    Trigger,
)
from streams.events.reference import Acceptance
from streams.judge import DeadLetter, Emission
from streams.topics import COMMANDS, DEPOTS, ORDERS, PLANS, REQUESTS, ROUTES, TICKS
from tests.factories import DAY, TRAVEL, at, route, shift, stop, window
from tests.streams.dispatch.world import (
    World,
    approve,
    command,
    depot_record,
    of,
    only,
    order,
    proposal,
    tick,
)


def test_plan_day_asks_for_a_plan_of_the_days_open_orders() -> None:
    world = World()
    world.say(depot_record(), order("o1"), order("o2", promised=("10:00", "11:00")))

    said = world.say(command(shifts=[shift("A"), shift("B")]))

    request = only(said, ReoptimizationRequest)
    assert (request.trigger, request.service_date, request.base_revision) == (Trigger.PLAN_DAY, DAY, None)
    assert [each.stop_id for each in request.stops] == ["s1", "s2"]
    assert request.stops[1].window == window("10:00", "10:59")
    assert [each.shift_id for each in request.shifts] == ["A", "B"]
    assert request.travel == TRAVEL
    assert request == world.pending
    outcome = only(said, Outcome)
    assert (outcome.status, outcome.command_id) == (OutcomeStatus.ACCEPTED, "c1")
    assert outcome.reason == "planning started: 2 stops, 2 shifts"


def test_orders_of_one_stop_are_one_visit() -> None:
    world = World()
    world.say(
        order("o1", stop_id="door", packages=2, promised=("09:00", "12:00"), service_s=60),
        order("o2", stop_id="door", packages=3, promised=("11:00", "15:00"), service_s=90),
    )

    request = only(world.say(command()), ReoptimizationRequest)

    (door,) = request.stops
    assert (door.packages, door.weight_kg, door.service_s) == (5, 10.0, 90.0)
    assert door.window == window("11:00", "11:58:30")
    assert door.order_ids == ("o1", "o2")


# promise   10:00 |----------------------| 10:10
# service         |-----| 10:00 to 10:04 at the earliest, 10:06 to 10:10 at the latest
def test_service_begins_early_enough_to_end_within_the_promise() -> None:
    world = World()
    world.say(
        order("o1", promised=("10:00", "10:10"), service_s=240),
        order("o2", promised=("10:00", "10:10"), service_s=1_200),
    )

    request = only(world.say(command()), ReoptimizationRequest)

    in_time, too_long = (each.window for each in request.stops)
    assert in_time == window("10:00", "10:06")
    assert too_long == window("10:00", "10:00")


def test_promises_that_share_nothing_leave_the_tightest() -> None:
    world = World()
    world.say(
        order("o1", stop_id="door", promised=("09:00", "12:00")),
        order("o2", stop_id="door", promised=("14:00", "15:00")),
    )

    request = only(world.say(command()), ReoptimizationRequest)

    assert request.stops[0].window == window("14:00", "14:59")


def test_a_rescheduled_order_has_its_new_window_and_a_cancelled_one_is_left_out() -> None:
    world = World()
    world.say(
        order("o1"),
        order("o2"),
        order("o1", OrderKind.RESCHEDULED, ("13:00", "14:00"), ordered="06:10"),
        order("o2", OrderKind.CANCELLED, None, ordered="06:10"),
    )

    request = only(world.say(command()), ReoptimizationRequest)

    assert [(each.stop_id, each.window) for each in request.stops] == [("s1", window("13:00", "13:59"))]


def test_the_words_on_an_order_may_come_in_any_order() -> None:
    world = World()
    world.say(
        order("o1", OrderKind.RESCHEDULED, ("13:00", "14:00"), ordered="06:10"),
        order("o2", OrderKind.CANCELLED, None, ordered="06:10"),
        order("o1"),
        order("o2"),
    )

    request = only(world.say(command()), ReoptimizationRequest)

    assert [(each.stop_id, each.window) for each in request.stops] == [("s1", window("13:00", "13:59"))]


# UTC          Sun 23:00 | Mon 00:00 ... 03:00 | Mon 04:00
# Amsterdam    Mon 00:00 |                     | Mon 05:00
# cut-over 4 h: service date Sunday until 04:00 local (03:00 UTC), Monday from then on
@pytest.mark.parametrize(("promised", "is_monday"), [(("02:30", "02:45"), False), (("03:00", "03:15"), True)])
def test_the_service_date_follows_the_depots_time_zone_and_cutover(
    promised: tuple[str, str], is_monday: bool
) -> None:
    world = World()
    world.say(depot_record(time_zone="Europe/Amsterdam", cutover_hour=4))
    world.say(order("o1", promised=promised, ordered="02:00"))

    said = world.say(command())

    assert bool(of(said, ReoptimizationRequest)) == is_monday


def test_a_day_without_orders_is_refused_and_names_orders_without_a_position() -> None:
    world = World()
    world.say(order("o7", east_m=None))

    outcome = only(world.say(command()), Outcome)

    assert outcome.status is OutcomeStatus.REFUSED
    assert outcome.reason == (
        "no open order with a position is promised for 2026-03-02; without a position: o7"
    )


def test_the_same_command_sent_again_is_carried_out_once() -> None:
    world = World()
    world.say(order())
    world.say(command(command_id="c1", sent=1))

    again = world.say(command(command_id="c1", sent=2))

    outcome = only(again, Outcome)
    assert outcome.status is OutcomeStatus.REPEATED
    assert "planning started" in outcome.reason
    assert of(again, ReoptimizationRequest) == []


def test_the_same_event_read_again_says_nothing() -> None:
    world = World()
    world.say(order(), command())

    again = world.say(command())

    assert again == []


def test_a_policy_makes_the_first_plan_at_once_whole_and_with_its_routes() -> None:
    world = World()
    world.say(depot_record(), order("o1"), order("o2"))
    world.say(command(shifts=[shift("A"), shift("B")]))
    world.tick("07:00")
    answer = proposal(world.pending, route(stop("s1"), shift=shift("A")), route(stop("s2"), shift=shift("B")))

    said = world.say(answer)

    plan = only(said, PlanRevision)
    assert (plan.revision, plan.base_revision, plan.effective_at) == (1, None, at("07:00"))
    assert plan.routes == answer.routes
    assert [each.shift_id for each in of(said, RouteAssignment)] == ["A", "B"]
    outcome = only(said, Outcome)
    assert (outcome.command_id, outcome.plan_revision) == (f"auto:{answer.proposal_id}", 1)
    assert outcome.correlation_id == plan.correlation_id == answer.correlation_id
    assert world.depot.pending is None


def test_routes_travel_under_their_shift_in_the_partition_of_their_vehicle() -> None:
    world = World()

    world.plan_day(route(stop("s1")))

    (published,) = [each for each in world.outputs if isinstance(each, Emission) and each.topic is ROUTES]
    assert (published.key, published.partition_key) == ("A", "v-A")
    (plan,) = [each for each in world.outputs if isinstance(each, Emission) and each.topic is PLANS]
    (asked,) = [each for each in world.outputs if isinstance(each, Emission) and each.topic is REQUESTS]
    assert plan.key == asked.key == "D1"


def test_where_people_decide_a_plan_waits_for_them() -> None:
    world = World()
    world.say(depot_record(Acceptance.ASK), order("o1"), command())
    answer = proposal(world.pending, route(stop("s1")))

    at_first = world.say(answer)
    then = world.say(approve(answer))

    assert at_first == []
    assert only(then, PlanRevision).revision == 1
    outcome = only(then, Outcome)
    assert (outcome.status, outcome.reason) == (OutcomeStatus.ACCEPTED, "accepted by ada as revision 1")
    assert outcome.proposal_id == answer.proposal_id


def test_an_unknown_depot_asks_people() -> None:
    world = World()
    world.say(order("o1"), command())

    said = world.say(proposal(world.pending, route(stop("s1"))))

    assert said == []
    assert list(world.depot.waiting)


def test_a_day_that_cant_be_planned_is_told_to_whoever_asked() -> None:
    world = World()
    world.say(depot_record(), order("o1"), command())

    outcome = only(world.say(proposal(world.pending, reasons=("no stop can be served",))), Outcome)

    assert (outcome.status, outcome.reason) == (OutcomeStatus.REFUSED, "no stop can be served")


def test_a_planned_day_is_not_planned_again() -> None:
    world = World()
    world.plan_day(route(stop("s1")))

    outcome = only(world.say(command(command_id="c2")), Outcome)

    assert outcome.reason == "2026-03-02 is planned already: revision 1 is in force"


def test_a_second_plan_waits_for_the_first_to_be_made() -> None:
    world = World()
    world.say(order("o1"), command())

    outcome = only(world.say(command(command_id="c2")), Outcome)

    assert outcome.status is OutcomeStatus.REFUSED
    assert "is being made" in outcome.reason


def test_a_shift_named_twice_is_refused() -> None:
    world = World()
    world.say(order("o1"))

    outcome = only(world.say(command(shifts=[shift("A"), shift("A")])), Outcome)

    assert outcome.reason == "shift A is named 2 times"


def test_an_answer_that_never_comes_frees_the_depot_after_a_day() -> None:
    world = World()
    world.say(tick(at("06:00")), order("o1"), command())

    said = world.say(tick(at("06:01", date(2026, 3, 3))))

    assert only(said, Outcome).reason == (
        "no answer to the request of 2026-03-02T06:00:00+00:00 came in time"
    )
    assert world.depot.pending is None


def test_a_record_under_another_depots_key_is_a_dead_letter() -> None:
    world = World()

    wrong = world.read(ORDERS, encode(order()), b"D2")
    none = world.read(ORDERS, encode(order()), None)

    assert [each.reason for each in [*wrong, *none] if isinstance(each, DeadLetter)] == [
        "key D2 but depot_id D1",
        "the record has no key; it must be the depot_id, D1",
    ]


def test_a_depot_on_mars_is_a_dead_letter() -> None:
    (found,) = World().read(DEPOTS, encode(depot_record(time_zone="Mars/Olympus")))

    assert isinstance(found, DeadLetter)
    assert "Mars/Olympus" in found.reason


def test_a_shift_without_a_time_zone_is_a_dead_letter() -> None:
    value = encode(command()).replace(
        b'"starts_at":"2026-03-02T08:00:00Z"', b'"starts_at":"2026-03-02T08:00:00"'
    )

    (found,) = World().read(COMMANDS, value)

    assert isinstance(found, DeadLetter)
    assert "without a time zone" in found.reason


def test_a_broken_tick_is_left_to_the_fleet_judge() -> None:
    assert World().read(TICKS, b"noon", None) == []


def test_a_cancelled_order_among_good_ones_costs_only_itself() -> None:
    world = World()
    world.say(order("o1"), order("o2"), order("o2", OrderKind.CANCELLED, ordered="06:05"))

    request = only(world.say(command(CommandKind.PLAN_DAY)), ReoptimizationRequest)

    assert [each.stop_id for each in request.stops] == ["s1"]
