"""What customers are told of their orders, each thing once."""

from datetime import datetime

from streams.dispatch.local_time import time_zone
from streams.events.base import id_of
from streams.events.delivery import FailureReason, ScanEvent, ScanKind
from streams.events.notices import CustomerChoice, CustomerNotice, NoticeKind
from streams.fleet.columns import SECOND_US
from streams.fleet.instants import micros, moment
from streams.fleet.notice_watch import CHANGED, NEXT, OUT
from streams.fleet.quiet import quiet_span
from streams.fleet.state import ShiftState, VehicleState
from streams.fleet.turn import SOURCE, Turn
from streams.topics import NOTICES

AHEAD = ((OUT, NoticeKind.OUT_FOR_DELIVERY), (NEXT, NoticeKind.NEXT_STOP), (CHANGED, NoticeKind.ETA_CHANGED))
DELIVERED = (ScanKind.DELIVERED, ScanKind.LOCKER)

ANY_CHOICE = tuple(CustomerChoice)
INDOORS = tuple(choice for choice in CustomerChoice if choice is not CustomerChoice.SAFE_PLACE)
NEW_OR_BACK = (CustomerChoice.NEW_WINDOW, CustomerChoice.RETURN)
CHOICES = {
    FailureReason.NO_ACCESS: INDOORS,
    FailureReason.ADDRESS_NOT_FOUND: INDOORS,
    FailureReason.REFUSED: NEW_OR_BACK,
    FailureReason.DAMAGED: NEW_OR_BACK,
}
"""What there is to choose from after a failed attempt; after any other, everything."""


def tell_ahead(
    turn: Turn,
    shift: ShiftState,
    places: list[int],
    kinds: list[int],
    etas_from_us: list[int],
    etas_until_us: list[int],
) -> None:
    """Tell the customers at ``places`` of the route what `find_notices` found that they don't know yet."""
    for place, bits, from_us, until_us in zip(places, kinds, etas_from_us, etas_until_us, strict=True):
        for order_id in shift.stop_at(place).order_ids:
            if order_id in shift.scanned_us:
                continue
            for bit, kind in AHEAD:
                if bits & bit:
                    _tell_ahead(turn, shift, order_id, kind, from_us, until_us)


def note_scan(turn: Turn, vehicle: VehicleState, scan: ScanEvent, at_us: int) -> None:
    """Tell the customer what became of the order, unless that is old news by now.

    It stays true, so in quiet hours it is told with the moment from which it may be sent.
    """
    shift = vehicle.shift
    is_old = (turn.now_us - at_us) / SECOND_US > turn.rules.notice_age_s
    if shift is None or scan.order_id is None or is_old:
        return
    kind, which = NoticeKind.DELIVERED, scan.order_id
    if scan.kind is ScanKind.FAILED:
        kind, which = NoticeKind.FAILED, f"{scan.order_id} {_attempt(shift, scan.order_id, scan)}"
    elif scan.kind not in DELIVERED:
        return
    stop = shift.find_stop(scan.stop_id, scan.order_id)
    if stop is None or scan.order_id not in stop.order_ids or not stop.has_customer:
        return
    delivered = f"{scan.order_id} "
    outcome = which if kind is NoticeKind.FAILED else delivered
    if outcome in shift.told_outcomes or delivered in shift.told_outcomes:
        return
    shift.note_outcome(outcome)
    know_quiet_hours(turn, vehicle, shift)
    is_failed = kind is NoticeKind.FAILED
    _tell(
        turn,
        shift,
        scan.order_id,
        kind,
        which,
        send_from=_quiet_until(turn, vehicle),
        proof_of_delivery=None if is_failed else scan.proof_of_delivery,
        choices=_choices(scan) if is_failed else (),
    )


def _attempt(shift: ShiftState, order_id: str, scan: ScanEvent) -> int:
    """Without a number it is the newest attempt that was told, or the first."""
    if scan.attempt_number is not None:
        return scan.attempt_number
    told = (which.rpartition(" ") for which in shift.told_outcomes)
    numbers = [int(number) for order, _, number in told if order == order_id and number.isdecimal()]
    return max(numbers, default=1)


def _choices(scan: ScanEvent) -> tuple[CustomerChoice, ...]:
    return ANY_CHOICE if scan.failure_reason is None else CHOICES.get(scan.failure_reason, ANY_CHOICE)


def _tell_ahead(
    turn: Turn, shift: ShiftState, order_id: str, kind: NoticeKind, from_us: int, until_us: int
) -> None:
    """An ETA may change often, and each time is a notice of its own; on the round, or next, is one a day."""
    which = f"{order_id} {turn.cause.event_id}" if kind is NoticeKind.ETA_CHANGED else order_id
    _tell(turn, shift, order_id, kind, which, eta_from=moment(from_us), eta_until=moment(until_us))


def _tell(
    turn: Turn,
    shift: ShiftState,
    order_id: str,
    kind: NoticeKind,
    which: str,
    *,
    eta_from: datetime | None = None,
    eta_until: datetime | None = None,
    send_from: datetime | None = None,
    proof_of_delivery: str | None = None,
    choices: tuple[CustomerChoice, ...] = (),
) -> None:
    notice_id = str(id_of("notice", kind, which, shift.route.service_date.isoformat()))
    told = CustomerNotice(
        event_id=turn.derived_id("notice", notice_id),
        source=SOURCE,
        correlation_id=turn.correlation_id,
        causation_id=turn.cause.event_id,
        notice_id=notice_id,
        order_id=order_id,
        depot_id=shift.depot_id,
        kind=kind,
        judged_at=turn.now_at,
        send_from=send_from,
        eta_from=eta_from,
        eta_until=eta_until,
        proof_of_delivery=proof_of_delivery,
        choices=choices,
    )
    turn.say(NOTICES, order_id, told)


def know_quiet_hours(turn: Turn, vehicle: VehicleState, shift: ShiftState) -> None:
    """Put the depot's quiet hours on record: those under way, else the next."""
    record, rules = vehicle.record, turn.rules
    if turn.now_us < record["quiet_until_us"]:
        return
    zone = time_zone(shift.route.time_zone)
    from_at, until_at = quiet_span(turn.now_at, zone, rules.quiet_from_h, rules.quiet_until_h)
    record["quiet_from_us"], record["quiet_until_us"] = micros(from_at), micros(until_at)


def _quiet_until(turn: Turn, vehicle: VehicleState) -> datetime | None:
    """When the quiet hours under way end."""
    record = vehicle.record
    is_quiet = record["quiet_from_us"] <= turn.now_us < record["quiet_until_us"]
    return moment(record["quiet_until_us"]) if is_quiet else None
