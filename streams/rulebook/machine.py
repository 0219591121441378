"""Rules on the vehicle as a machine: counters, levels, driving, cargo, faults."""

from streams.events.judgements import AlertKind, VerdictKind
from streams.rulebook.rule import Chapter, Rule

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
        ),
        Rule(
            "counter_reset",
            "The reading follows from the one that was set aside: the counter began anew there, or is "
            "another one. It goes on from where it was.",
            (),
            (VerdictKind.FLAGGED,),
        ),
        Rule(
            "counter_rollover",
            "The counter went past its end, of 16, 24 or 32 bits: what was used is counted across it.",
            (),
            (VerdictKind.FLAGGED,),
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
        ),
        Rule(
            "refuelled",
            "The settled level of the tank rose by a step.",
            ("level_interval_s", "level_settled_share", "level_step_share"),
            (AlertKind.REFUELLED,),
        ),
        Rule(
            "fuel_drained",
            "The settled level of the tank fell by a step, and by more than was driven takes.",
            (
                "level_interval_s",
                "level_settled_share",
                "level_step_share",
                "level_share_per_km",
                "level_parked_m",
            ),
            (AlertKind.FUEL_DRAINED,),
        ),
        Rule(
            "idling",
            "The engine runs while the vehicle stands, by engine speed, idle counter, or ignition. Cleared "
            "when it drives or the engine is off.",
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
        ),
        Rule(
            "speeding",
            "Faster than the vehicle's own limit, or the general one, for a while; cleared likewise.",
            ("speed_limit_mps", "speeding_after_s", "speeding_clear_s", "watch_gap_s", "alert_interval_s"),
            (AlertKind.SPEEDING,),
        ),
        Rule(
            "harsh_acceleration",
            "By the device's word, or by two speeds about a second apart.",
            ("harsh_acceleration_mps2", "harsh_most_mps2", "wheel_gap_s", "alert_interval_s"),
            (AlertKind.HARSH_ACCELERATION,),
        ),
        Rule(
            "harsh_braking",
            "By the device's word, or by two speeds about a second apart.",
            ("harsh_braking_mps2", "harsh_most_mps2", "alert_interval_s"),
            (AlertKind.HARSH_BRAKING,),
        ),
        Rule(
            "harsh_cornering",
            "By the device's word.",
            ("harsh_cornering_mps2", "alert_interval_s"),
            (AlertKind.HARSH_CORNERING,),
        ),
        Rule(
            "cargo_temperature",
            "The cargo is outside its vehicle's band for a time; cleared after a time within.",
            ("cargo_after_s", "cargo_clear_s", "alert_interval_s"),
            (AlertKind.CARGO_TEMPERATURE,),
        ),
        Rule(
            "fault_code",
            "A code that messages have; cleared when none had it for long.",
            ("fault_clear_s",),
            (AlertKind.FAULT_CODE,),
        ),
    ),
)
