"""What a shift that goes on no more leaves behind, and how others can have it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from routing.changes import Outage
from routing.plan import Stop, StopKind, TimeWindow, Unassigned
from routing.standing import Leftover

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Salvage:
    """What is left to others, and what to nobody.

    ``waiting`` are stops for other shifts: a parcel on board is a pick-up at the place of transfer and its
    delivery. ``lost`` are those whose parcels nobody can have. ``originals`` are the stops by the id of
    what stands for them, ``None`` where that is the transfer alone.
    """

    waiting: tuple[Stop, ...] = ()
    lost: tuple[Unassigned, ...] = ()
    originals: Mapping[str, Stop | None] | None = None

    def original(self, stop: Stop) -> Stop | None:
        """The stop as it was asked for; ``None`` for a transfer."""
        return stop if self.originals is None else self.originals.get(stop.stop_id, stop)


def is_transfer(stop: Stop, shift_ids: Iterable[str]) -> bool:
    """Whether the stop is there for the parcels alone that one of the shifts hands over."""
    if stop.kind is not StopKind.PICK_UP or stop.order_ids:
        return False
    return any(stop.stop_id.endswith(_from(shift_id)) for shift_id in shift_ids)


def salvage_of(
    rests: Sequence[Leftover], outages: Sequence[Outage], cancelled: Collection[str], waiting: Sequence[Stop]
) -> Salvage:
    """Of all shifts that go on no more; of ``waiting``, which no route serves, what lies on board of them."""
    shift_ids = [rest.shift.shift_id for rest in rests]
    by_shift = {each.shift_id: each for each in outages}
    others: list[Stop] = []
    lost: list[Unassigned] = []
    originals: dict[str, Stop | None] = {}
    for rest in rests:
        originals |= _asked_for((*rest.given_up, *rest.planned), shift_ids)
        outage = by_shift.get(rest.shift.shift_id)
        if outage is None:
            continue
        aboard = _aboard(rest)
        for stop in _left_behind(rest, aboard, cancelled, waiting):
            if stop.stop_id not in aboard or stop.kind is not StopKind.DELIVER:
                others.append(stop)
            elif outage.transfer_at is None:
                words = f"its parcels are on board of shift {outage.shift_id}, which goes on no more"
                lost.append(Unassigned(stop, words))
            else:
                pick_up, delivery = _transferred(stop, outage)
                others += [pick_up, delivery]
                originals |= {pick_up.stop_id: None, delivery.stop_id: stop}
    return Salvage(tuple(others), tuple(lost), originals)


def _asked_for(stops: Sequence[Stop], shift_ids: Sequence[str]) -> dict[str, Stop | None]:
    """What stands for others among ``stops``: transfers that were not made yet, and their deliveries."""
    transfers = {stop.stop_id for stop in stops if is_transfer(stop, shift_ids)}
    unfetched = {
        stop.stop_id: replace(stop, picked_up_at=None) for stop in stops if stop.picked_up_at in transfers
    }
    return {**dict.fromkeys(transfers), **unfetched}


def _left_behind(
    rest: Leftover, aboard: Collection[str], cancelled: Collection[str], waiting: Sequence[Stop]
) -> Iterator[Stop]:
    yield from (stop for stop in rest.given_up if stop.stop_id not in cancelled)
    yield from (stop for stop in waiting if stop.stop_id in aboard)


def _aboard(rest: Leftover) -> set[str]:
    """The stops whose parcels are on the vehicle; while it stands at its start anybody can have them."""
    if rest.progress is None or not rest.progress.is_out:
        return set()
    been = {visit.stop.stop_id for visit in rest.driven}
    loaded = {
        stop.stop_id
        for stop in rest.given_up
        if (stop.is_loaded_at_start and not rest.lacks(stop)) or stop.picked_up_at in been
    }
    return loaded.union(rest.progress.loaded_stop_ids)


def _from(shift_id: str) -> str:
    """How the id of a transfer ends."""
    return f" from {shift_id}"


def _transferred(stop: Stop, outage: Outage) -> tuple[Stop, Stop]:
    """A pick-up where the parcels are handed over, and the delivery that belongs to it."""
    if outage.transfer_at is None:
        raise LookupError(f"outage of shift {outage.shift_id} has no place of transfer")
    from_at = outage.transfer_from
    pick_up = Stop(
        stop_id=stop.stop_id + _from(outage.shift_id),
        location=outage.transfer_at,
        service_s=outage.transfer_s,
        window=None if from_at is None else TimeWindow(from_at, from_at + A_DAY),
        packages=stop.packages,
        weight_kg=stop.weight_kg,
        volume_m3=stop.volume_m3,
        kind=StopKind.PICK_UP,
        requires=stop.requires,
        priority=stop.priority,
        skip_price=stop.skip_price,
    )
    delivery = replace(
        stop, picked_up_at=pick_up.stop_id, skip_price=None, locker_ids=(), at_locker=None, released_at=None
    )
    return pick_up, delivery
