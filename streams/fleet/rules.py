"""Every threshold of the fleet judge, in one place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FleetRules:
    """What the judge measures against. Distances in metres, durations in seconds."""

    # Clocks and repeats
    clock_ahead_limit_s: float = 60.0
    """An event ahead of its receipt by up to this has its clock corrected; further ahead is ``future``."""
    skew_window_s: float = 1800.0
    """A device's skew is learned from the last one to two spans of this length."""
    skew_least_s: float = 10.0
    """A learned skew of at least this is taken off events too that don't themselves show it."""
    clock_jump_s: float = 15.0
    """A clock set by more than this is told; GPS time, which some receivers begin with, is 18 s off."""
    clock_settled_s: float = 5.0
    """Offsets no further apart than this agree on one setting of the clock ..."""
    clock_settled_events: int = 4
    """... when so many events in sequence have them, each received later than the one before."""
    event_ids_remembered: int = 524_288
    """So many event ids of a partition are remembered at most, 8 bytes each. One is still known after half
    as many newer ones in all but 1 of 2,000,000 cases; what is forgotten, the warehouse drops."""
    fix_times_remembered: int = 262_144
    """So many (vehicle, fix time) of a partition are remembered at most."""

    # Bad positions
    implausible_speed_mps: float = 35.7632
    """80 mph: a delivery vehicle that reports more is flagged ``over_speed_limit``."""
    null_island_deg: float = 0.01
    """A position this close to 0 N 0 E is a receiver without a fix."""
    poor_accuracy_m: float = 200.0
    """A fix that calls itself less accurate than this moves no visit."""
    jump_speed_mps: float = 60.0
    """No delivery vehicle gets from one place to another faster than this, 216 km/h, ..."""
    jump_slack_m: float = 200.0
    """... when this much is allowed for noise and for times that are rounded."""
    confirming_fixes: int = 2
    """A place that contradicts the last believed one is believed when so many more fixes agree with it."""
    frozen_fixes: int = 5
    """Coordinates that are the same to the last digit for so many fixes are frozen ..."""
    frozen_after_s: float = 60.0
    """... and for this long, while as many of them report a speed ..."""
    frozen_moved_m: float = 200.0
    """... or the odometer has gone on by this much."""
    drift_noise_m: float = 25.0
    """A standing vehicle's position wanders by this much; it is neither distance nor departure."""
    drift_most_m: float = 150.0
    """Up to this far from where it was parked, a vehicle with its ignition off only seems to be."""
    gps_gap_s: float = 120.0
    """Without a fix for longer than this, what was driven is not known from GPS."""

    # Visits
    stop_radius_m: float = 60.0
    depot_radius_m: float = 150.0
    exit_factor: float = 1.5
    """A visit ends outside its radius times this, so that drift at the edge does not flap ..."""
    exit_dwell_s: float = 120.0
    """... after this long outside, by two fixes in a row at least, ..."""
    away_factor: float = 2.5
    """... or at once where the second of them is outside its radius times this."""
    slow_speed_mps: float = 1.5
    """Below this a vehicle counts as standing."""
    arrival_dwell_s: float = 120.0
    """Being inside the radius for this long, and slow at least once, is an arrival (as of when it began)."""
    crossing_speed_mps: float = 6.0
    """Where fixes are sparse, a stop between two of them was visited if driving at this speed leaves
    ``arrival_dwell_s`` over."""
    inferred_dwell_s: float = 60.0
    """The next stop in sequence, left after this long without any scan, is taken as done."""
    same_place_m: float = 25.0
    """Stops no further apart from a vehicle than this are told apart by sequence, not by distance."""
    scan_distance_m: float = 300.0
    """A scan made further than this from its stop contradicts it."""
    scan_position_age_s: float = 120.0
    """A position is held against a scan when it is not older or newer than this."""
    scan_reach_mps: float = 15.0
    """So fast the vehicle may have come to the place of a scan from where it was seen before."""
    late_scan_s: float = 600.0
    """A scan up to this long after a visit still belongs to it."""

    # ETAs
    eta_shift_s: float = 60.0
    """ETAs are estimated anew when the next stop's P50 has moved by more than this, and told, ..."""
    eta_later_shift_s: float = 180.0
    """... as they are when that of a later stop has moved by more than this since it was told."""
    eta_interval_s: float = 60.0
    """ETAs of a vehicle are published at most once in this time."""

    pace_prior_leg_s: float = 3_600.0
    """So much driving, as the model has it, counts beside what was seen of today's legs ..."""
    pace_prior_service_s: float = 1_800.0
    """... and so much service beside today's services."""
    break_seen_share: float = 0.8
    """A break is over once the vehicle has stood for this share of it, at no stop ..."""
    break_forget_s: float = 7_200.0
    """... or this long after it should have been, seen or not."""

    # Delays
    at_risk_ahead_s: float = 5400.0
    """A stop becomes at risk at the earliest so long before its P50: P90 says more of the day before."""
    delay_raise_s: float = 120.0
    """A delay is raised when the estimate is this far past the close."""
    delay_clear_s: float = 0.0
    """A delay may clear when the estimate is no further past the close than this ..."""
    delay_clear_after_s: float = 120.0
    """... and has been so for this long."""
    delay_update_s: float = 300.0
    """An open delay is told again when it has changed by more than this."""
    missed_after_s: float = 0.0
    """A stop whose window closed longer ago than this, neither done nor being served, is missed."""
    delay_interval_s: float = 60.0
    """One delay is updated at most once in this time."""
    early_after_s: float = 600.0
    """An arrival at least this long before the window opens is early."""
    breakdown_after_s: float = 1_800.0
    """Standing at no stop for this long can be the cause of a delay: a breakdown."""
    cause_share: float = 0.5
    """What explains at least this share of the time behind plan is named as the cause."""

    # Shifts: what goes wrong beside the ETAs
    not_departed_after_s: float = 900.0
    """A vehicle that is still at its depot this long after its shift began has not departed."""
    standing_radius_m: float = 100.0
    """Within this distance of one place a vehicle stands; further away for ..."""
    standing_clear_s: float = 60.0
    """... this long, it has moved on."""
    standing_after_s: float = 900.0
    """Standing at no stop for this long, breaks not counted, is idling away the shift."""
    off_route_factor: float = 1.5
    """The ways from where a leg began and to where it ends may together come to this times the leg ..."""
    off_route_m: float = 2000.0
    """... and this: being further off is off route ..."""
    off_route_after_s: float = 180.0
    """... when it lasts for this long."""
    off_route_clear_m: float = 1000.0
    """It is over when no more than this is left of that ..."""
    off_route_clear_s: float = 60.0
    """... for this long."""
    sequence_slack_m: float = 150.0
    """Stops no further apart than this may be served in any order."""
    overdue_after_s: float = 600.0
    """The next stop is overdue this long after its P90, as it was when the vehicle was heard last ..."""
    overdue_quiet_s: float = 300.0
    """... when nothing has been heard for this long."""

    # Customers
    notice_shift_s: float = 900.0
    """An ETA that has moved by more than this since its customer was told of it is told again ..."""
    notice_interval_s: float = 1800.0
    """... but no sooner than this after that."""
    notice_known_s: float = 120.0
    """Nobody is told of what is to come while the vehicle's newest fix or scan is older than this ..."""
    notice_known_intervals: float = 2.0
    """... and than so many of its reporting intervals: where it is by now is only reckoned."""
    notice_age_s: float = 1800.0
    """A scan older than this when it is judged is news to no customer."""
    quiet_from_h: float = 21.0
    """From this hour, by the depot's clock, no customer is told anything ..."""
    quiet_until_h: float = 8.0
    """... until this one. The same hour twice is no quiet hours."""

    # Looks
    look_interval_s: float = 900.0
    """A vehicle with a route is looked at at least this often, whether anything happened or not."""

    # Telemetry
    alert_interval_s: float = 300.0
    """An open alert is told again at most once in this time."""
    watch_gap_s: float = 300.0
    """What was seen longer ago than this says nothing of the time between."""
    fuel_most_l_per_h: float = 60.0
    """No delivery vehicle burns more; a counter that goes on faster is wrong, or another one."""
    fuel_slack_l: float = 2.0
    """So much beside it, for counters that are sent in steps."""
    energy_most_kw: float = 200.0
    energy_slack_kwh: float = 2.0
    """The same for electric vehicles."""
    odometer_slack_m: float = 1000.0
    """Odometers may be sent in steps of this."""
    idle_slack_s: float = 60.0
    """Idle time may be sent in steps of this."""
    level_interval_s: float = 30.0
    """A tank's level is the median of five readings that are at least this far apart."""
    level_settled_share: float = 0.03
    """It is settled when the middle three of them lie no further apart than this share of the tank."""
    level_step_share: float = 0.1
    """A settled level that is higher or lower by this share of the tank was refuelled or drained, ..."""
    level_share_per_km: float = 0.005
    """... less this share for every kilometre driven, 0.3 l of a tank of 60 l."""
    level_parked_m: float = 1000.0
    """Having driven less than this, a level that sinks step by step is measured from where it began."""
    odometer_span_m: float = 10_000.0
    """Odometer and GPS are compared over this distance, ..."""
    odometer_tolerance: float = 0.15
    """... and may be this share of it apart: chords between sparse fixes cut corners."""
    still_speed_mps: float = 0.25
    """Wheels below this stand: less than the 1 km/h that a vehicle's bus tells at least."""
    idling_after_s: float = 300.0
    """The engine running at a standstill for this long is idling."""
    idling_clear_s: float = 30.0
    """It is over when the engine is off, or once the vehicle has driven for this long."""
    idle_counter_share: float = 0.8
    """The vehicle idled between two messages when its idle counter covers this share of the time."""
    wheel_gap_s: float = 10.0
    """Distance is made of speeds that are no further apart than this."""
    harsh_acceleration_mps2: float = 3.43
    """0.35 g: GPS Insight's threshold for vehicles of 6,000 to 10,000 lb, as are vans."""
    harsh_braking_mps2: float = 3.53
    """0.36 g, of the same table."""
    harsh_cornering_mps2: float = 3.43
    """0.35 g, of the same table."""
    harsh_most_mps2: float = 12.0
    """No tyre holds more; a larger change of speed within a second is a wrong speed."""
    speed_limit_mps: float = 30.56
    """110 km/h, where the vehicle's own record has no limit."""
    speeding_after_s: float = 20.0
    """Over the limit for this long is speeding."""
    speeding_clear_s: float = 20.0
    """It is over once the speed was below the limit for this long."""
    cargo_after_s: float = 300.0
    """Cargo outside its band for this long is told: a door stands open for less."""
    cargo_clear_s: float = 60.0
    """It is well again after this long within the band."""
    fault_clear_s: float = 1800.0
    """A fault code that no message has had for this long is over."""

    # Silence
    silent_after_s: float = 300.0
    silent_intervals: float = 5.0
    """A vehicle is silent after this many reporting intervals, and at least ``silent_after_s``."""

    # Shifts and progress
    progress_interval_s: float = 300.0
    loaded_debounce_s: float = 30.0
    """Loaded scans come in a burst; progress waits this long for the rest of them."""
    shift_overrun_s: float = 14_400.0
    """A shift that is this long past its end is over, done or not."""


DEFAULT_RULES = FleetRules()
