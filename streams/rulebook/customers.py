"""Rules on what customers are told."""

from streams.events.notices import NoticeKind
from streams.rulebook.rule import Chapter, Rule, tests_in

NOTICES = Chapter(
    "Customer notices",
    "delivery.notices",
    (
        Rule(
            "out_for_delivery",
            "The vehicle has departed, and the order's delivery is on its route: once an order and service "
            "date, with the ETA. This and the next two are told of a vehicle that was seen or scanned for of "
            "late, else when it is again: what is only reckoned is told to nobody.",
            ("notice_known_s", "notice_known_intervals"),
            (NoticeKind.OUT_FOR_DELIVERY,),
            tests_in(
                "fleet/test_notices",
                "customers_are_told_at_departure_and_the_first_that_they_are_next",
                "a_new_plan_tells_nobody_again",
                "pick_ups_and_returns_tell_nobody",
                "ids_do_not_hang_on_what_told",
                "nobody_is_told_what_is_only_reckoned_of_a_silent_vehicle",
                "what_was_held_back_is_told_with_the_next_fix",
                "scans_tell_of_a_vehicle_that_sends_no_fixes",
                "fixes_that_were_held_back_tell_nobody_of_a_stop_that_was_served_meanwhile",
            ),
        ),
        Rule(
            "eta_changed",
            "P50 has moved from the one told last, or P90 is later than it; a P90 that comes nearer is only "
            "surer. Not too often.",
            ("notice_shift_s", "notice_interval_s"),
            (NoticeKind.ETA_CHANGED,),
            tests_in(
                "fleet/test_notices",
                "an_eta_that_moved_by_over_a_quarter_of_an_hour_is_told_at_most_every_half_hour",
                "an_eta_that_only_gets_surer_is_no_news",
                "an_eta_never_ends_before_it_begins",
            ),
        ),
        Rule(
            "next_stop",
            "The vehicle has departed, serves no stop, and this is the next: once an order and service date.",
            (),
            (NoticeKind.NEXT_STOP,),
            tests_in(
                "fleet/test_notices",
                "customers_are_told_at_departure_and_the_first_that_they_are_next",
                "the_next_customer_is_told_when_the_stop_before_is_done",
            ),
        ),
        Rule(
            "delivered",
            "Scanned as delivered or put into a locker, with the proof: once an order.",
            (),
            (NoticeKind.DELIVERED,),
            tests_in(
                "fleet/test_notices",
                "the_next_customer_is_told_when_the_stop_before_is_done",
                "an_outcome_scanned_twice_is_told_once",
            ),
        ),
        Rule(
            "failed",
            "Scanned as failed, with what the customer may choose after such a failure: once an attempt, and "
            "never after the delivery. An attempt without its number is the newest that was told.",
            (),
            (NoticeKind.FAILED,),
            tests_in(
                "fleet/test_notices",
                "a_failed_attempt_comes_with_the_choices",
                "the_choices_are_those_that_the_reason_leaves",
                "an_attempt_without_its_number_is_the_newest_that_was_told",
            ),
        ),
        Rule(
            "quiet hours",
            "By the depot's clock. What is true for a while is told after them if it still is, and else "
            "dropped; a delivery or a failure is told at once, with the moment from which it may be sent.",
            ("quiet_from_h", "quiet_until_h"),
            (),
            tests_in("fleet/test_notices", "what_is_still_true_after_quiet_hours_is_told_then")
            + tests_in("fleet/test_quiet", "quiet_hours_go_over_midnight_by_the_local_clock"),
        ),
        Rule(
            "old news",
            "A scan that is judged long after it was made repairs its visit, and tells nobody.",
            ("notice_age_s",),
            (),
            tests_in("fleet/test_notices", "a_scan_that_comes_half_an_hour_late_tells_nobody"),
        ),
    ),
)
