"""The route that a vehicle drives, as few bytes: text of its stops, each read when it is spoken of.

Of a fleet's day almost nothing is spoken of at any moment, and objects would take ten times as much. What
the kernels follow of a stop (place, windows, times) stands in `streams.fleet.stop_table` alone.
"""

from bisect import bisect_right
from datetime import date
from functools import lru_cache
from struct import Struct as Layout
from sys import intern

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from routing.plan import Break, Stop, StopKind
from streams.events.dispatch import RouteAssignment

_ENCODER = msgspec.json.Encoder()
_ENDS = Layout("<2I")
_ENDS_AND_NEXT = Layout("<3I")
NUMBER_BYTES = 4


class DrivenStop(Struct, frozen=True, array_like=True, gc=False):
    """What is told of a stop and asked of its scans; ``service_s`` is as the plan has it."""

    stop_id: str
    order_ids: tuple[str, ...]
    kind: StopKind
    service_s: float

    @property
    def has_customer(self) -> bool:
        """As ``Stop.has_customer``."""
        return self.kind is StopKind.DELIVER and bool(self.order_ids)


_DECODER = msgspec.json.Decoder(DrivenStop)
_ID_DECODER = msgspec.json.Decoder(str)


class DrivenRoute(Struct, frozen=True, gc=False):
    """The route in force of a shift.

    ``stops`` begins with numbers of 32 bits: where the text of each stop begins and where that of its id
    ends, and where the last stop ends. The texts follow: a `DrivenStop` as JSON without its brackets, so
    that it begins with its id as the kernel that writes ETAs wants it.
    """

    shift_id: str
    depot_id: str
    service_date: date
    revision: int
    time_zone: str
    detour: float
    has_service_times: bool
    breaks: tuple[Break, ...]
    stops: bytes

    def __len__(self) -> int:
        """How many stops it has."""
        return index_length(self.stops) // 2

    @property
    def stop_ids(self) -> tuple[str, ...]:
        """Ids of the stops in driving order."""
        return tuple(self.name_of(place) for place in range(len(self)))

    def name_of(self, place: int) -> str:
        """The id of the stop at a place in the route."""
        begin, end = _ENDS.unpack_from(self.stops, 2 * NUMBER_BYTES * place)
        return _ID_DECODER.decode(self.stops[begin:end])


def drive(assignment: RouteAssignment) -> DrivenRoute:
    """The route as it is kept once it is in force."""
    return with_shared_texts(
        DrivenRoute(
            assignment.shift_id,
            assignment.depot_id,
            assignment.service_date,
            assignment.revision,
            assignment.time_zone,
            assignment.travel.detour,
            assignment.service is not None,
            assignment.route.shift.breaks,
            _write([visit.stop for visit in assignment.route.visits]),
        )
    )


def with_shared_texts(route: DrivenRoute) -> DrivenRoute:
    """The same route; what most shifts of a depot have in common is one object for all of them."""
    depot_id, time_zone = intern(route.depot_id), intern(route.time_zone)
    service_date, detour = _shared_date(route.service_date), _shared_number(route.detour)
    return replace(route, depot_id=depot_id, time_zone=time_zone, service_date=service_date, detour=detour)


def _write(stops: list[Stop]) -> bytes:
    at = (2 * len(stops) + 1) * NUMBER_BYTES
    ends, texts = list[int](), list[bytes]()
    for stop in stops:
        kept = DrivenStop(stop.stop_id, stop.order_ids, stop.kind, stop.service_s)
        text, id_length = _ENCODER.encode(kept)[1:-1], len(_ENCODER.encode(stop.stop_id))
        ends += [at, at + id_length]
        texts.append(text)
        at += len(text)
    return Layout(f"<{len(ends) + 1}I").pack(*ends, at) + b"".join(texts)


@lru_cache(maxsize=4096)
def stop_at(stops: bytes, place: int) -> DrivenStop:
    """The stop at a place in the route, by its ``DrivenRoute.stops``."""
    begin, _, end = _ENDS_AND_NEXT.unpack_from(stops, 2 * NUMBER_BYTES * place)
    return _DECODER.decode(b"[%b]" % stops[begin:end])


@lru_cache(maxsize=4096)
def place_of(stops: bytes, stop_id: str) -> int | None:
    """The place in the route of the stop with that id, by its ``DrivenRoute.stops``."""
    # The id's text may stand elsewhere too: as that of an order, or within another one.
    sought, first, end = _ENCODER.encode(stop_id), _first(stops), len(stops)
    while (at := stops.rfind(sought, first, end)) >= 0:
        place = _place_at(stops, at)
        if _ENDS.unpack_from(stops, 2 * NUMBER_BYTES * place)[0] == at:
            return place
        end = at + len(sought) - 1
    return None


@lru_cache(maxsize=4096)
def place_of_order(stops: bytes, order_id: str) -> int | None:
    """The place of the last stop that serves the order, by the route's ``DrivenRoute.stops``."""
    sought, first, end = _ENCODER.encode(order_id), _first(stops), len(stops)
    while (at := stops.rfind(sought, first, end)) >= 0:
        place = _place_at(stops, at)
        if order_id in stop_at(stops, place).order_ids:
            return place
        end = at + len(sought) - 1
    return None


def _place_at(stops: bytes, at: int) -> int:
    """The place of the stop whose text stands there."""
    return (bisect_right(memoryview(stops)[: _first(stops)].cast("I"), at) - 1) // 2


def index_length(stops: bytes) -> int:
    """How many numbers ``DrivenRoute.stops`` begins with: two a stop and one."""
    return _first(stops) // NUMBER_BYTES


def _first(stops: bytes) -> int:
    """Where the text begins."""
    return int.from_bytes(stops[:NUMBER_BYTES], "little")


@lru_cache(maxsize=256)
def _shared_date(day: date) -> date:
    return day


@lru_cache(maxsize=256)
def _shared_number(number: float) -> float:
    return number
