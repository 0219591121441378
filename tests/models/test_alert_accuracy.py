"""Which rule of the delay alerts can be relied on, and how early it speaks."""

from pathlib import Path

from pipelines.report.operating import Alerts, read_operating
from streams.events.delivery import ScanKind
from streams.events.judgements import DelayRule
from tests.models.conftest import Build
from tests.models.events import depot, order, scan, tick, vehicle
from tests.models.given import OnDemand
from tests.models.test_a_planned_route import delay

COUNTS = "alerts, right_alerts, false_alarms, late_stops, foreseen_stops"


def day(given: Build) -> OnDemand:
    """Two late stops and one in time; their windows close at 09:00.

    stop-a   08:00 at risk ── 08:50 late ── 09:00 closes ── 09:20 delivered
    stop-b   08:30 at risk ── 08:55 delivered ── 09:00 closes
    stop-c   09:00 closes ── 09:05 missed, for good
    """
    return given(
        depot(),
        vehicle(),
        *(order(name, until="09:00") for name in "abc"),
        delay("a", "a", "08:00", "09:00", DelayRule.AT_RISK),
        delay("a", "a", "08:50", "09:00", DelayRule.LATE),
        delay("b", "b", "08:30", "09:00", DelayRule.AT_RISK),
        delay("c", "c", "09:05", "09:00", DelayRule.MISSED),
        scan(ScanKind.DELIVERED, "09:20", "a"),
        scan(ScanKind.DELIVERED, "08:55", "b"),
        tick("20:00"),
    )


def test_each_rule_is_held_to_what_it_said_and_when(given: Build) -> None:
    rows = day(given).rows(f"select rule, {COUNTS}, median_lead_s from marts.alert_accuracy order by rule")

    assert rows == [
        ("any", 3, 2, 1, 2, 1, (3600 - 300) / 2),
        ("at_risk", 2, 1, 1, 2, 1, 3600),
        ("late", 1, 1, 0, 2, 1, 600),
        ("missed", 1, 1, 0, 2, 0, -300),
    ]


def test_all_rules_together_are_the_kpis(given: Build) -> None:
    built = day(given)

    ((precision, recall),) = built.rows(
        "select precision, recall from marts.alert_accuracy where rule = 'any'"
    )

    of_alerts, of_stops = built.kpi("delay_alert_precision"), built.kpi("delay_alert_recall")
    assert (precision, of_alerts["numerator"], of_alerts["denominator"]) == (2 / 3, 2, 3)
    assert (recall, of_stops["numerator"], of_stops["denominator"]) == (1 / 2, 1, 2)
    assert built.broken_tests() == []


def test_the_report_has_them_rule_by_rule(given: Build) -> None:
    read = read_operating(day(given).whole().connection, Path("kpi.duckdb"))

    assert [row.rule for row in read.alerts] == ["any", "at_risk", "late", "missed"]
    assert read.alerts[1] == Alerts("at_risk", 2, 1, 1, 0, 0, 2, 1, 3600)
    assert (read.alerts[1].precision, read.alerts[1].recall, read.alerts[1].lead_min) == (0.5, 0.5, 60)
