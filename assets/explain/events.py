"""The events behind items: for each topic how an item's events are found in staging.

Items stand in the table ``explained`` with their ``item_id``. A link is a ``from`` clause that gives
the item as ``i`` and the event as ``e``.
"""

from dataclasses import dataclass

from streams.topics import (
    DELAYS,
    ETAS,
    GPS_FIXES,
    ORDERS,
    RATES,
    ROUTES,
    SCANS,
    SHIFTS,
    TELEMETRY,
    VISITS,
    Topic,
)


@dataclass(frozen=True, slots=True)
class Link:
    """How items of one kind lead to events of one topic."""

    topic: Topic
    joined: str

    @property
    def sql(self) -> str:
        """The events with their places, by item."""
        at, words = _TOLD[self.topic.name]
        return (
            f"select i.item_id, '{self.topic.name}' as topic, cast(e.event_id as varchar) as event_id, "
            f'e."partition", e."offset", e."index", {at} as happened_at, {words} as words from {self.joined}'
        )


_TOLD = {
    ORDERS.name: ("e.ordered_at", "concat(e.kind, ' promised until ' || clock(e.promised_until))"),
    SCANS.name: (
        "e.scanned_at",
        "concat(e.kind, ' attempt ' || e.attempt_number, ': ' || e.failure_reason, "
        "if(e.outcome = 'accepted', '', ' (' || e.outcome || ')'))",
    ),
    VISITS.name: ("e.arrived_at", "concat(e.phase, ' by ', e.known_by, ', left ' || clock(e.departed_at))"),
    ETAS.name: ("e.estimated_at", "concat(len(e.stops), ' stops ahead')"),
    DELAYS.name: ("e.judged_at", "concat(e.phase, ' ', e.rule, ', ', cast(e.delay_s as bigint), ' s')"),
    GPS_FIXES.name: (
        "coalesce(e.corrected_at, e.fix_at)",
        "concat(e.lat_deg, ' ', e.lon_deg, ', ' || round(e.speed_mps, 1) || ' m/s')",
    ),
    TELEMETRY.name: (
        "e.measured_at",
        "concat_ws(', ', 'odometer ' || cast(e.odometer_m as bigint) || ' m', "
        "'fuel ' || round(e.fuel_used_l, 2) || ' l', "
        "'energy ' || round(e.energy_used_kwh, 2) || ' kWh', 'idle ' || cast(e.idle_s as bigint) || ' s', "
        "if(e.harsh_events > 0, e.harsh_events || ' harsh', null))",
    ),
    ROUTES.name: ("e.effective_at", "concat('revision ', e.revision, ', ', len(e.visits), ' stops')"),
    SHIFTS.name: ("e.starts_at", "concat('rostered until ', clock(e.ends_at))"),
    RATES.name: ("if(isfinite(e.valid_from_at), e.valid_from_at, null)", "concat('rate ', e.rate_id)"),
}

ORDER_EVENTS = Link(ORDERS, "explained as i inner join staging.stg_orders as e on i.item_id = e.order_id")
ORDER_SCANS = Link(SCANS, "explained as i inner join staging.stg_scans as e on i.item_id = e.order_id")

_ATTEMPTS = "explained as i inner join marts.attempts as a on i.item_id = a.attempt_id "
_OUTCOMES = "e.outcome = 'accepted' and e.kind in ('delivered', 'failed', 'locker')"
ATTEMPT_ORDERS = Link(ORDERS, f"{_ATTEMPTS} inner join staging.stg_orders as e using (order_id)")
SCANS_OF_ALL_ATTEMPTS = Link(
    SCANS, f"{_ATTEMPTS} inner join staging.stg_scans as e on a.order_id = e.order_id and {_OUTCOMES}"
)
ATTEMPT_SCANS = Link(
    SCANS,
    f"""{_ATTEMPTS}
    inner join (
        select attempt_id, lead(attempted_at) over (partition by order_id order by attempted_at) as next_at
        from marts.attempts
    ) as following using (attempt_id)
    inner join staging.stg_scans as e on a.order_id = e.order_id and {_OUTCOMES} and if(
        e.attempt_number is null,
        e.scanned_at >= a.attempted_at and e.scanned_at < coalesce(following.next_at, 'infinity'),
        e.attempt_number = a.attempt_number
    )""",
)
_VISITS_THERE = """
    inner join intermediate.int_visits as v
        on a.stop_id = v.stop_id and a.service_date = v.service_date and not v.is_depot {and_more}
    inner join staging.stg_visits as e on v.visit_id = e.visit_id"""
_ARRIVALS_THERE = """
    inner join staging.stg_scans as e
        on a.stop_id = e.stop_id and a.service_date = e.service_date
        and e.kind = 'arrived' and e.outcome = 'accepted' {and_more}"""
_SAME_VEHICLE = "and a.vehicle_id = {}.vehicle_id"
ATTEMPT_VISITS = Link(VISITS, _ATTEMPTS + _VISITS_THERE.format(and_more=_SAME_VEHICLE.format("v")))
ATTEMPT_ARRIVALS = Link(SCANS, _ATTEMPTS + _ARRIVALS_THERE.format(and_more=_SAME_VEHICLE.format("e")))

VISIT_WORDS = Link(VISITS, "explained as i inner join staging.stg_visits as e on i.item_id = e.visit_id")

_ETAS = "explained as i inner join marts.eta_accuracy as a on i.item_id = a.eta_id "
ETA_VISITS = Link(VISITS, f"{_ETAS} inner join staging.stg_visits as e on a.visit_id = e.visit_id")
ETA_WORDS = Link(
    ETAS,
    f"{_ETAS} inner join staging.stg_etas as e "
    "on a.vehicle_id = e.vehicle_id and a.estimated_at = e.estimated_at",
)

ALERT_WORDS = Link(DELAYS, "explained as i inner join staging.stg_delays as e on i.item_id = e.alert_id")
_ALERTS = "explained as i inner join marts.delay_alerts as a on i.item_id = a.alert_id "
ALERT_VISITS = Link(VISITS, _ALERTS + _VISITS_THERE.format(and_more=""))
ALERT_ARRIVALS = Link(SCANS, _ALERTS + _ARRIVALS_THERE.format(and_more=""))

_LATE_STOPS = (
    "explained as i inner join intermediate.int_stop_outcomes as a "
    "on i.item_id = a.stop_id || '/' || a.service_date "
)
LATE_STOP_VISITS = Link(VISITS, _LATE_STOPS + _VISITS_THERE.format(and_more=""))
LATE_STOP_ARRIVALS = Link(SCANS, _LATE_STOPS + _ARRIVALS_THERE.format(and_more=""))
LATE_STOP_ALERTS = Link(
    DELAYS,
    f"""{_LATE_STOPS}
    inner join marts.delay_alerts as d on a.stop_id = d.stop_id and a.service_date = d.service_date
    inner join staging.stg_delays as e on d.alert_id = e.alert_id""",
)
LATE_STOP_ORDERS = Link(
    ORDERS,
    f"""{_LATE_STOPS}
    inner join marts.orders as o on a.stop_id = o.stop_id and a.service_date = o.service_date
    inner join staging.stg_orders as e on o.order_id = e.order_id""",
)


def _claimed(staged: str, at: str) -> str:
    """Accepted rows of a vehicle by the route that last began, as the models have it."""
    return f"""(
        select staged.*, routes.route_id
        from (select *, {at} as claimed_at from staging.{staged} where outcome = 'accepted') as staged
        asof join intermediate.int_routes as routes
            on staged.vehicle_id = routes.vehicle_id
            and staged.service_date = routes.service_date
            and staged.claimed_at >= routes.claims_from_at
    ) as e inner join explained as i on e.route_id = i.item_id"""


_ROUTES = "explained as i inner join intermediate.int_routes as r on i.item_id = r.route_id "
ROUTE_FIXES = Link(GPS_FIXES, _claimed("stg_gps_fixes", "coalesce(corrected_at, fix_at)"))
ROUTE_TELEMETRY = Link(TELEMETRY, _claimed("stg_telemetry", "measured_at"))
ROUTE_SCANS = Link(
    SCANS,
    """(
        select staged.*, coalesce(by_shift.route_id, by_time.route_id) as route_id
        from (from staging.stg_scans where outcome = 'accepted') as staged
        left join intermediate.int_routes as by_shift on staged.shift_id = by_shift.shift_id
        asof left join intermediate.int_routes as by_time
            on staged.vehicle_id = by_time.vehicle_id
            and staged.service_date = by_time.service_date
            and staged.scanned_at >= by_time.claims_from_at
    ) as e inner join explained as i on e.route_id = i.item_id""",
)
ROUTE_VISITS = Link(
    VISITS,
    "explained as i inner join intermediate.int_visit_routes as v on i.item_id = v.route_id "
    "inner join staging.stg_visits as e on v.visit_id = e.visit_id",
)
ROUTE_PLANS = Link(ROUTES, f"{_ROUTES} inner join staging.stg_route_plans as e on r.shift_id = e.shift_id")
ROUTE_SHIFTS = Link(SHIFTS, f"{_ROUTES} inner join staging.stg_shifts as e on r.shift_id = e.shift_id")
ROUTE_RATES = Link(
    RATES,
    "explained as i inner join intermediate.int_route_costs as c on i.item_id = c.route_id "
    "inner join staging.stg_rates as e on c.rate_id = e.rate_id",
)
