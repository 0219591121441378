"""Rules on clocks, positions and silence."""

from streams.events.judgements import AlertKind, VerdictKind
from streams.fleet.clocks import ClockRule
from streams.fleet.positions import PositionRule
from streams.rulebook.rule import Chapter, Rule, tests_in

CLOCKS = Chapter(
    "Clocks",
    "stream.verdicts",
    (
        Rule(
            "clock_ahead",
            "The device's clock is ahead of the receipt, by itself or by the skew that was learned from the "
            "device's other events: the skew is taken off, and the event is judged. The verdict has the "
            "corrected time, the event keeps its own. The last three devices of a vehicle are followed.",
            ("clock_ahead_limit_s", "skew_window_s", "skew_least_s"),
            (ClockRule.CLOCK_AHEAD, VerdictKind.CLOCK_CORRECTED),
            tests_in(
                "fleet/test_clocks",
                "the_skew_is_the_largest_offset_because_a_delay_is_never_negative",
                "devices_of_one_vehicle_that_take_turns_keep_their_skews",
            )
            + tests_in(
                "fleet/test_intake",
                "a_clock_ahead_is_corrected_to_the_receipt_and_the_fix_is_judged",
                "a_buffered_fix_is_judged_at_its_time_less_the_skew_which_the_verdict_keeps_beside_it",
            ),
        ),
        Rule(
            "vehicle's time",
            "The newest of its own events and of the ticks, which go on where it is silent; never back.",
            (),
            (),
            tests_in("fleet/test_routes", "time_never_goes_back")
            + tests_in("fleet/test_etas", "a_late_start_pushes_the_etas_at_the_ticks"),
        ),
        Rule(
            "clock_jump",
            "The device's clock was set between two events in sequence: it ran back, is further ahead than "
            "ever, or settled on a lower offset. Its skew is learned anew. Without a sequence "
            "(`device_seq`) the order of receipt serves, and only a clock that is or was ahead by "
            "`skew_least_s` is said to be set.",
            ("clock_jump_s", "clock_settled_s", "clock_settled_events", "skew_least_s"),
            (ClockRule.CLOCK_JUMP, VerdictKind.FLAGGED),
            tests_in(
                "fleet/test_clocks",
                "a_clock_set_forward_is_told_once_and_its_new_skew_learned",
                "a_clock_that_ran_back_is_told_at_once",
                "a_clock_set_back_by_less_than_its_interval_is_told_when_it_has_settled",
                "without_a_sequence_the_order_of_receipt_shows_that_a_clock_was_set",
                "without_a_sequence_messages_of_several_ways_are_no_jump",
            ),
        ),
        Rule(
            "future",
            "Further ahead of its receipt than a clock that is corrected: kept, not judged.",
            ("clock_ahead_limit_s",),
            (ClockRule.FUTURE, VerdictKind.NOT_JUDGED),
            tests_in("fleet/test_intake", "a_fix_of_the_future_is_not_judged"),
        ),
        Rule(
            "too_old",
            "Older at its receipt than its topic is kept: kept, not judged. History is measured against its "
            "own receipt, and is judged.",
            (),
            (ClockRule.TOO_OLD, VerdictKind.NOT_JUDGED),
            tests_in("fleet/test_intake", "a_clock_is_judged_against_the_receipt"),
        ),
    ),
)

POSITIONS = Chapter(
    "Bad positions",
    "stream.verdicts",
    (
        Rule(
            "null_island",
            "Beside 0 N 0 E: a receiver without a fix. It moves nothing.",
            ("null_island_deg",),
            (PositionRule.NULL_ISLAND, VerdictKind.FLAGGED),
            tests_in("fleet/test_intake", "a_bad_position_is_flagged_and_kept"),
        ),
        Rule(
            "poor_accuracy",
            "Less accurate, by its own word, than can be used. It moves nothing.",
            ("poor_accuracy_m",),
            (PositionRule.POOR_ACCURACY, VerdictKind.FLAGGED),
            tests_in("fleet/test_intake", "a_bad_position_is_flagged_and_kept"),
        ),
        Rule(
            "over_speed_limit",
            "A reported speed that is not plausible; the position is used.",
            ("implausible_speed_mps",),
            (PositionRule.OVER_SPEED_LIMIT, VerdictKind.FLAGGED),
            tests_in("fleet/test_positions", "only_a_speed_that_is_too_high_leaves_the_position_usable"),
        ),
        Rule(
            "jump",
            "Further from the last believed place than can be driven. It moves nothing, until the fixes that "
            "follow agree with it.",
            ("jump_speed_mps", "jump_slack_m", "confirming_fixes"),
            (PositionRule.JUMP, VerdictKind.FLAGGED),
            tests_in(
                "fleet/test_positions",
                "one_wild_fix_does_not_poison_the_next",
                "a_jump_that_the_next_two_fixes_agree_with_is_believed",
            )
            + tests_in("fleet/test_bad_positions", "a_jump_is_flagged_and_ends_no_journey"),
        ),
        Rule(
            "frozen",
            "Coordinates that stay the same to the last digit, while speed or odometer say that the vehicle "
            "moves. They move nothing.",
            ("frozen_fixes", "frozen_after_s", "frozen_moved_m", "slow_speed_mps"),
            (PositionRule.FROZEN, VerdictKind.FLAGGED),
            tests_in(
                "fleet/test_positions",
                "coordinates_that_stay_the_same_while_it_moves_are_frozen",
                "coordinates_that_stay_the_same_while_the_odometer_goes_on_are_frozen",
                "a_tracker_that_repeats_its_place_at_a_standstill_is_not_frozen",
            )
            + tests_in(
                "fleet/test_bad_positions", "frozen_coordinates_are_flagged_with_how_long_they_have_stayed"
            ),
        ),
        Rule(
            "parked_drift",
            "Away from where the vehicle was parked, with the ignition off all the time. It moves nothing "
            "and is no distance.",
            ("drift_noise_m", "drift_most_m", "confirming_fixes"),
            (PositionRule.PARKED_DRIFT, VerdictKind.FLAGGED),
            tests_in(
                "fleet/test_positions",
                "a_parked_vehicle_that_seems_to_wander_is_drifting_and_covers_no_distance",
            )
            + tests_in(
                "fleet/test_bad_positions", "a_parked_vehicle_that_seems_to_wander_has_not_left_its_stop"
            ),
        ),
    ),
)

SILENCE = Chapter(
    "Silence",
    "fleet.alerts",
    (
        Rule(
            "silent",
            "A vehicle on its round of which neither fix nor telemetry was received for so many reporting "
            "intervals, of the device that is fitted to it, else its own. Cleared by the next one received, "
            "with the length of the gap; standing still is no silence, nor is waiting at the depot.",
            ("silent_after_s", "silent_intervals"),
            (AlertKind.SILENT,),
            tests_in(
                "fleet/test_silence",
                "a_vehicle_on_its_round_that_says_nothing_for_five_minutes_is_silent",
                "being_heard_again_clears_the_alert_and_tells_the_gap",
                "a_buffered_batch_after_a_silence_ends_with_the_visits_there_would_have_been",
                "a_buffered_batch_that_comes_after_the_first_live_fix_is_put_in_its_place_too",
                "standing_still_is_not_silence",
                "a_devices_own_interval_goes_before_its_vehicles",
            ),
        ),
    ),
)
