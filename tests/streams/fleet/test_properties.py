"""What holds of what is told on any day."""

from itertools import pairwise

from hypothesis import given

from streams.events.judgements import (
    AlertKind,
    AlertPhase,
    DelayEvent,
    DelayPhase,
    FleetAlert,
    StopVisit,
    VisitPhase,
)
from streams.events.notices import NoticeKind
from streams.judge import Emission
from tests.streams.fleet.any_day import DAYS, Step, play


@given(DAYS)
def test_a_vehicle_never_has_two_open_visits_and_a_departure_follows_its_arrival(
    day: list[tuple[int, Step]],
) -> None:
    line = play(day)

    open_id: str | None = None
    for visit in line.events(StopVisit):
        if visit.departed_at is None and visit.phase is not VisitPhase.WITHDRAWN:
            assert open_id in (None, visit.visit_id)
            open_id = visit.visit_id
            continue
        assert visit.departed_at is None or visit.departed_at >= visit.arrived_at
        open_id = None if open_id == visit.visit_id else open_id


@given(DAYS)
def test_a_delay_is_raised_once_then_updated_then_cleared_once(day: list[tuple[int, Step]]) -> None:
    line = play(day)

    lives: dict[str, list[DelayEvent]] = {}
    for delay in line.events(DelayEvent):
        lives.setdefault(delay.alert_id, []).append(delay)
    for life in lives.values():
        phases = [delay.phase for delay in life]
        assert phases[0] is DelayPhase.RAISED
        assert phases.count(DelayPhase.RAISED) == 1
        assert DelayPhase.CLEARED not in phases[:-1]
        assert len({(delay.shift_id, delay.stop_id) for delay in life}) == 1
        told = [delay.judged_at for delay in life if delay.phase is not DelayPhase.CLEARED]
        assert all((after - before).total_seconds() >= 60 for before, after in pairwise(told))


@given(DAYS)
def test_a_silence_is_raised_and_then_cleared_in_turn(day: list[tuple[int, Step]]) -> None:
    line = play(day)

    phases = [alert.phase for alert in line.events(FleetAlert) if alert.kind is AlertKind.SILENT]

    assert phases[::2] == [AlertPhase.RAISED] * len(phases[::2])
    assert phases[1::2] == [AlertPhase.CLEARED] * len(phases[1::2])


@given(DAYS)
def test_an_alert_is_raised_once_then_updated_then_cleared_once(day: list[tuple[int, Step]]) -> None:
    line = play(day)

    lives: dict[str, list[FleetAlert]] = {}
    for alert in line.events(FleetAlert):
        lives.setdefault(alert.alert_id, []).append(alert)
    for life in lives.values():
        phases = [alert.phase for alert in life]
        assert phases[0] in (AlertPhase.RAISED, AlertPhase.NOTED)
        assert AlertPhase.RAISED not in phases[1:]
        assert AlertPhase.CLEARED not in phases[:-1]
        assert len({alert.kind for alert in life}) == 1
        told = [alert.judged_at for alert in life if alert.phase is not AlertPhase.CLEARED]
        # An odometer is told again by distance, every 10 km.
        assert life[0].kind is AlertKind.ODOMETER or all(
            (after - before).total_seconds() >= 60 for before, after in pairwise(told)
        )


@given(DAYS)
def test_a_vehicle_has_one_open_alert_of_a_kind_or_one_of_a_fault_code_at_most(
    day: list[tuple[int, Step]],
) -> None:
    line = play(day)

    is_open: dict[AlertKind, str] = {}
    told = [alert for alert in line.events(FleetAlert) if alert.kind is not AlertKind.FAULT_CODE]
    for alert in told:
        assert is_open.get(alert.kind, alert.alert_id) == alert.alert_id
        if alert.phase is AlertPhase.CLEARED:
            del is_open[alert.kind]
        elif alert.phase is not AlertPhase.NOTED:
            is_open[alert.kind] = alert.alert_id


@given(DAYS)
def test_a_customer_is_told_each_thing_once_and_nothing_after_the_delivery(
    day: list[tuple[int, Step]],
) -> None:
    line = play(day)

    told = line.notices
    assert len({notice.notice_id for notice in told}) == len(told)
    for order_id in {notice.order_id for notice in told}:
        kinds = [notice.kind for notice in told if notice.order_id == order_id]
        assert kinds.count(NoticeKind.OUT_FOR_DELIVERY) <= 1
        assert kinds.count(NoticeKind.NEXT_STOP) <= 1
        assert NoticeKind.DELIVERED not in kinds[:-1]


@given(DAYS)
def test_etas_are_in_sequence_and_at_most_one_a_minute(day: list[tuple[int, Step]]) -> None:
    line = play(day)

    told = line.etas
    assert all(
        (after.estimated_at - before.estimated_at).total_seconds() >= 60 for before, after in pairwise(told)
    )
    for update in told:
        p50s = [eta.p50_at for eta in update.stops]
        assert p50s == sorted(p50s)
        assert all(eta.p90_at >= eta.p50_at for eta in update.stops)


@given(DAYS)
def test_every_event_has_an_id_of_its_own_and_names_its_cause(day: list[tuple[int, Step]]) -> None:
    line = play(day)

    events = [said.event for said in line.said if isinstance(said, Emission)]

    assert len({event.event_id for event in events}) == len(events)
    assert all(event.source == "doorstep.fleet" and event.causation_id for event in events)
