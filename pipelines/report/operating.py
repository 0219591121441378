"""What operators do something about: carriers, failing attempts, dear zones, places for stock."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from assets.published_file import require_table

WORST_OF_A_KIND = 5
DEAREST_ZONES = 10
BEST_SITES = 5


@dataclass(frozen=True, slots=True)
class Carriers:
    """One carrier model's work over all dates, fully loaded; what is not known is not in the rates."""

    carrier_model: str
    currency: str | None
    routes: int
    attempts: int
    failed_attempts: int
    delivered_orders: int
    costed_orders: int
    total_cost: float | None
    due_orders: int
    on_time_orders: int
    measured_parcels: int
    co2e_kg: float | None

    @property
    def cost_per_delivery(self) -> float | None:
        """In the currency, over the orders of known cost."""
        return None if self.total_cost is None else _share(self.total_cost, self.costed_orders)

    @property
    def failed_rate(self) -> float | None:
        """Of the attempts."""
        return _share(self.failed_attempts, self.attempts)

    @property
    def on_time_rate(self) -> float | None:
        """Of the orders whose promise was due."""
        return _share(self.on_time_orders, self.due_orders)

    @property
    def co2e_kg_per_parcel(self) -> float | None:
        """Well-to-wheel, over the parcels of known emissions."""
        return None if self.co2e_kg is None else _share(self.co2e_kg, self.measured_parcels)


@dataclass(frozen=True, slots=True)
class Odds:
    """How often attempts of a depot fail: of all, of an attempt's number, of an hour or a zone."""

    depot_id: str
    of: str
    failed_attempts: int
    attempts: int
    failed_rate: float
    rate_low: float
    rate_high: float
    expected_rate: float


@dataclass(frozen=True, slots=True)
class DearZone:
    """A zone that costs much more than zones of its density; its costs are over ``costed_deliveries``."""

    depot_id: str
    zone: str
    currency: str | None
    deliveries: int
    costed_deliveries: int
    cost_per_delivery: float
    median_of_density: float
    zones_of_density: int
    excess_cost: float
    is_enough: bool


@dataclass(frozen=True, slots=True)
class Site:
    """A cell in which stock would save kilometres."""

    depot_id: str
    zone: str
    attempts_per_day: float
    net_km_per_day: float
    currency: str | None
    saved_cost_per_day: float | None
    saved_co2e_kg_per_day: float | None


@dataclass(frozen=True, slots=True)
class Alerts:
    """How far one rule of the delay alerts can be relied on, over all dates; ``any`` is all of them."""

    rule: str
    alerts: int
    right_alerts: int
    false_alarms: int
    averted_alerts: int
    unknown_alerts: int
    late_stops: int
    foreseen_stops: int
    lead_s: float

    @property
    def precision(self) -> float | None:
        """Of the alerts that were judged, the share that was right."""
        return _share(self.right_alerts, self.right_alerts + self.false_alarms)

    @property
    def recall(self) -> float | None:
        """Of the late stops, the share of which it spoke before the window closed."""
        return _share(self.foreseen_stops, self.late_stops)

    @property
    def lead_min(self) -> float | None:
        """From a right alert to the close of the window, on average."""
        return _share(self.lead_s / 60, self.right_alerts)


@dataclass(frozen=True, slots=True)
class Operating:
    """All of it; of ``all_dear_zones`` the dearest of each currency, and the odds are over ``odds_dates``."""

    carriers: tuple[Carriers, ...] = ()
    odds: tuple[Odds, ...] = ()
    dear_zones: tuple[DearZone, ...] = ()
    all_dear_zones: int = 0
    sites: tuple[Site, ...] = ()
    alerts: tuple[Alerts, ...] = ()
    odds_dates: tuple[date | None, date | None] = (None, None)


_CARRIERS = """
    select
        carrier_model, currency, sum(routes)::bigint, sum(attempts)::bigint, sum(failed_attempts)::bigint,
        sum(delivered_orders)::bigint, sum(costed_orders)::bigint, sum(total_cost)::double,
        sum(due_orders)::bigint, sum(on_time_orders)::bigint, sum(measured_parcels)::bigint, sum(co2e_wtw_kg)
    from marts.carrier_comparison
    group by carrier_model, currency
    order by carrier_model, currency
"""

# The worst are those of which most is to be expected: one failure of one says little.
_ODDS = f"""
    select
        depot_id,
        case counted_by
            when 'depot' then 'all attempts' when 'attempt' then 'attempt ' || attempt
            when 'hour' then printf('%02d to %02d h', local_hour, local_hour + 1) else 'zone ' || zone
        end,
        failed_attempts::bigint, attempts, failed_rate, rate_low, rate_high, expected_rate
    from marts.failure_odds
    where counted_by in ('depot', 'attempt', 'hour', 'zone') and (counted_by = 'depot' or failed_attempts > 0)
    qualify
        counted_by in ('depot', 'attempt')
        or row_number() over (
            partition by depot_id, counted_by order by expected_rate desc, zone, local_hour
        ) <= {WORST_OF_A_KIND}
    order by
        depot_id, array_position(['depot', 'attempt', 'hour', 'zone'], counted_by),
        attempt, expected_rate desc, 2
"""

# Ranked within a currency: a thousand yen are no more than ten euros.
_DEAR_ZONES = f"""
    select
        depot_id, zone, currency, deliveries, costed_deliveries, cost_per_delivery, median_of_density,
        zones_of_density, excess_cost, is_enough
    from marts.zone_costs
    where is_high_cost
    qualify
        row_number() over (
            partition by currency order by is_enough desc, excess_cost desc, depot_id, zone
        ) <= {DEAREST_ZONES}
    order by currency, is_enough desc, excess_cost desc, depot_id, zone
"""

_ODDS_DATES = "select min(first_date), max(last_date) from marts.failure_odds"

_ALL_DEAR_ZONES = "select count(*) from marts.zone_costs where is_high_cost"

_SITES = f"""
    select
        depot_id, zone, attempts_per_day, net_km_per_day, currency, saved_cost_per_day, saved_co2e_kg_per_day
    from marts.site_candidates
    where net_km_per_day > 0
    order by net_km_per_day desc, depot_id, zone
    limit {BEST_SITES}
"""


_ALERTS = """
    select
        rule, sum(alerts)::bigint, sum(right_alerts)::bigint, sum(false_alarms)::bigint,
        sum(averted_alerts)::bigint, sum(unknown_alerts)::bigint, sum(late_stops)::bigint,
        sum(foreseen_stops)::bigint, sum(lead_s)::double
    from marts.alert_accuracy
    group by rule
    order by array_position(['any', 'at_risk', 'late', 'missed'], rule)
"""


def read_operating(warehouse: duckdb.DuckDBPyConnection, published: Path) -> Operating:
    """Raises ``ConfigurationError`` where a former Doorstep published the file."""
    for table in ("carrier_comparison", "failure_odds", "zone_costs", "site_candidates", "alert_accuracy"):
        require_table(warehouse, published, table)
    ((all_dear_zones,),) = warehouse.execute(_ALL_DEAR_ZONES).fetchall()
    ((first, last),) = warehouse.execute(_ODDS_DATES).fetchall()
    return Operating(
        tuple(Carriers(*row) for row in warehouse.execute(_CARRIERS).fetchall()),
        tuple(Odds(*row) for row in warehouse.execute(_ODDS).fetchall()),
        tuple(DearZone(*row) for row in warehouse.execute(_DEAR_ZONES).fetchall()),
        all_dear_zones,
        tuple(Site(*row) for row in warehouse.execute(_SITES).fetchall()),
        tuple(Alerts(*row) for row in warehouse.execute(_ALERTS).fetchall()),
        (first, last),
    )


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
