"""Why each row counts as it does: SQL texts over the columns of what it is counted from.

Each KPI has up to three: ``told`` for what counts, ``excluded`` and ``unknown`` for what does not.
``clock(…)`` writes an instant down; ``f`` is the row of the fact table, ``i`` the item's own sums.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reasons:
    """SQL expressions of type text."""

    told: str
    excluded: str = "'left out by the definition'"
    unknown: str = "'not known'"


_DELIVERED = "coalesce('delivered ' || clock(f.delivered_at), 'not delivered (' || f.status || ')')"
_NOT_DUE = """case f.excluded_because
    when 'no_promise' then 'it had no promise'
    when 'cancelled_before_due'
        then concat('cancelled ', clock(f.cancelled_at), ', before its promise was due')
    when 'not_yet_due' then concat(
        'its promise is due ', clock(f.due_at),
        ', after ', (select clock(any_value(as_of)) from marts.kpi_daily)
    )
end"""
_UNHEARD = "concat('due ', clock(f.due_at), '; no attempt was ever scanned, so it stands as missed')"
_NEVER_DUE = "if(f.delivered_at is null, concat('not delivered (', f.status, ')'), 'it had no promise')"
_CURRENT = "coalesce(clock(f.current_until), 'the end of ' || f.current_day, 'none')"

_ATTEMPT = (
    "concat('attempt ', f.attempt_number, ' ', f.outcome, ' ', clock(f.attempted_at), "
    "': ' || f.failure_reason)"
)
_LATER = "concat('its earliest known attempt is number ', f.attempt_number)"
_TRIES = "(select count(*) from marts.attempts as others where others.order_id = f.order_id)"
_NO_STOP_COST = "'the place of its stop, the stay there, or the figures of its route are not known'"

_SHARES = (
    "(select count(*) from marts.deliveries as o where o.route_id = f.route_id and not o.is_unallocated)"
)
_PARCELS = "(select sum(parcels) from marts.deliveries as o where o.route_id = f.route_id)"
_TRIED = "(select count(*) from marts.attempts as o where o.route_id = f.route_id)"
_NO_ROUTE = "if(f.route_id is null, 'its route is not known', concat('route ', f.route_id, ' has no known "

_DUTY = "concat(round(f.duty_s / 3600, 2), ' h on duty')"
_KM = "concat(round(f.distance_m / 1000, 2), ' km by ', f.distance_basis)"
_NOT_DRIVEN = "'the route was not driven'"
_NO_RETURN = "'driven, but its return is not known'"
_COSTS = """concat_ws(
    ', ',
    'driver ' || f.driver_cost, 'distance ' || f.distance_cost, 'vehicle day ' || f.vehicle_day_cost,
    'overhead ' || f.overhead_cost, 'energy ' || f.energy_cost, 'carrier ' || f.carrier_cost
)"""

REASONS = {
    "on_time_rate": Reasons(f"concat({_DELIVERED}, ', due ', clock(f.due_at))", _NOT_DUE, _UNHEARD),
    "on_time_rate_delivered_only": Reasons(f"concat({_DELIVERED}, ', due ', clock(f.due_at))", _NEVER_DUE),
    "on_time_rate_by_date": Reasons(
        f"concat({_DELIVERED}, ', promised by the end of the day of ', clock(f.due_at))", _NEVER_DUE
    ),
    "on_time_rate_current_promise": Reasons(
        f"concat({_DELIVERED}, ', promise in force until ', {_CURRENT})", _NOT_DUE, _UNHEARD
    ),
    "early_rate": Reasons(
        f"concat({_DELIVERED}, ', promised from ', clock(f.promised_from))",
        f"coalesce({_NOT_DUE}, 'its promise has no opening')",
        _UNHEARD,
    ),
    "on_time_in_full_rate": Reasons(
        f"concat({_DELIVERED}, ', due ', clock(f.due_at), "
        "if(f.is_on_time and not f.is_on_time_in_full, ', but not with every package in time', ''))",
        _NOT_DUE,
        _UNHEARD,
    ),
    "failed_delivery_rate": Reasons(_ATTEMPT),
    "first_attempt_success_rate": Reasons(_ATTEMPT, unknown=_LATER),
    "redelivery_rate": Reasons(
        f"concat({_ATTEMPT}, '; attempts known of the order: ', {_TRIES})", unknown=_LATER
    ),
    "attempts_per_delivered_order": Reasons(
        "concat('delivered at attempt ', f.attempt_number, ' ', clock(f.delivered_at))"
    ),
    "window_compliance": Reasons(
        "concat('arrived ', clock(f.arrived_at), ', window ', clock(f.window_from), "
        "' to ', clock(f.window_until))",
        "'no window was in force'",
        "concat('window until ', clock(f.window_until), '; nobody saw the arrival')",
    ),
    "cost_per_failed_attempt": Reasons(
        f"concat({_ATTEMPT}, '; the stop added ', f.added_cost, ' ', f.currency)", unknown=_NO_STOP_COST
    ),
    "co2e_per_failed_attempt": Reasons(
        f"concat({_ATTEMPT}, '; the stop added ', round(f.added_co2e_kg, 4), ' kg')", unknown=_NO_STOP_COST
    ),
    "cost_per_delivery": Reasons(
        "concat('route ', f.route_id, ' cost ', f.total_cost, ' ', f.currency, if(f.is_unallocated, "
        f"' and delivered nothing: unallocated', concat(', shared by ', {_SHARES}, ' deliveries')))",
        unknown=f"{_NO_ROUTE}cost'))",
    ),
    **{
        kpi_id: Reasons(
            f"concat('route ', f.route_id, ' emitted ', round(f.route_{column}, 4), ' kg (tier ', "
            "f.emission_tier, '), ', if(f.is_unallocated, 'and delivered nothing: unallocated', "
            f"concat(f.parcels, ' of ', {_PARCELS}, ' parcels')))",
            unknown=f"{_NO_ROUTE}emissions'))",
        )
        for kpi_id, column in (
            ("co2e_per_delivery", "co2e_wtw_kg"),
            ("co2e_per_delivery_ttw", "co2e_ttw_kg"),
        )
    },
    "dispatch_to_drop_min": Reasons(
        "concat('route ', f.route_id, ' left ', clock(f.departed_at), ', delivered ', clock(f.delivered_at))",
        "concat('delivered ', clock(f.delivered_at), ', before its route left ', clock(f.departed_at))",
        "'its route or the departure of it is not known'",
    ),
    "order_to_drop_h": Reasons(
        "concat('ordered ', clock(f.ordered_at), ', delivered ', clock(f.delivered_at))",
        "concat('delivered ', clock(f.delivered_at), ', before it was ordered ', clock(f.ordered_at))",
        "'no order event is known'",
    ),
    "service_time_min": Reasons(
        "concat('arrived ', clock(f.arrived_at), ', left ', clock(f.departed_at), ', known by ', f.known_by)",
        unknown="concat('arrived ', clock(f.arrived_at), '; the stay has not ended or is not known')",
    ),
    "delay_alert_precision": Reasons(
        "concat('raised ', clock(f.raised_at), ' (', f.first_rule, '), window until ', clock(f.closes_at), "
        "': stop ', f.stop_outcome, ', ', f.judgement)",
        "concat('the alert was ', f.judgement)",
        "concat('what became of the stop is not known yet: ', f.stop_outcome)",
    ),
    "delay_alert_lead_time_min": Reasons(
        "concat('raised ', clock(f.raised_at), ', window until ', clock(f.closes_at), "
        "': stop ', f.stop_outcome)",
        "concat('the alert was ', f.judgement)",
        "concat('what became of the stop is not known yet: ', f.stop_outcome)",
    ),
    "delay_alert_recall": Reasons(
        "concat('window until ', clock(f.closes_at), ', ', "
        "coalesce('arrived ' || clock(f.arrived_at), 'no arrival'), "
        "if(i.numerator > 0, ', alerted before', ', not alerted before'))",
        "concat('reached in time: ', coalesce(clock(f.arrived_at), 'by its scans'))",
        "concat('still open: its window closes ', clock(f.closes_at))",
    ),
    **{
        f"eta_{figure}_{horizon}_min": Reasons(
            "concat('told ', clock(f.estimated_at), ': ', clock(f.p50_at), ', P90 ', clock(f.p90_at), "
            "'; arrived ', clock(f.arrived_at))",
            "concat('nobody saw the arrival: ', clock(f.arrived_at), ' is inferred')",
            f"concat('the last word at least {horizon} min before ', clock(f.arrived_at), ' says nothing')",
        )
        for figure in ("mae", "bias", "within_10_min", "p90_coverage")
        for horizon in (15, 30, 60, 120)
    },
    "completion_rate": Reasons(
        "concat(f.completed_stops, ' of ', f.assigned_stops, ' assigned stops completed')",
        unknown="concat(f.completed_stops, ' of ', f.assigned_stops, ' assigned stops completed; ', "
        "f.unscanned_stops, ' reached and nothing scanned')",
    ),
    "stops_per_hour": Reasons(
        f"concat(f.completed_stops, ' stops completed, ', {_DUTY})", _NOT_DRIVEN, _NO_RETURN
    ),
    "route_order_adherence": Reasons(
        "concat(coalesce(f.kept_pairs, 0), ' of ', coalesce(f.planned_pairs, 0), "
        "' planned neighbours driven so')",
        "'no plan of it is known'",
    ),
    "route_distance_ratio": Reasons(
        f"concat({_KM}, ', planned ', round(f.planned_m / 1000, 2), ' km')",
        f"if(f.is_driven, 'no planned distance is known', {_NOT_DRIVEN})",
        "'driven, but its distance is not known'",
    ),
    "route_hours_utilisation": Reasons(
        f"concat(if(f.is_driven, {_DUTY}, 'not driven'), "
        "' of ', round(f.available_s / 3600, 2), ' h rostered')",
        "'no roster has it'",
        _NO_RETURN,
    ),
    "load_fill": Reasons(
        "concat(f.loaded_packages, ' packages loaded of ', f.capacity_packages, ' that fit')",
        _NOT_DRIVEN,
        "'no loading scan, or the capacity of the vehicle is not known'",
    ),
    "empty_distance_share": Reasons(
        "concat(round(f.empty_m / 1000, 2), ' of ', round(f.gps_m / 1000, 2), "
        "' km by GPS after the last attempt')",
        "'driven without an attempt'",
        "'driven without GPS'",
    ),
    "idle_share": Reasons(
        f"concat(round(f.idle_s / 3600, 2), ' h idle, ', {_DUTY})",
        _NOT_DRIVEN,
        "'no idle counter, or its return is not known'",
    ),
    "harsh_events_per_100_km": Reasons(
        "concat(f.harsh_accelerations, ' accelerations, ', f.harsh_brakings, ' brakings, ', "
        "f.harsh_cornerings, "
        f"' cornerings in ', {_KM})",
        _NOT_DRIVEN,
        "'no telemetry'",
    ),
    "speeding_share": Reasons(
        "concat(cast(f.speeding_s as bigint), ' s over the limit of ', "
        "cast(f.moving_s as bigint), ' s moving')",
        _NOT_DRIVEN,
        "'its fixes report no speed'",
    ),
    "observability": Reasons(
        "concat(f.observed_minutes, ' of ', f.duty_minutes, ' minutes on duty with a fix')",
        _NOT_DRIVEN,
        _NO_RETURN,
    ),
    "cost_per_mile": Reasons(
        f"concat({_COSTS}, ' ', f.currency, '; ', {_KM})", _NOT_DRIVEN, "'driven, but no rate is known'"
    ),
    "cost_per_attempt": Reasons(
        "concat('route ', f.route_id, ' cost ', f.total_cost, ' ', f.currency, "
        f"', attempts on it: ', {_TRIED})",
        unknown=f"{_NO_ROUTE}cost'))",
    ),
    "co2e_per_attempt": Reasons(
        "concat('route ', f.route_id, ' emitted ', round(f.co2e_wtw_kg, 4), ' kg, attempts on it: ', "
        f"{_TRIED})",
        unknown=f"{_NO_ROUTE}emissions'))",
    ),
}
"""Every KPI of the catalogue; a test holds the two together."""
