"""Rules on stays and visits."""

from streams.events.judgements import KnownBy, VerdictKind
from streams.rulebook.rule import Chapter, Rule, tests_in

STAYS = Chapter(
    "Stays and visits",
    "delivery.visits",
    (
        Rule(
            "arrived by GPS",
            "Being inside a stop's radius for a while, and slow there, is an arrival, as of the first moment "
            "inside.",
            ("stop_radius_m", "depot_radius_m", "arrival_dwell_s", "slow_speed_mps"),
            (KnownBy.GPS,),
            tests_in(
                "fleet/test_visits",
                "standing_at_a_stop_is_an_arrival_and_leaving_it_a_departure",
                "a_short_halt_is_no_visit",
            ),
        ),
        Rule(
            "arrived by scan",
            "A scan at a stop begins or confirms its visit; one that is made elsewhere is told as a "
            "contradiction. At a stop that was over and left, the visit began when "
            "the vehicle came back, as long as its newest fix has it there.",
            ("scan_distance_m", "scan_position_age_s", "scan_reach_mps", "late_scan_s", "loaded_debounce_s"),
            (KnownBy.SCAN,),
            tests_in(
                "fleet/test_visit_scans",
                "a_scan_confirms_the_visit_that_gps_saw",
                "a_scan_while_gps_has_the_vehicle_elsewhere_is_a_contradiction_in_words",
                "back_at_a_stop_that_failed_the_visit_began_when_the_vehicle_came",
                "a_scan_hours_after_the_last_fix_does_not_say_that_the_vehicle_was_there_all_along",
                "who_drove_away_between_two_fixes_at_a_stop_came_back_with_the_second",
            ),
        ),
        Rule(
            "arrived, inferred",
            "A stop between two sparse fixes with time for a stay; the next stop in sequence, left after a "
            "real stay without any scan, is taken as done.",
            ("crossing_speed_mps", "inferred_dwell_s"),
            (KnownBy.INFERRED,),
            tests_in(
                "fleet/test_inferred_visits",
                "a_stop_between_two_sparse_fixes_with_time_for_a_stay_is_inferred",
            )
            + tests_in(
                "fleet/test_visits", "the_next_stop_left_unscanned_after_a_real_stay_is_taken_as_done"
            ),
        ),
        Rule(
            "departed",
            "Outside the radius by a margin for a while, or far outside at once: drift at the kerb ends no "
            "visit.",
            ("exit_factor", "exit_dwell_s", "away_factor"),
            (),
            tests_in(
                "fleet/test_visits",
                "drift_at_the_edge_does_not_end_a_visit",
                "just_outside_a_stop_it_takes_two_minutes_to_have_departed",
            ),
        ),
        Rule(
            "two stops in one building",
            "Stops at about the same distance are told apart by sequence, then by scans; a visit taken for "
            "the wrong one is withdrawn. Whichever is scanned first was arrived at when the vehicle came.",
            ("same_place_m",),
            (),
            tests_in(
                "fleet/test_visit_scans",
                "two_stops_in_one_building_follow_each_other",
                "a_scan_tells_which_of_two_stops_in_one_building_it_was",
                "the_other_stop_of_a_building_is_arrived_at_when_the_vehicle_came_there",
            ),
        ),
        Rule(
            "late_fix",
            "A fix older than the newest, within the last 64 to 128 fixes and scans by the route in force, "
            "finds its place: stays are derived anew, once for all late ones of a message, and only the "
            "difference is told.",
            (),
            (VerdictKind.REPAIRED,),
            tests_in(
                "fleet/test_late_fixes",
                "an_open_visit_is_corrected_by_late_fixes_and_keeps_its_id",
                "a_fix_that_repairs_something_has_a_verdict_that_says_what",
                "late_fixes_of_one_message_are_derived_once_with_the_newer_ones_behind_them",
            )
            + tests_in("fleet/test_any_order", "fixes_in_any_order_end_in_the_same_visits"),
        ),
        Rule(
            "beyond_reach",
            "A fix older than those, or than the route in force, moves no visit any more. As a position it "
            "counts.",
            (),
            (VerdictKind.TOO_LATE,),
            tests_in("fleet/test_late_fixes", "a_fix_from_before_the_ring_is_kept_and_told_as_too_late"),
        ),
    ),
)
