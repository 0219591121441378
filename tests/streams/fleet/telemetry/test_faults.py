"""Fault codes: raised when a message has them, cleared when none had them for half an hour."""

from streams.events.judgements import AlertKind, AlertPhase
from tests.streams.fleet.timeline import Timeline, later


def known() -> Timeline:
    line = Timeline()
    line.vehicle()
    return line


def test_a_code_is_raised_once_and_cleared_when_it_was_gone_for_half_an_hour() -> None:
    line = known()

    for minute in range(0, 30, 5):
        line.telemetry(later("09:00", 60 * minute), fault_codes=("P0420",))
    for minute in range(30, 70, 5):
        line.telemetry(later("09:00", 60 * minute))

    raised, cleared = line.alerts_of(AlertKind.FAULT_CODE)
    assert (raised.phase, f"{raised.judged_at:%H:%M}") == (AlertPhase.RAISED, "09:00")
    assert raised.evidence == "P0420, which no message had in the 30.0 min before"
    assert (cleared.phase, f"{cleared.judged_at:%H:%M}") == (AlertPhase.CLEARED, "09:55")
    assert cleared.evidence == "P0420 in no message for 30.0 min"
    assert cleared.alert_id == raised.alert_id


def test_each_code_has_a_life_of_its_own() -> None:
    line = known()

    line.telemetry("09:00", fault_codes=("P0420", "P0300", "P0420"))
    line.telemetry("09:20", fault_codes=("P0300",))
    line.telemetry("09:30", fault_codes=())
    line.telemetry("09:50", fault_codes=())

    assert [(alert.phase, alert.evidence.split()[0].strip(",")) for alert in line.alerts] == [
        (AlertPhase.RAISED, "P0420"),
        (AlertPhase.RAISED, "P0300"),
        (AlertPhase.CLEARED, "P0420"),
        (AlertPhase.CLEARED, "P0300"),
    ]


def test_a_code_that_comes_back_is_another_alert() -> None:
    line = known()

    line.telemetry("09:00", fault_codes=("P0420",))
    line.telemetry("09:40")
    line.telemetry("10:00", fault_codes=("P0420",))

    assert [alert.phase for alert in line.alerts] == [
        AlertPhase.RAISED,
        AlertPhase.CLEARED,
        AlertPhase.RAISED,
    ]
    assert line.alerts[2].alert_id != line.alerts[0].alert_id


def test_open_codes_outlive_a_restart() -> None:
    line = known()
    line.telemetry("09:00", fault_codes=("P0420",))

    line.state = line.judge.load(line.judge.save(line.state))
    line.telemetry("09:10", fault_codes=("P0420",))
    line.telemetry("09:40")

    assert [alert.phase for alert in line.alerts] == [AlertPhase.RAISED, AlertPhase.CLEARED]


def test_a_late_message_neither_ends_nor_renews_an_open_code() -> None:
    line = known()
    line.telemetry("09:10", fault_codes=("P0420",))

    line.telemetry("09:05", fault_codes=("P0420",), received_at=later("09:10", 5))
    line.telemetry("09:39:59")
    line.telemetry("09:40")

    assert [f"{alert.judged_at:%H:%M:%S}" for alert in line.alerts] == ["09:10:00", "09:40:00"]
