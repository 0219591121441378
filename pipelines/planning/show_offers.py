"""Offers as a table for a terminal, and as JSON for programs."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table

from pipelines.planning.order_desk import Ask
from routing.offers import Offer
from routing.plan import TimeWindow

CLOCK = "%H:%M"


class OfferedWindow(msgspec.Struct, frozen=True):
    """One window that can be promised; differences are after minus before, ``position`` counts from 0."""

    window: TimeWindow
    shift_id: str
    position: int
    arrive_at: datetime
    begin_at: datetime
    extra_duration_s: float
    extra_distance_m: float
    extra_cost: float
    extra_co2e_kg: float
    own_lateness_risk: float
    lateness_risk: float
    is_cheapest: bool
    is_greenest: bool


class Answer(msgspec.Struct, frozen=True):
    """What ``--json`` prints: each window in question is offered or not."""

    order: str
    offers: tuple[OfferedWindow, ...]
    not_offered: tuple[TimeWindow, ...]


def offers_json(ask: Ask, found: Sequence[Offer]) -> str:
    """One object with all windows in question."""
    offered = tuple(_offered(offer) for offer in found)
    return msgspec.json.encode(Answer(ask.order.stop_id, offered, tuple(ask.not_offered(found)))).decode()


def offers_page(ask: Ask, found: Sequence[Offer]) -> RenderableType:
    """One line a window, in the windows' own clock; then those that can't be promised."""
    left = ", ".join(_window(each) for each in ask.not_offered(found))
    if not found:
        return f"no window can be promised to {ask.order.stop_id}; asked for: {left or 'none'}"
    day = f"{ask.plan.depot_id} on {ask.plan.service_date}"
    table = Table(title=f"Windows for {ask.order.stop_id}, {day}", title_justify="left")
    for heading in ("window", "shift", "serves"):
        table.add_column(heading)
    for heading in ("min", "km", "cost", "kg CO2e", "late itself", "anybody late"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for offer in found:
        table.add_row(*_row(offer))
    return Group(table, *([f"not to be promised: {left}"] if left else []))


def _row(offer: Offer) -> tuple[str, ...]:
    shown = _offered(offer)
    marks = (("cheapest", offer.is_cheapest), ("greenest", offer.is_greenest))
    return (
        _window(shown.window),
        shown.shift_id,
        f"{shown.begin_at.astimezone(shown.window.opens_at.tzinfo):{CLOCK}}",
        f"{shown.extra_duration_s / 60:+.0f}",
        f"{shown.extra_distance_m / 1000:+.1f}",
        f"{shown.extra_cost:+.2f} {offer.route.shift.vehicle.currency}",
        f"{shown.extra_co2e_kg:+.2f}",
        f"{shown.own_lateness_risk:.0%}",
        f"{shown.lateness_risk:.0%}",
        ", ".join(name for name, is_marked in marks if is_marked),
    )


def _offered(offer: Offer) -> OfferedWindow:
    window = offer.stop.window
    if window is None:
        raise LookupError(f"the offer of shift {offer.shift_id} to {offer.stop.stop_id} has no window")
    return OfferedWindow(
        window=window,
        shift_id=offer.shift_id,
        position=offer.position,
        arrive_at=offer.visit.arrive_at,
        begin_at=offer.visit.begin_at,
        extra_duration_s=offer.extra_duration_s,
        extra_distance_m=offer.extra_distance_m,
        extra_cost=offer.extra_cost,
        extra_co2e_kg=offer.extra_co2e_kg,
        own_lateness_risk=offer.own_lateness_risk,
        lateness_risk=offer.lateness_risk,
        is_cheapest=offer.is_cheapest,
        is_greenest=offer.is_greenest,
    )


def _window(window: TimeWindow) -> str:
    return f"{window.opens_at:{CLOCK}}–{window.closes_at:{CLOCK}}"
