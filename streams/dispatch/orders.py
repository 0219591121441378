"""Open orders: their last word each, and the stops that they make on a service date."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from msgspec.structs import replace

from routing.plan import Location, Stop, TimeWindow
from streams.dispatch.local_time import LocalTime
from streams.dispatch.state import Depot, Details, Order, Promise
from streams.events.delivery import OrderEvent, OrderKind

_RANK = {OrderKind.PLACED: 0, OrderKind.RESCHEDULED: 1}


def note_order(order: Order, event: OrderEvent) -> Order:
    """``order`` after one more word on it; a repeated or an overtaken word changes nothing."""
    if event.kind is OrderKind.CANCELLED:
        latest = max(event.ordered_at, order.cancelled_at or event.ordered_at)
        return replace(order, cancelled_at=latest)
    promise = _promise(event)
    if order.promise is None or _age(promise) > _age(order.promise):
        order = replace(order, promise=promise)
    if event.kind is OrderKind.PLACED:
        details = _details(event)
        known = order.details
        if known is None or (details.placed_at, details.received_at) > (known.placed_at, known.received_at):
            order = replace(order, details=details)
    return order


def _promise(event: OrderEvent) -> Promise:
    return Promise(
        promised_at=event.ordered_at,
        rank=_RANK[event.kind],
        received_at=event.received_at,
        opens_at=event.promised_from,
        until_at=event.promised_until,
        day=event.promised_day,
    )


def _age(promise: Promise) -> tuple[object, ...]:
    return promise.promised_at, promise.rank, promise.received_at


def _details(event: OrderEvent) -> Details:
    location = None
    if event.lat_deg is not None and event.lon_deg is not None:
        location = Location(event.lat_deg, event.lon_deg)
    return Details(
        placed_at=event.ordered_at,
        received_at=event.received_at,
        stop_id=event.stop_id or event.order_id,
        kind=event.stop_kind,
        packages=len(event.packages) or 1,
        weight_kg=sum(package.weight_kg for package in event.packages),
        location=location,
        service_s=event.service_s,
    )


def promised_on(order: Order, local: LocalTime) -> date | None:
    """The service date that an order is promised for; ``None`` without a promise."""
    promise = order.promise
    if promise is None:
        return None
    if promise.day is not None:
        return promise.day
    moment = promise.opens_at or promise.until_at
    return None if moment is None else local.service_date(moment)


def dated_on(order: Order, local: LocalTime) -> date:
    """The service date that an order belongs to: as promised, else that of the last word on it."""
    promised = promised_on(order, local)
    if promised is not None:
        return promised
    placed_at = None if order.promise is None else order.promise.promised_at
    return local.service_date(max(at for at in (placed_at, order.cancelled_at) if at is not None))


def forget_orders(depot: Depot, oldest: date, local: LocalTime) -> None:
    """Keep the orders of ``oldest`` and of later service dates."""
    depot.orders = {key: order for key, order in depot.orders.items() if dated_on(order, local) >= oldest}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The stops that a service date's open orders make, and the orders without a position."""

    stops: dict[str, Stop]
    unplaced_order_ids: tuple[str, ...]


def wanted_stops(orders: Iterable[Order], service_date: date, local: LocalTime, service_s: float) -> Wanted:
    """The stops of ``service_date``, by id: open orders of one stop together.

    ``service_s`` is reckoned with where an order names no service time.
    """
    groups: dict[str, list[Order]] = {}
    unplaced: list[str] = []
    for order in orders:
        if not order.is_open or order.details is None or promised_on(order, local) != service_date:
            continue
        if order.details.location is None:
            unplaced.append(order.order_id)
        else:
            groups.setdefault(order.details.stop_id, []).append(order)
    stops = {
        stop_id: _stop(stop_id, groups[stop_id], service_date, local, service_s) for stop_id in sorted(groups)
    }
    return Wanted(stops, tuple(sorted(unplaced)))


def _stop(stop_id: str, orders: list[Order], service_date: date, local: LocalTime, service_s: float) -> Stop:
    orders = sorted(orders, key=lambda order: order.order_id)
    known = [order.details for order in orders if order.details is not None]
    location = next(details.location for details in known if details.location is not None)
    windows = [window for order in orders if (window := _window(order, service_date, local)) is not None]
    takes_s = max(service_s if details.service_s is None else details.service_s for details in known)
    return Stop(
        stop_id=stop_id,
        location=location,
        service_s=takes_s,
        window=_to_begin_in(_tightest(windows), takes_s),
        packages=sum(details.packages for details in known),
        weight_kg=sum(details.weight_kg for details in known),
        kind=known[0].kind,
        order_ids=tuple(order.order_id for order in orders),
    )


def _window(order: Order, service_date: date, local: LocalTime) -> TimeWindow | None:
    """A promise of a day alone has no window; one without a beginning begins with its service date."""
    promise = order.promise
    if promise is None or promise.day is not None or promise.until_at is None:
        return None
    opens_at = promise.opens_at or local.starts_at(service_date)
    return TimeWindow(min(opens_at, promise.until_at), promise.until_at)


def _to_begin_in(promised: TimeWindow | None, service_s: float) -> TimeWindow | None:
    """When service may begin so that it ends within the promise: an order counts by its last scan."""
    if promised is None:
        return None
    latest_at = promised.closes_at - timedelta(seconds=service_s)
    return TimeWindow(promised.opens_at, max(promised.opens_at, latest_at))


def _tightest(windows: list[TimeWindow]) -> TimeWindow | None:
    """What all windows share; the shortest one where they share nothing."""
    if not windows:
        return None
    opens_at = max(window.opens_at for window in windows)
    closes_at = min(window.closes_at for window in windows)
    if opens_at <= closes_at:
        return TimeWindow(opens_at, closes_at)
    return min(windows, key=lambda window: (window.closes_at - window.opens_at, window.closes_at))
