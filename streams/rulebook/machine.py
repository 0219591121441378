"""Rules on the vehicle as a machine: counters, levels, driving, cargo, faults."""

from streams.events.judgements import AlertKind, VerdictKind
from streams.rulebook.rule import Chapter, Rule, tests_in

COUNTERS = Chapter(
    "Counters of fuel, energy, distance and idling",
    "stream.verdicts",
    (
        Rule(
            "counter_outlier",
            "A reading that the last one can't have become: below it, or further on than can be used in the "
            "time. It is not counted, unless the next reading follows from it.",
            (
                "fuel_most_l_per_h",
                "fuel_slack_l",
                "energy_most_kw",
                "energy_slack_kwh",
                "jump_speed_mps",
                "odometer_slack_m",
                "idle_slack_s",
            ),
            (VerdictKind.FLAGGED,),
            tests_in(
                "fleet/telemetry/test_counters",
                "one_nonsense_reading_counts_nothing_and_the_next_goes_on",
                "several_counters_of_one_message_that_begin_anew_have_one_verdict",
            ),
        ),
        Rule(
            "counter_reset",
            "The reading follows from the one that was set aside: the counter began anew there, or is "
            "another one. It goes on from where it was.",
            (),
            (VerdictKind.FLAGGED,),
            tests_in(
                "fleet/telemetry/test_counters",
                "a_counter_that_begins_anew_goes_on_from_where_it_was",
                "another_device_with_another_total_adds_only_what_is_used_from_then_on",
            ),
        ),
        Rule(
            "counter_rollover",
            "The counter went past its end, of 16, 24 or 32 bits: what was used is counted across it.",
            (),
            (VerdictKind.FLAGGED,),
            tests_in("fleet/telemetry/test_counters", "a_counter_that_rolls_over_is_counted_across_its_end"),
        ),
    ),
)

MACHINE = Chapter(
    "The vehicle as a machine",
    "fleet.alerts",
    (
        Rule(
            "odometer",
            "Odometer and GPS disagree over a span of driving; cleared by a span over which they agree. A "
            "gap in GPS counts for neither.",
            ("odometer_span_m", "odometer_tolerance", "gps_gap_s"),
            (AlertKind.ODOMETER,),
            tests_in(
                "fleet/telemetry/test_limits",
                "an_odometer_that_disagrees_is_told_until_it_agrees",
                "an_odometer_without_gps_beside_it_is_not_said_to_disagree",
            ),
        ),
        Rule(
            "refuelled",
            "The settled level of the tank rose by a step.",
            ("level_interval_s", "level_settled_share", "level_step_share"),
            (AlertKind.REFUELLED,),
            tests_in(
                "fleet/telemetry/test_levels",
                "a_rise_between_settled_levels_was_refuelled",
                "a_level_that_sways_is_neither_refuelled_nor_drained",
            ),
        ),
        Rule(
            "fuel_drained",
            "The settled level of the tank fell by a step, at once or bit by bit while it was parked, and by "
            "more than was driven takes.",
            (
                "level_interval_s",
                "level_settled_share",
                "level_step_share",
                "level_share_per_km",
                "level_parked_m",
            ),
            (AlertKind.FUEL_DRAINED,),
            tests_in(
                "fleet/telemetry/test_levels",
                "a_fall_by_more_than_was_driven_was_drained",
                "what_was_driven_explains_a_fall",
                "a_slow_drain_while_parked_adds_up",
            ),
        ),
        Rule(
            "idling",
            "The engine runs while the vehicle stands, by engine speed, idle counter, or ignition. Cleared "
            "when it drives or the engine is off. Told again by the partition's time, or the vehicle's own "
            "where that is later: where ticks tell the time, what a device sends of an hour at once is "
            "told once.",
            (
                "idling_after_s",
                "idling_clear_s",
                "still_speed_mps",
                "slow_speed_mps",
                "idle_counter_share",
                "watch_gap_s",
                "alert_interval_s",
            ),
            (AlertKind.IDLING,),
            tests_in(
                "fleet/telemetry/test_driving",
                "an_engine_that_runs_at_a_standstill_is_idling_until_it_drives",
                "a_vehicle_idles_by_its_counter_alone",
                "what_a_device_sends_of_half_an_hour_at_once_is_told_once",
                "the_engines_own_word_counts_for_more_than_the_ignition",
            )
            + tests_in(
                "fleet/telemetry/test_obd",
                "distance_and_idling_are_those_of_the_reference",
                "twenty_minutes_at_a_standstill_are_told_as_idling",
            ),
        ),
        Rule(
            "speeding",
            "Faster than the vehicle's own limit, or the general one, for a while; cleared likewise.",
            ("speed_limit_mps", "speeding_after_s", "speeding_clear_s", "watch_gap_s", "alert_interval_s"),
            (AlertKind.SPEEDING,),
            tests_in(
                "fleet/telemetry/test_driving",
                "speeding_lasts_and_is_over_when_it_was_slower_for_a_while",
                "a_vehicles_own_limit_counts_by_wheels_too",
            ),
        ),
        Rule(
            "harsh_acceleration",
            "By the device's word, or by two speeds about a second apart. Of each kind one is told in a "
            "while, and how many more there were and how hard with the next, or at its end.",
            ("harsh_acceleration_mps2", "harsh_most_mps2", "wheel_gap_s", "alert_interval_s"),
            (AlertKind.HARSH_ACCELERATION,),
            tests_in("fleet/telemetry/test_driving", "harsh_driving_is_seen_in_speeds_a_second_apart"),
        ),
        Rule(
            "harsh_braking",
            "By the device's word, or by two speeds about a second apart.",
            ("harsh_braking_mps2", "harsh_most_mps2", "alert_interval_s"),
            (AlertKind.HARSH_BRAKING,),
            tests_in(
                "fleet/telemetry/test_driving",
                "harsh_driving_is_seen_in_speeds_a_second_apart",
                "harsh_manoeuvres_of_one_kind_are_told_every_five_minutes_with_how_many_there_were",
                "the_last_harsh_manoeuvres_are_told_though_no_other_follows",
            ),
        ),
        Rule(
            "harsh_cornering",
            "By the device's word.",
            ("harsh_cornering_mps2", "alert_interval_s"),
            (AlertKind.HARSH_CORNERING,),
            tests_in(
                "fleet/telemetry/test_driving",
                "what_the_device_calls_harsh_is_told_with_its_size_and_its_time",
            ),
        ),
        Rule(
            "cargo_temperature",
            "The cargo is outside its vehicle's band for a time; cleared after a time within.",
            ("cargo_after_s", "cargo_clear_s", "alert_interval_s"),
            (AlertKind.CARGO_TEMPERATURE,),
            tests_in(
                "fleet/telemetry/test_limits",
                "cargo_outside_its_band_for_five_minutes_is_told_and_cleared_within",
                "a_door_that_stands_open_for_four_minutes_is_not_told",
            ),
        ),
        Rule(
            "fault_code",
            "A code that messages have; cleared when none had it for long.",
            ("fault_clear_s",),
            (AlertKind.FAULT_CODE,),
            tests_in(
                "fleet/telemetry/test_faults",
                "a_code_is_raised_once_and_cleared_when_it_was_gone_for_half_an_hour",
            ),
        ),
    ),
)
