"""All that new tours do to the plan in force, shift by shift, and in words."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from routing.effects import count_stops, names
from routing.situation import Situation
from routing.stability import n_out_of_order
from routing.task import Tours


@dataclass(frozen=True, slots=True)
class Deeds:
    """Which stops are given another day, and which shifts the rest concerns.

    ``off`` are the ids of stops of the plan, or new ones, that no tour serves; those that the plan
    did not serve before are none of them. ``between`` are the shifts that give or take the
    ``n_moved`` stops, ``reordered`` those in which a stop changed its place, and ``joined`` those
    with a stop that had no place before, ``freed`` those without one that was cancelled, ``helpers``
    those that take over ``n_taken_over`` stops of the shifts ``over``, which go on no more.
    """

    off: tuple[str, ...]
    n_moved: int
    between: tuple[str, ...]
    reordered: tuple[str, ...]
    joined: tuple[str, ...]
    freed: tuple[str, ...]
    over: tuple[str, ...] = ()
    n_taken_over: int = 0
    helpers: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Everything that is done, the gravest first."""
        done = "; ".join(self._graver()) or "keep everybody's order"
        new = f", with what is new on {names(self.joined)}" if self.joined else ""
        return done + new + (f", without what is cancelled on {names(self.freed)}" if self.freed else "")

    def _graver(self) -> Iterator[str]:
        if self.off:
            yield f"give the customers of {names(self.off)} another day"
        if self.over:
            taken = f", {count_stops(self.n_taken_over)} taken over by {names(self.helpers)}"
            yield f"shift {names(self.over)} goes on no more{taken if self.helpers else ''}"
        if self.n_moved:
            yield f"move {count_stops(self.n_moved)} between shifts {names(self.between)}"
        if self.reordered:
            yield f"change the order of shift {names(self.reordered)}"


def deeds_of(situation: Situation, tours: Tours) -> Deeds:
    """What is done where the rest of the day becomes ``tours``."""
    shift_ids = [rest.shift.shift_id for rest in situation.rests]
    taken_over = [index for becomes in tours for index in becomes if index in situation.stranded]
    home = {index: tour for tour, sequence in enumerate(situation.base) for index in sequence}
    home |= situation.missed
    n_missed = Counter(situation.missed.values())
    moves = [
        (home[index], tour)
        for tour, sequence in enumerate(tours)
        for index in sequence
        if home.get(index, tour) != tour
    ]
    touched = {tour for move in moves for tour in move}
    return Deeds(
        off=_off(situation, tours),
        n_moved=len(moves),
        between=tuple(shift_ids[tour] for tour in sorted(touched)),
        reordered=tuple(
            shift_id
            for shift_id, was, becomes in zip(shift_ids, situation.base, tours, strict=True)
            if n_out_of_order([was.index(index) for index in becomes if index in was])
        ),
        joined=tuple(
            shift_id
            for shift_id, becomes in zip(shift_ids, tours, strict=True)
            if any(index not in home and index not in situation.stranded for index in becomes)
        ),
        over=tuple(rest.shift.shift_id for rest in situation.rests if rest.given_up),
        n_taken_over=len(_asked_for(situation, taken_over)),
        helpers=tuple(
            shift_id
            for shift_id, becomes in zip(shift_ids, tours, strict=True)
            if not situation.stranded.isdisjoint(becomes)
        ),
        freed=tuple(
            rest.shift.shift_id
            for tour, (rest, was) in enumerate(zip(situation.rests, situation.base, strict=True))
            if len(was) + n_missed[tour] < len(rest.planned)
        ),
    )


def _off(situation: Situation, tours: Tours) -> tuple[str, ...]:
    served = {index for tour in tours for index in tour}
    expected = [*(index for tour in situation.base for index in tour), *situation.new]
    return _asked_for(situation, [index for index in expected if index not in served])


def _asked_for(situation: Situation, indices: Sequence[int]) -> tuple[str, ...]:
    """The ids of the stops, without what is merely handed over between vehicles."""
    stops = [situation.task.stops[index] for index in indices]
    return tuple(stop.stop_id for stop in stops if situation.salvage.original(stop) is not None)
