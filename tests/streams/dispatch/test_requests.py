from routing.plan import Unassigned
from streams.dispatch.rules import Rules
from streams.events.delivery import OrderKind
from streams.events.dispatch import Outcome, OutcomeStatus, ReoptimizationRequest, Trigger
from streams.events.judgements import DelayPhase, DelayRule
from tests.factories import DEPOT, at, place, route, shift, window
from tests.streams.dispatch.day_under_way import S1, S2, asked, planned, refusal
from tests.streams.dispatch.world import World, delay, depot_record, of, only, order, progress, proposal


def test_a_vehicle_that_waits_for_a_window_asks_for_no_plan() -> None:
    world = planned()

    world.say(depot_record(effective="08:30"), delay(judged="09:00", rule=DelayRule.EARLY))
    asked_for = world.tick("09:05")

    assert asked_for == []


# debounce 120 s:  raise 09:00 --- 09:01 another --- 09:02 ask, with both
def test_a_raised_delay_waits_for_company_and_is_asked_about() -> None:
    world = planned()
    world.say(delay("a1", judged="09:00"))
    early = world.tick("09:01")
    world.say(delay("a2", judged="09:01", shift_id="B", stop_id="s3"))

    said = world.tick("09:02")

    assert early == []
    request = only(said, ReoptimizationRequest)
    assert (request.trigger, request.alert_ids) == (Trigger.DELAY, ("a1", "a2"))
    assert (request.base_revision, request.requested_at) == (1, at("09:02"))
    assert [each.shift.shift_id for each in request.routes] == ["A", "B"]


def test_a_delay_that_clears_while_it_waits_is_not_asked_about() -> None:
    world = planned()
    world.say(delay(judged="09:00"), delay(phase=DelayPhase.CLEARED, judged="09:01"))

    assert world.tick("09:05") == []


def test_a_cleared_delay_stays_cleared_when_it_is_told_again() -> None:
    world = planned()
    raised, cleared = delay(judged="09:00"), delay(phase=DelayPhase.CLEARED, judged="09:01")
    world.say(raised, cleared, raised, cleared, raised)

    assert world.tick("09:05") == []


def test_an_update_that_is_no_worse_does_not_ask() -> None:
    world = asked()
    world.say(proposal(world.pending))
    world.say(delay(phase=DelayPhase.UPDATED, judged="09:20"))

    assert world.tick("09:40") == []


def test_a_risk_that_becomes_lateness_asks_again() -> None:
    world = planned()
    world.say(delay(judged="09:00", rule=DelayRule.AT_RISK))
    world.tick("09:02")
    world.say(proposal(world.pending))
    world.say(delay(phase=DelayPhase.UPDATED, judged="09:20", rule=DelayRule.LATE))

    assert only(world.tick("09:22"), ReoptimizationRequest).alert_ids == ("a1",)


# 1200 s between requests:  09:02 ask --- 09:05 raise --- 09:21 too soon --- 09:22 ask
def test_two_requests_of_a_depot_keep_their_distance() -> None:
    world = asked()
    world.say(proposal(world.pending))
    world.say(delay("a2", judged="09:05"))

    early, late = world.tick("09:21"), world.tick("09:22")

    assert early == []
    assert only(late, ReoptimizationRequest)


def test_a_depot_has_one_request_pending() -> None:
    world = asked()
    world.say(delay("a2", judged="09:05"))

    assert of(world.tick("09:16"), ReoptimizationRequest) == []


def test_a_request_nobody_answers_is_given_up_and_asked_again() -> None:
    world = asked()

    said = world.tick("09:18")

    assert only(said, Outcome).status is OutcomeStatus.REFUSED
    assert only(world.tick("09:22"), ReoptimizationRequest).requested_at == at("09:22")


def test_a_new_order_for_a_planned_day_asks_for_a_place() -> None:
    world = planned()
    world.say(order("o9", ordered="09:00"))

    request = only(world.tick("09:02"), ReoptimizationRequest)

    assert request.trigger is Trigger.ORDERS
    assert [each.stop_id for each in request.stops] == ["s9"]


def test_an_order_for_another_day_asks_for_nothing() -> None:
    world = planned()
    world.say(order("o9", promised=None, ordered="09:00"))

    assert world.tick("09:02") == []


def test_a_stop_whose_orders_are_cancelled_is_to_be_dropped() -> None:
    world = planned()
    world.say(order("o2", OrderKind.CANCELLED, None, ordered="09:00"))

    request = only(world.tick("09:02"), ReoptimizationRequest)

    assert request.cancelled_stop_ids == ("s2",)


def test_a_stop_that_is_being_driven_to_is_not_dropped_any_more() -> None:
    world = planned()
    world.say(progress(next_stop="s2"), order("o2", OrderKind.CANCELLED, None, ordered="09:00"))

    assert world.tick("09:02") == []


def test_a_planned_stop_is_asked_about_with_its_new_promise() -> None:
    world = planned()
    world.say(order("o2", OrderKind.RESCHEDULED, ("14:00", "15:00"), ordered="09:00"))

    request = only(world.tick("09:02"), ReoptimizationRequest)

    assert request.routes[0].visits[1].stop.window == window("14:00", "14:59")


def test_the_request_says_how_far_each_shift_is() -> None:
    world = planned()
    world.say(progress("A", "09:00", done=["s1"], next_stop="s2", loaded=["s2"]), delay(judged="09:00"))
    world.tick("09:02")

    out, home = world.pending.progress

    assert (out.shift_id, out.location, out.free_at) == ("A", place(500.0), at("09:00"))
    assert (out.done_stop_ids, out.frozen_stop_ids, out.loaded_stop_ids) == (("s1",), ("s2",), ("s2",))
    assert out.has_departed
    assert out.told_stop_ids == ("s2",), "whoever is on the round was told"
    assert home.told_stop_ids == ()
    assert (home.shift_id, home.location, home.free_at) == ("B", DEPOT, at("09:02"))
    assert not home.has_departed


def test_a_vehicle_that_stands_at_the_depot_can_leave_it_at_the_earliest_now() -> None:
    world = planned()
    world.say(
        progress("B", "08:30", has_departed=False, next_stop="s3", loaded=["s3"]), delay(judged="09:00")
    )
    world.tick("09:02")

    home = world.pending.progress[1]

    assert (home.location, home.free_at, home.frozen_stop_ids) == (DEPOT, at("09:02"), ())
    assert home.loaded_stop_ids == ("s3",)


def test_overtaken_progress_does_not_turn_a_vehicle_back() -> None:
    world = planned()
    world.say(progress(judged="09:00", done=["s1"]), progress(judged="08:50", next_stop="s1"))
    world.say(delay(judged="09:00"))
    world.tick("09:02")

    assert world.pending.progress[0].done_stop_ids == ("s1",)


def test_a_stop_that_another_shift_served_is_to_be_dropped() -> None:
    world = planned()
    world.say(progress("B", "09:00", done=["s2"]), delay(judged="09:00"))
    world.tick("09:02")

    assert world.pending.cancelled_stop_ids == ("s2",)


def test_a_stop_left_out_with_its_reason_is_asked_about_again() -> None:
    world = asked()
    left_out = Unassigned(S2, "no shift has time")
    world.say(proposal(world.pending, route(S1, shift=shift("A")), unassigned=[left_out]))
    world.say(delay("a2", judged="09:20"))

    request = only(world.tick("09:22"), ReoptimizationRequest)

    assert [each.stop_id for each in request.stops] == ["s2"]


def test_what_was_refused_is_asked_again() -> None:
    world = asked()
    refusal(world, proposal(world.pending, route(S1, shift=shift("A"))))

    assert only(world.tick("09:22"), ReoptimizationRequest).alert_ids == ("a1",)


def test_the_evening_after_the_last_shift_asks_for_nothing() -> None:
    world = planned()
    world.say(delay(judged="15:59"))

    assert world.tick("16:01") == []


def test_impatient_rules_ask_at_once() -> None:
    world = World(Rules(debounce_s=0.0, min_interval_s=0.0))
    world.plan_day(route(S1))
    world.say(delay(judged="09:00"))

    assert only(world.tick("09:00"), ReoptimizationRequest)
