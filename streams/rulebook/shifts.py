"""Rules on what goes wrong with a shift beside its ETAs."""

from streams.events.judgements import AlertKind
from streams.rulebook.rule import Chapter, Rule, tests_in

SHIFTS = Chapter(
    "Shifts that go wrong",
    "fleet.alerts",
    (
        Rule(
            "not_departed",
            "The shift has begun, and its vehicle has not left the depot. Who was seen away from it, once so "
            "far, has until it should have been heard again, unless that was at the depot where the shift "
            "ends. Cleared when it departs.",
            ("not_departed_after_s", "silent_after_s", "silent_intervals", "alert_interval_s"),
            (AlertKind.NOT_DEPARTED,),
            tests_in(
                "fleet/test_shift_alerts",
                "a_vehicle_still_at_its_depot_after_a_quarter_of_an_hour_has_not_departed",
                "a_vehicle_never_heard_of_has_not_departed_either",
                "a_vehicle_seen_far_from_its_depot_has_departed_though_the_next_fix_has_to_say_so",
                "one_fix_far_from_the_depot_with_none_to_follow_is_no_departure",
                "a_vehicle_parked_where_its_shift_ends_has_not_departed",
            ),
        ),
        Rule(
            "idle too long",
            "By its fixes the vehicle is around one place, neither at a stop nor at the depot, while stops "
            "are left: up to the last fix there, whatever became of it unseen. A break that is due, or was "
            "had there, is added to the limit; a scan is work, and counts from there, and being back at a "
            "stop that is done is allowed for twice as long. The evidence says whether the engine "
            "runs: `idling` is that alone. Cleared when it moves on or comes to a stop.",
            ("standing_after_s", "standing_radius_m", "standing_clear_s", "alert_interval_s"),
            (AlertKind.STANDING,),
            tests_in(
                "fleet/test_shift_alerts",
                "standing_at_no_stop_for_a_quarter_of_an_hour_is_told_until_it_drives_on",
                "serving_a_stop_for_long_is_not_idling_away_the_shift",
                "being_back_at_a_stop_that_is_done_is_not_idling_away_the_shift",
                "being_back_at_a_stop_that_is_done_is_idle_after_twice_the_time",
                "standing_beside_a_stop_that_is_done_is_told_once_however_its_fixes_jump",
                "a_break_that_is_due_is_no_idleness",
                "standing_says_what_telemetry_knows_of_the_engine",
                "scans_made_beside_a_parked_vehicle_are_work",
                "a_stray_fix_does_not_end_a_standing",
                "who_drove_on_unseen_has_not_stood",
                "places_between_which_it_was_not_seen_are_no_standing",
                "that_it_drove_is_no_word_that_the_engine_is_off",
            ),
        ),
        Rule(
            "off_route",
            "From where the leg to the next stop began to the vehicle, and from there to the stop, is "
            "further in straight lines than the leg explains, for a time; never while a break is due. "
            "Cleared when the vehicle is back, or has another next stop.",
            (
                "off_route_factor",
                "off_route_m",
                "off_route_after_s",
                "off_route_clear_m",
                "off_route_clear_s",
                "alert_interval_s",
            ),
            (AlertKind.OFF_ROUTE,),
            tests_in(
                "fleet/test_shift_alerts",
                "a_vehicle_far_from_its_leg_is_off_route_until_it_comes_back",
                "a_short_detour_is_not_off_route",
                "another_next_stop_begins_another_leg",
            ),
        ),
        Rule(
            "out_of_sequence",
            "A stop is done while one before it in the plan in force is open. Neighbours may be served in "
            "any order, and what was done before a plan came is in its order. Cleared when none is open "
            "before; told again when another was served.",
            ("sequence_slack_m", "alert_interval_s"),
            (AlertKind.OUT_OF_SEQUENCE,),
            tests_in(
                "fleet/test_shift_alerts",
                "a_stop_served_before_an_earlier_one_is_told_until_that_one_is_done",
                "neighbours_may_be_served_in_any_order",
                "a_new_plan_knows_what_was_done_before_it",
            ),
        ),
        Rule(
            "overdue with no news",
            "The next stop should have been reached by its P90 as it was when the vehicle was heard last, "
            "and no fix, telemetry or scan has come since. Cleared when it is heard.",
            ("overdue_after_s", "overdue_quiet_s", "alert_interval_s"),
            (AlertKind.OVERDUE,),
            tests_in(
                "fleet/test_shift_alerts",
                "a_stop_that_should_have_been_reached_without_any_news_is_overdue",
                "a_vehicle_that_is_heard_is_not_overdue",
            ),
        ),
    ),
)
