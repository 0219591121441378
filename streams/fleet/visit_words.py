"""What is told of visits: the difference between what was told and what is known now."""

from collections.abc import Collection
from datetime import datetime
from itertools import zip_longest
from typing import NamedTuple

from streams.events.judgements import KnownBy, StopVisit, VisitPhase
from streams.fleet.state import ShiftState, VehicleState, Visit, own
from streams.fleet.turn import SOURCE, Turn, clock_text, elapsed_s
from streams.fleet.visits import visits_at
from streams.topics import VISITS


class _Word(NamedTuple):
    phase: VisitPhase
    visit: Visit
    changes: str | None


def retell(turn: Turn, vehicle: VehicleState, shift: ShiftState, stop_ids: Collection[str]) -> list[str]:
    """Tell what changed at these stops; in words, what of it was told differently before.

    What ended is told before what began, so that of a vehicle at most one visit is open.
    """
    if not stop_ids:
        return []
    shift.told, words = own(shift.told), list[_Word]()
    for stop_id in dict.fromkeys(stop_ids):
        new = visits_at(shift, stop_id, turn.rules)
        old = shift.told.pop(stop_id, [])
        if new:
            shift.told[stop_id] = new
        if new != old:
            words += _words(shift, old, new)
    if not words:
        return []
    shift.note_told(stop_ids)
    words.sort(key=_turn_to_speak)
    for word in words:
        _tell(turn, vehicle, shift, word)
    return [f"{visit.stop_id} {phase}: {changes}" for phase, visit, changes in words if changes is not None]


def _words(shift: ShiftState, old: list[Visit], new: list[Visit]) -> list[_Word]:
    pairs = zip_longest(old, new)
    return [word for before, now in pairs if (word := _word(shift, before, now)) is not None]


def _turn_to_speak(word: _Word) -> tuple[bool, bool, datetime]:
    return word.phase is not VisitPhase.WITHDRAWN, word.visit.departed_at is None, word.visit.arrived_at


def _word(shift: ShiftState, old: Visit | None, new: Visit | None) -> _Word | None:
    if new is None:
        assert old is not None
        return _Word(VisitPhase.WITHDRAWN, old, _why_withdrawn(shift, old))
    if old is None:
        return _Word(VisitPhase.ARRIVED if new.departed_at is None else VisitPhase.DEPARTED, new, None)
    was_open, is_open = old.departed_at is None, new.departed_at is None
    if was_open and is_open and (old.arrived_at, old.known_by) == (new.arrived_at, new.known_by):
        return None  # its scans are told when it ends
    if old == new:
        return None
    if was_open and not is_open:
        return _Word(VisitPhase.DEPARTED, new, _begin_changes(old, new) or None)
    return _Word(VisitPhase.CORRECTED, new, _changes(old, new))


def _why_withdrawn(shift: ShiftState, old: Visit) -> str:
    for stay in reversed(shift.stays_at(old.stop_id)):
        if stay.mistaken_for:
            return f"the vehicle stood here for stop {stay.mistaken_for}, by its scan"
    return "late fixes or scans show that the vehicle did not stay here"


def _changes(old: Visit, new: Visit) -> str:
    said = [_begin_changes(old, new)]
    if new.departed_at is None and old.departed_at is not None:
        said.append(f"not departed at {clock_text(old.departed_at)}")
    elif old.departed_at is not None and new.departed_at is not None and old.departed_at != new.departed_at:
        said.append(_instead("departed", new.departed_at, old.departed_at))
    if old.scans != new.scans:
        said.append(f"scanned {', '.join(new.scans)}" if new.scans else "no outcome scanned")
    elif new.is_confirmed_by_scan and not old.is_confirmed_by_scan:
        said.append("confirmed by scan")
    if old.contradiction != new.contradiction:
        said.append("no longer contradicted" if new.contradiction is None else "contradicted")
    return "; ".join(part for part in said if part)


def _begin_changes(old: Visit, new: Visit) -> str:
    said = []
    if old.arrived_at != new.arrived_at:
        said.append(_instead("arrived", new.arrived_at, old.arrived_at))
    if old.known_by is not new.known_by:
        said.append(f"known by {new.known_by} instead of {old.known_by}")
    return "; ".join(said)


def _instead(verb: str, new_at: datetime, old_at: datetime) -> str:
    return f"{verb} at {clock_text(new_at)} instead of {clock_text(old_at)}"


def _tell(turn: Turn, vehicle: VehicleState, shift: ShiftState, word: _Word) -> None:
    """Emit a word; how long a visit took that is inferred or known by a single scan is not known."""
    visit, phase = word.visit, word.phase
    contradiction = word.changes if phase is VisitPhase.WITHDRAWN else visit.contradiction
    told = StopVisit(
        event_id=turn.derived_id("visit", visit.visit_id, phase),
        source=SOURCE,
        correlation_id=turn.correlation_id,
        causation_id=turn.cause.event_id,
        visit_id=visit.visit_id,
        vehicle_id=vehicle.vehicle_id,
        depot_id=shift.depot_id,
        stop_id=visit.stop_id,
        phase=phase,
        arrived_at=visit.arrived_at,
        known_by=visit.known_by,
        is_depot=visit.is_depot,
        shift_id=shift.route.shift_id,
        departed_at=visit.departed_at,
        dwell_s=_dwell_s(visit),
        scans=visit.scans,
        is_confirmed_by_scan=visit.is_confirmed_by_scan,
        contradiction=contradiction,
        changes=word.changes,
    )
    turn.say(VISITS, vehicle.vehicle_id, told)


def _dwell_s(visit: Visit) -> float | None:
    if visit.departed_at is None or visit.known_by is KnownBy.INFERRED:
        return None
    dwell_s = elapsed_s(visit.arrived_at, visit.departed_at)
    return None if visit.known_by is KnownBy.SCAN and dwell_s == 0 else dwell_s
