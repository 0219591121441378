"""What the items of each KPI are, and which events each of them was made of."""

from dataclasses import dataclass

from assets.explain.events import (
    ALERT_ARRIVALS,
    ALERT_VISITS,
    ALERT_WORDS,
    ATTEMPT_ARRIVALS,
    ATTEMPT_ORDERS,
    ATTEMPT_SCANS,
    ATTEMPT_VISITS,
    ETA_VISITS,
    ETA_WORDS,
    LATE_STOP_ALERTS,
    LATE_STOP_ARRIVALS,
    LATE_STOP_ORDERS,
    LATE_STOP_VISITS,
    ORDER_EVENTS,
    ORDER_SCANS,
    ROUTE_FIXES,
    ROUTE_PLANS,
    ROUTE_RATES,
    ROUTE_SCANS,
    ROUTE_SHIFTS,
    ROUTE_TELEMETRY,
    ROUTE_VISITS,
    SCANS_OF_ALL_ATTEMPTS,
    VISIT_WORDS,
    Link,
)

ORDERS_FACTS = "select order_id as item_id, * from marts.orders"
ATTEMPTS_FACTS = "select attempt_id as item_id, * from marts.attempts"
DELIVERIES_FACTS = """
select
    coalesce(d.order_id, d.route_id) as item_id, d.*, o.ordered_at,
    r.departed_at, r.total_cost, r.emission_tier,
    r.co2e_wtw_kg as route_co2e_wtw_kg, r.co2e_ttw_kg as route_co2e_ttw_kg
from marts.deliveries as d
left join marts.orders as o on d.order_id = o.order_id
left join marts.routes as r on d.route_id = r.route_id
"""
VISITS_FACTS = "select visit_id as item_id, * from marts.stop_visits"
ALERTS_FACTS = "select alert_id as item_id, * from marts.delay_alerts"
LATE_STOPS_FACTS = "select stop_id || '/' || service_date as item_id, * from intermediate.int_stop_outcomes"
ETAS_FACTS = "select eta_id as item_id, * from marts.eta_accuracy"
ROUTES_FACTS = "select route_id as item_id, * from marts.routes"
ROUTES_OF_ATTEMPTS_FACTS = """
select coalesce(a.attempt_id, r.route_id) as item_id, r.*
from marts.routes as r
left join marts.attempts as a using (route_id)
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """``facts`` has a row an item, under ``item_id``; ``links`` lead to its events."""

    facts: str
    links: tuple[Link, ...]


# Items that are routes: those whose cost and emissions nothing shares.
_UNALLOCATED = (ROUTE_SHIFTS, ROUTE_SCANS, ROUTE_TELEMETRY, ROUTE_FIXES)
_ORDERS = Subject(ORDERS_FACTS, (ORDER_EVENTS, ORDER_SCANS))
_DELIVERIES = Subject(DELIVERIES_FACTS, (ORDER_EVENTS, ORDER_SCANS, *_UNALLOCATED))
_ALERTS = Subject(ALERTS_FACTS, (ALERT_WORDS, ALERT_VISITS, ALERT_ARRIVALS))
_ETAS = Subject(ETAS_FACTS, (ETA_VISITS, ETA_WORDS))
_SHARED_ROUTES = Subject(ROUTES_OF_ATTEMPTS_FACTS, (ATTEMPT_SCANS, *_UNALLOCATED))
_DUTY = (ROUTE_VISITS, ROUTE_FIXES)


def _attempts(*links: Link) -> Subject:
    return Subject(ATTEMPTS_FACTS, links)


def _routes(*links: Link) -> Subject:
    """A route is there by its roster or its scans, whatever is counted of it."""
    return Subject(ROUTES_FACTS, (ROUTE_SHIFTS, ROUTE_SCANS, *links))


SUBJECTS = {
    "on_time_rate": _ORDERS,
    "on_time_rate_delivered_only": _ORDERS,
    "on_time_rate_by_date": _ORDERS,
    "on_time_rate_current_promise": _ORDERS,
    "early_rate": _ORDERS,
    "on_time_in_full_rate": _ORDERS,
    "failed_delivery_rate": _attempts(ATTEMPT_SCANS),
    "first_attempt_success_rate": _attempts(SCANS_OF_ALL_ATTEMPTS),
    "redelivery_rate": _attempts(SCANS_OF_ALL_ATTEMPTS),
    "attempts_per_delivered_order": _attempts(SCANS_OF_ALL_ATTEMPTS),
    "window_compliance": _attempts(ATTEMPT_SCANS, ATTEMPT_ORDERS, ATTEMPT_VISITS, ATTEMPT_ARRIVALS),
    "cost_per_failed_attempt": _attempts(ATTEMPT_SCANS, ATTEMPT_VISITS),
    "co2e_per_failed_attempt": _attempts(ATTEMPT_SCANS, ATTEMPT_VISITS),
    "cost_per_delivery": _DELIVERIES,
    "co2e_per_delivery": _DELIVERIES,
    "co2e_per_delivery_ttw": _DELIVERIES,
    "dispatch_to_drop_min": _DELIVERIES,
    "order_to_drop_h": _DELIVERIES,
    "service_time_min": Subject(VISITS_FACTS, (VISIT_WORDS,)),
    "delay_alert_precision": _ALERTS,
    "delay_alert_lead_time_min": _ALERTS,
    "delay_alert_recall": Subject(
        LATE_STOPS_FACTS, (LATE_STOP_ORDERS, LATE_STOP_ALERTS, LATE_STOP_VISITS, LATE_STOP_ARRIVALS)
    ),
    **{
        f"eta_{figure}_{horizon}_min": _ETAS
        for figure in ("mae", "bias", "within_10_min", "p90_coverage")
        for horizon in (15, 30, 60, 120)
    },
    "completion_rate": _routes(ROUTE_PLANS, ROUTE_VISITS),
    "stops_per_hour": _routes(*_DUTY),
    "route_order_adherence": _routes(ROUTE_PLANS, ROUTE_VISITS),
    "route_distance_ratio": _routes(ROUTE_PLANS, ROUTE_TELEMETRY, ROUTE_FIXES),
    "route_hours_utilisation": _routes(*_DUTY),
    "load_fill": _routes(),
    "empty_distance_share": _routes(ROUTE_FIXES),
    "idle_share": _routes(ROUTE_TELEMETRY, *_DUTY),
    "harsh_events_per_100_km": _routes(ROUTE_TELEMETRY, ROUTE_FIXES),
    "speeding_share": _routes(ROUTE_FIXES),
    "observability": _routes(*_DUTY),
    "cost_per_mile": _routes(ROUTE_RATES, ROUTE_TELEMETRY, *_DUTY),
    "cost_per_attempt": _SHARED_ROUTES,
    "co2e_per_attempt": _SHARED_ROUTES,
}
"""Every KPI of the catalogue; a test holds the two together."""
