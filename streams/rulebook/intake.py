"""Rules on what comes twice, and on what breaks its contract."""

from streams.events.judgements import VerdictKind
from streams.reason_kinds import ReasonKind
from streams.rulebook.rule import Chapter, Rule, tests_in

REPEATS = Chapter(
    "Duplicates and repeats",
    "stream.verdicts",
    (
        Rule(
            "same_event_id",
            "An event with the id of one that was judged before, also before a restart, is not judged again. "
            "An id is sure to be known until half as many newer ones as are remembered have come.",
            ("event_ids_remembered",),
            (VerdictKind.DUPLICATE,),
            tests_in("fleet/test_intake", "the_same_event_again_is_a_duplicate")
            + tests_in(
                "fleet/test_seen", "at_its_largest_it_keeps_half_as_many_as_it_has_places_and_8_bytes_of_each"
            ),
        ),
        Rule(
            "same_fix_time",
            "Another fix of the same vehicle and time is not judged; the first one received counts. The time "
            "is the device's own, since a clock of the vehicle was last known to be set, and fixes that were "
            "not judged take no place: a clock that was wrong hides none of the fixes that come once it is "
            "known to be right.",
            ("fix_times_remembered",),
            (VerdictKind.REPEAT,),
            tests_in(
                "fleet/test_intake",
                "another_event_of_the_same_vehicle_and_time_is_a_repeat_and_the_first_is_kept",
                "fixes_of_a_clock_that_was_an_hour_ahead_take_no_places_of_right_ones",
                "a_clock_that_was_ahead_takes_no_places_once_it_is_known_to_be_set",
                "a_batch_of_a_clock_that_is_ahead_is_of_repeats_under_other_ids",
                "of_a_batch_that_is_put_to_its_receipt_each_fix_is_judged_once",
            ),
        ),
    ),
)

DEAD_LETTERS = Chapter(
    "Dead letters",
    "dead.letters",
    (
        Rule(
            "not_json",
            "The value is empty, no JSON, nested too deeply, or an empty array.",
            (),
            (ReasonKind.NOT_JSON,),
            tests_in("test_validate", "rubbish_of_any_size_is_one_dead_letter_with_all_its_bytes")
            + tests_in("fleet/test_intake", "an_empty_array_is_a_dead_letter"),
        ),
        Rule(
            "missing_field",
            "A field that the contract needs is not there.",
            (),
            (ReasonKind.MISSING_FIELD,),
            tests_in("test_reason_kinds", "what_the_codec_says_has_a_kind"),
        ),
        Rule(
            "wrong_value",
            "A field's value is not what the contract allows; the rest of its batch is judged.",
            (),
            (ReasonKind.WRONG_VALUE,),
            tests_in("test_reasons", "a_reason_names_the_field_its_value_and_what_would_be_right")
            + tests_in("fleet/test_intake", "a_broken_element_of_a_batch_goes_alone"),
        ),
        Rule(
            "key",
            "The record has no key, or one that names something else than its event.",
            (),
            (ReasonKind.KEY,),
            tests_in("test_keys", "a_record_under_another_key_or_none_is_refused_naming_the_field"),
        ),
        Rule(
            "time",
            "A time before 1970 (but reference data may be in force since ever), a receipt more than a day "
            "ahead of Kafka's append, or an event more than a day ahead of its receipt: no clock that is "
            "off, but a field that is wrong.",
            (),
            (ReasonKind.TIME,),
            tests_in(
                "test_validate",
                "no_field_of_an_event_lies_before_1970",
                "a_receipt_more_than_a_day_ahead_of_kafkas_append_time_is_refused",
                "an_event_more_than_a_day_ahead_of_its_receipt_is_refused_in_words",
            ),
        ),
        Rule(
            "size",
            "The message is larger than its topic takes.",
            (),
            (ReasonKind.SIZE,),
            tests_in("test_publish", "a_too_large_message_is_refused_naming_its_size_topic_and_limit"),
        ),
        Rule(
            "other",
            "Words that another program wrote.",
            (),
            (ReasonKind.OTHER,),
            tests_in("test_reason_kinds", "words_of_nobody_here_are_of_another_kind"),
        ),
    ),
)
