"""Visits: what the stays at a stop and its scans come to, whatever the order in which they were known."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from streams.events.base import derived_id
from streams.events.delivery import ScanKind
from streams.events.judgements import KnownBy
from streams.fleet.columns import FAR_US, NEVER, SECOND_US
from streams.fleet.instants import moment
from streams.fleet.rules import FleetRules
from streams.fleet.state import ShiftState, StopScan, Visit
from streams.fleet.stay_list import Stay
from streams.fleet.turn import clock_text, elapsed_s, span_text

ARRIVED, INFERRED = ScanKind.ARRIVED, KnownBy.INFERRED
"""By these names the parts of an enumeration are read at once, which tells where every scan is looked at."""


class _Call(NamedTuple):
    """A stay with its scans, or scans at a stop where no stay is known."""

    stay: Stay | None
    scans: Sequence[StopScan]

    @property
    def since_us(self) -> int:
        return self.scans[0].at_us if self.stay is None else self.stay.since_us


def visits_at(shift: ShiftState, stop_id: str, rules: FleetRules) -> list[Visit]:
    """The visits at a stop or the depot, in order; ids follow from shift, stop and count.

    A scan belongs to the stay that it was made in, else to the first that was up to ``late_scan_s``
    before or after. Other scans less than that apart are one visit: the driver walked, or there was no
    signal.
    """
    stays = [stay for stay in shift.stays_at(stop_id) if stay.mistaken_for is None]
    calls = _calls(stays, shift.scans.get(stop_id, ()), round(rules.late_scan_s * SECOND_US))
    ids = [visit.visit_id for visit in shift.told.get(stop_id, ())]
    for count in range(len(ids) + 1, len(calls) + 1):
        ids.append(str(derived_id("visit", shift.route.shift_id, stop_id, count)))
    return [_visit(stop_id, visit_id, call, rules) for visit_id, call in zip(ids, calls, strict=False)]


def _calls(stays: list[Stay], scans: tuple[StopScan, ...], late_us: int) -> list[_Call]:
    if len(stays) == 1:  # nearly always, and then all scans were made in it
        since_us, until_us = _span_us(stays[0])
        if not scans or (since_us <= scans[0].at_us and scans[-1].at_us <= until_us):
            return [_Call(stays[0], scans)]
    within: list[list[StopScan]] = [[] for _ in stays]
    walked: list[list[StopScan]] = []
    for scan in scans:
        place = _stay_of(scan.at_us, stays, late_us)
        if place is not None:
            within[place].append(scan)
        elif walked and scan.at_us - walked[-1][-1].at_us <= late_us:
            walked[-1].append(scan)
        else:
            walked.append([scan])
    calls = [_Call(stay, made) for stay, made in zip(stays, within, strict=True)]
    calls += [_Call(None, made) for made in walked]
    return sorted(calls, key=lambda call: call.since_us) if walked else calls


def service_began_at(at_stop: Stay | Visit, opens_us: int) -> datetime:
    """When service began: at arrival, or when the window opened; ``NEVER`` is no window."""
    arrived_at = at_stop.arrived_at
    return arrived_at if opens_us == NEVER else max(arrived_at, moment(opens_us))


def service_over_s(shift: ShiftState, place: int, opens_us: int) -> float:
    """How much longer than planned the visits at a stop of the route took, if it is done, seconds."""
    stop, over_s = shift.stop_at(place), 0.0
    if stop.stop_id not in shift.done:
        return over_s
    for visit in shift.told.get(stop.stop_id, ()):
        if visit.departed_at is not None and visit.departed_at > visit.arrived_at:
            over_s += elapsed_s(service_began_at(visit, opens_us), visit.departed_at) - stop.service_s
    return over_s


def _stay_of(at_us: int, stays: list[Stay], late_us: int) -> int | None:
    """The place of the first stay that the moment lies in, else of the first that it is near to."""
    near = None
    for place, stay in enumerate(stays):
        since_us, until_us = _span_us(stay)
        if since_us <= at_us <= until_us:
            return place
        if near is None and since_us - late_us <= at_us <= until_us + late_us:
            near = place
    return near


def _span_us(stay: Stay) -> tuple[int, int]:
    """The first and the last moment at which the vehicle may have been there."""
    if stay.known_by is INFERRED:
        return stay.after_us, stay.before_us
    return stay.since_us, FAR_US if stay.until_us == NEVER else stay.until_us


def _visit(stop_id: str, visit_id: str, call: _Call, rules: FleetRules) -> Visit:
    stay, scans = call
    since_us, until_us, known_by = _extent(stay, scans)
    is_depot = stay is not None and stay.is_depot
    is_closed = until_us != NEVER
    return Visit(
        visit_id,
        stop_id,
        is_depot,
        moment(since_us),
        known_by,
        moment(until_us) if is_closed else None,
        tuple([scan.kind for scan in scans if scan.kind is not ARRIVED]),
        True if scans else False if is_closed and not is_depot else None,
        _contradiction(stay, scans, rules) if scans else None,
    )


def _extent(stay: Stay | None, scans: Sequence[StopScan]) -> tuple[int, int, KnownBy]:
    """From when to when, and how it is known: a scan knows better than what is only inferred."""
    if stay is None:
        return scans[0].at_us, scans[-1].at_us, KnownBy.SCAN
    if stay.known_by is INFERRED:
        within = [scan.at_us for scan in scans if stay.after_us <= scan.at_us <= stay.before_us]
        if within:
            return within[0], within[-1], KnownBy.SCAN
    return stay.since_us, stay.until_us, stay.known_by


def _contradiction(stay: Stay | None, scans: Sequence[StopScan], rules: FleetRules) -> str | None:
    """Of the last scan that speaks against GPS: made elsewhere, or clearly before or after the stay."""
    for scan in reversed(scans):
        words = scan.contradiction
        if words is None and stay is not None and stay.known_by is KnownBy.GPS:
            words = _time_contradiction(stay, scan.at_us, rules)
        if words is not None:
            return words
    return None


def _time_contradiction(stay: Stay, at_us: int, rules: FleetRules) -> str | None:
    before_s = (stay.since_us - at_us) / SECOND_US
    after_s = 0.0 if stay.is_open else (at_us - stay.until_us) / SECOND_US
    if max(before_s, after_s) <= rules.scan_position_age_s:
        return None
    if before_s > 0:
        return f"scanned {span_text(before_s)} before the arrival at {clock_text(stay.arrived_at)}"
    return f"scanned {span_text(after_s)} after the departure at {clock_text(moment(stay.until_us))}"
