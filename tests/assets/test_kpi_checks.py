"""Which figures are told as unusual, beside a made history of 28 days before Monday 30 March 2026."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest

from assets.anomalies import Compared, compare
from assets.history.tables import open_history
from assets.kpi_checks import check_result
from assets.models.project import DateRange

TODAY = date(2026, 3, 30)
STEADY = tuple(0.90 + 0.01 * (day % 3) for day in range(28))


@pytest.fixture
def history() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    open_history(connection)
    return connection


def note(
    history: duckdb.DuckDBPyConnection,
    value: float | None,
    day: date = TODAY,
    *,
    unit: str = "share",
    is_over: bool = True,
    is_old: bool = False,
    currency: str | None = None,
    denominator: float = 1e6,
) -> None:
    """One published version of a figure."""
    until = datetime.now(UTC) if is_old else None
    row = ["kpi", day, "all", "all", currency, value, denominator, unit, is_over, until]
    history.execute(
        "insert into history.kpi_versions by name select ? as kpi_id, ? as service_date, ? as segment, "
        "? as segment_value, ? as currency, ? as value, ? as denominator, ? as unit, "
        "? as is_day_over, ? as known_until_at",
        row,
    )


def note_former(history: duckdb.DuckDBPyConnection, values: Sequence[float], unit: str = "share") -> None:
    """``values`` of the days before ``TODAY``, the last of them yesterday's."""
    for before, value in enumerate(reversed(values), start=1):
        note(history, value, TODAY - timedelta(days=before), unit=unit)


def today(history: duckdb.DuckDBPyConnection) -> tuple[Compared, ...]:
    return compare(history, (DateRange(TODAY, TODAY),))


@pytest.mark.parametrize(
    ("value", "is_anomalous"), [(0.91, False), (0.94, False), (0.97, True), (0.85, True), (0.0, True)]
)
def test_a_figure_far_from_the_four_weeks_before_is_unusual(
    history: duckdb.DuckDBPyConnection, value: float, is_anomalous: bool
) -> None:
    note_former(history, STEADY)
    note(history, value)

    (found,) = today(history)

    assert found.is_anomalous is is_anomalous


def test_one_wild_day_before_hides_no_other(history: duckdb.DuckDBPyConnection) -> None:
    note_former(history, (*STEADY[:-1], 0.0))
    note(history, 0.5)

    (found,) = today(history)

    assert found.is_anomalous


def test_with_less_than_a_fortnight_nothing_is_judged(history: duckdb.DuckDBPyConnection) -> None:
    note_former(history, STEADY[:13])
    note(history, 0.0)

    result = check_result(today(history))

    assert result.passed
    assert result.metadata["too_little_history"].value == 1
    assert result.metadata["judged"].value == 0


def test_a_share_that_never_moved_may_move_a_point(history: duckdb.DuckDBPyConnection) -> None:
    note_former(history, [1.0] * 28)
    note(history, 0.99)
    assert not today(history)[0].is_anomalous

    history.execute("update history.kpi_versions set value = 0.9 where service_date = ?", [TODAY])
    assert today(history)[0].is_anomalous


def test_a_share_of_few_may_move_as_far_as_chance_takes_it(history: duckdb.DuckDBPyConnection) -> None:
    note_former(history, [1.0] * 28)
    note(history, 0.85, denominator=20)
    assert not today(history)[0].is_anomalous

    history.execute("update history.kpi_versions set denominator = 200 where service_date = ?", [TODAY])
    assert today(history)[0].is_anomalous


def test_a_share_that_is_usually_over_1_is_judged_too(history: duckdb.DuckDBPyConnection) -> None:
    note_former(history, [1.2] * 28)
    note(history, 0.6)

    (found,) = today(history)

    assert found.is_anomalous


def test_what_was_always_0_and_is_no_share_is_not_judged(history: duckdb.DuckDBPyConnection) -> None:
    note_former(history, [0.0] * 28, unit="min")
    note(history, 3.0, unit="min")

    (found,) = today(history)

    assert found.z is None
    assert not found.is_anomalous


def test_days_under_way_and_replaced_versions_are_not_looked_at(history: duckdb.DuckDBPyConnection) -> None:
    note_former(history, STEADY)
    note(history, 0.0, is_over=False)
    note(history, 0.0, is_old=True)

    assert today(history) == ()


def test_currencies_are_compared_with_themselves(history: duckdb.DuckDBPyConnection) -> None:
    note_former(history, STEADY)
    note(history, 0.91, currency="EUR")

    (found,) = today(history)

    assert found.days == 0


def test_the_check_warns_and_shows_the_figures(history: duckdb.DuckDBPyConnection) -> None:
    note_former(history, STEADY)
    note(history, 0.5)

    result = check_result(today(history))

    assert not result.passed
    assert result.severity.value == "WARN"
    assert result.description == (
        "kpi of 2026-03-30 is 0.5, usually 0.91, on that weekday 0.905 (z -27.7 over 28 days)"
    )
    (record,) = result.metadata["figures"].records  # type: ignore[union-attr]
    assert record.data["usual"] == pytest.approx(0.91)
