"""Rules on ETAs, delays and a shift's progress."""

from streams.events.judgements import DelayRule
from streams.rulebook.rule import Chapter, Rule, tests_in

ETAS = Chapter(
    "ETAs",
    "delivery.etas",
    (
        Rule(
            "estimated anew",
            "ETAs are told when the next stop, or a later one, has moved by enough, and not too often.",
            ("eta_shift_s", "eta_later_shift_s", "eta_interval_s", "look_interval_s"),
            (),
            tests_in(
                "fleet/test_etas",
                "standing_on_the_road_moves_the_estimate_when_it_comes_to_over_a_minute",
                "a_later_stop_that_moves_by_over_three_minutes_is_told_though_the_next_one_stays",
                "etas_are_told_at_most_once_a_minute_and_not_forgotten",
            ),
        ),
        Rule(
            "today's pace",
            "Today's legs and services correct those of the model, the more of them there are.",
            ("pace_prior_leg_s", "pace_prior_service_s"),
            (),
            tests_in(
                "fleet/test_pace", "services_that_take_twice_as_long_today_lengthen_those_to_come_in_part"
            ),
        ),
        Rule(
            "breaks",
            "A break is waited for until it is seen, or long after it should have been.",
            ("break_seen_share", "break_forget_s"),
            (),
            tests_in("fleet/test_pace", "a_break_is_reckoned_with_until_it_was_taken_at_no_stop"),
        ),
    ),
)

DELAYS = Chapter(
    "Delays",
    "delivery.delays",
    (
        Rule(
            "at_risk",
            "The P90 of the estimate is beyond the window's close, and the P50 not far ahead.",
            (
                "at_risk_ahead_s",
                "delay_raise_s",
                "delay_clear_s",
                "delay_clear_after_s",
                "delay_update_s",
                "delay_interval_s",
            ),
            (DelayRule.AT_RISK,),
            tests_in("fleet/test_delays", "a_late_start_is_at_risk_then_late_as_one_alert"),
        ),
        Rule(
            "late",
            "The P50 of the estimate is beyond the window's close.",
            ("delay_raise_s", "delay_clear_s", "delay_clear_after_s", "delay_update_s", "delay_interval_s"),
            (DelayRule.LATE,),
            tests_in("fleet/test_delays", "a_late_start_is_at_risk_then_late_as_one_alert"),
        ),
        Rule(
            "missed",
            "The window has closed on a stop that is neither done nor being served.",
            ("missed_after_s",),
            (DelayRule.MISSED,),
            tests_in("fleet/test_delays", "a_window_that_closes_on_a_stop_that_nobody_serves_is_missed"),
        ),
        Rule(
            "early",
            "Arrived long before the window opens; cleared when it opens or the vehicle leaves.",
            ("early_after_s",),
            (DelayRule.EARLY,),
            tests_in(
                "fleet/test_delays",
                "an_arrival_long_before_the_window_opens_is_early_until_it_opens",
                "an_early_arrival_is_over_when_the_vehicle_leaves",
            ),
        ),
        Rule(
            "cause",
            "What explains enough of the time behind plan is named: late start, traffic, long service, "
            "breakdown, added work.",
            ("breakdown_after_s", "cause_share"),
            (),
            tests_in(
                "fleet/test_delays",
                "a_long_service_is_named_as_the_cause",
                "standing_on_the_road_is_put_down_to_traffic",
                "standing_at_no_stop_for_half_an_hour_is_named_a_breakdown",
                "a_stop_that_came_in_before_is_named_as_added_work",
            ),
        ),
    ),
)

PROGRESS = Chapter(
    "Shifts and progress",
    "delivery.progress",
    (
        Rule(
            "told",
            "At each change, and every so often between; scans of loading are told together.",
            ("progress_interval_s", "loaded_debounce_s"),
            (),
            tests_in(
                "fleet/test_routes",
                "progress_is_told_every_five_minutes_of_a_shift",
                "loaded_scans_are_told_together",
            ),
        ),
        Rule(
            "shift over",
            "A shift long past its end is over, done or not.",
            ("shift_overrun_s",),
            (),
            tests_in("fleet/test_routes", "a_shift_long_past_its_end_is_over_and_its_alerts_are_cleared"),
        ),
    ),
)
