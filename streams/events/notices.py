"""What a customer should be told of an order, and what they may choose."""

from enum import StrEnum

from streams.events.base import Event, Id, Instant


class NoticeKind(StrEnum):
    """What happened that a customer wants to know."""

    OUT_FOR_DELIVERY = "out_for_delivery"
    ETA_CHANGED = "eta_changed"
    NEXT_STOP = "next_stop"
    DELIVERED = "delivered"
    FAILED = "failed"


class CustomerChoice(StrEnum):
    """What a customer may ask for after a failed attempt."""

    NEW_WINDOW = "new_window"
    PICKUP_POINT = "pickup_point"
    LOCKER = "locker"
    SAFE_PLACE = "safe_place"
    RETURN = "return"


class CustomerNotice(Event, frozen=True, kw_only=True):
    """One message about one order. Key: order. Whoever sends it knows the order's customer, and the words.

    A ``notice_id`` is sent once, however often it is read. ``eta_from`` and ``eta_until`` are P50 and P90
    of the arrival; ``proof_of_delivery`` refers to what was signed or photographed. ``send_from`` is when
    the quiet hours end in which it became true; what is true for a while only, the first three kinds, is
    told after them, if it still is.
    """

    notice_id: Id
    order_id: Id
    depot_id: Id
    kind: NoticeKind
    judged_at: Instant
    send_from: Instant | None = None
    eta_from: Instant | None = None
    eta_until: Instant | None = None
    proof_of_delivery: Id | None = None
    choices: tuple[CustomerChoice, ...] = ()
