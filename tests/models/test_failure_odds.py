"""How often attempts fail, by zone, hour and attempt, with the interval that the counts allow."""

from datetime import date, timedelta

import pytest

from streams.events.base import Event
from streams.events.delivery import ScanKind
from tests.models.conftest import Build
from tests.models.events import DAY, depot, order, scan, shift, vehicle
from tests.models.given import Warehouse

DELIVERED, FAILED = ScanKind.DELIVERED, ScanKind.FAILED
HERE, THERE = (52.5, 13.4), (52.6, 13.4)
LONG_AGO = str(date.fromisoformat(DAY) - timedelta(days=90))
YESTERYEAR = str(date.fromisoformat(DAY) - timedelta(days=89))


def tried(
    name: str, *kinds: ScanKind, hour: int = 9, where: tuple[float, float] | None = HERE, day: str = DAY
) -> list[Event]:
    """An order and its attempts, one an hour from ``hour`` on."""
    scans = (
        scan(kind, f"{hour + number:02d}:30", name, attempt=number + 1, day=day, shift_id=None)
        for number, kind in enumerate(kinds)
    )
    return [order(name, where=where), *scans]


def odds(warehouse: Warehouse, counted_by: str, columns: str = "attempts, failed_attempts") -> object:
    return warehouse.rows(
        f"select {columns} from marts.failure_odds where counted_by = '{counted_by}' order by all"
    )


def test_attempts_are_counted_by_zone_hour_and_attempt_and_all_together(given: Build) -> None:
    warehouse = given(
        depot(),
        vehicle(),
        shift(),
        *tried("a", FAILED, DELIVERED),
        *tried("b", FAILED, FAILED, FAILED, FAILED),
        *tried("c", DELIVERED, where=THERE),
        *tried("nowhere", DELIVERED, hour=11, where=None),
    )

    assert odds(warehouse, "depot") == [(8, 5)]
    assert odds(warehouse, "attempt", "attempt, attempts, failed_attempts") == [
        ("1", 4, 2),
        ("2", 2, 1),
        ("3+", 2, 2),
    ]
    assert odds(warehouse, "hour", "local_hour, attempts, failed_attempts") == [
        (9, 3, 2),
        (10, 2, 1),
        (11, 2, 1),
        (12, 1, 1),
    ]
    assert odds(warehouse, "zone") == [(1, 0), (1, 0), (6, 5)]
    assert odds(warehouse, "zone", "count_if(zone = 'unknown')") == [(1,)]
    by_all = "sum(attempts)::int, sum(failed_attempts)::int, count_if(local_hour is null)"
    assert odds(warehouse, "zone hour attempt", by_all) == [(8, 5, 0)]
    assert warehouse.broken_tests() == []


def test_attempts_of_90_dates_count_and_older_ones_do_not(given: Build) -> None:
    warehouse = given(
        depot(),
        vehicle(),
        *tried("old", FAILED, day=LONG_AGO),
        *tried("young", FAILED, day=YESTERYEAR),
        *tried("new", DELIVERED),
        first=LONG_AGO,
        last=DAY,
    )

    columns = "attempts, failed_attempts, first_date, last_date"
    first, last = date.fromisoformat(YESTERYEAR), date.fromisoformat(DAY)
    assert odds(warehouse, "depot", columns) == [(2, 1, first, last)]


def wilson(hits: int, trials: int, z: float = 1.959964) -> tuple[float, float]:
    """The roots of (p̂ - p)² = z² p (1 - p) / n, where Wilson's interval comes from, by bisection."""

    def root(inside: float, outside: float) -> float:
        for _ in range(60):
            middle = (inside + outside) / 2
            if (hits / trials - middle) ** 2 <= z * z * middle * (1 - middle) / trials:
                inside = middle
            else:
                outside = middle
        return inside

    rate = hits / trials
    return root(rate, 0.0), root(rate, 1.0)


def test_the_interval_is_wilsons_and_says_whether_the_sample_is_enough(given: Build) -> None:
    cases = {9: (0, 4), 10: (1, 4), 11: (4, 4), 12: (2, 20)}
    events = [
        event
        for hour, (failed, attempts) in cases.items()
        for number in range(attempts)
        for event in tried(f"{hour}/{number}", FAILED if number < failed else DELIVERED, hour=hour)
    ]

    warehouse = given(depot(), vehicle(), *events)

    rows = warehouse.rows(
        "select local_hour, rate_low, rate_high, is_enough from marts.failure_odds where counted_by = 'hour'"
    )
    for hour, low, high, is_enough in rows:
        failed, attempts = cases[int(str(hour))]
        assert (low, high) == pytest.approx(wilson(failed, attempts), abs=1e-6)
        assert is_enough is (attempts == 20)
    assert len(rows) == len(cases)
    assert warehouse.broken_tests() == []


def test_what_is_expected_of_a_small_sample_stays_near_the_depots_rate(given: Build) -> None:
    calm = [event for n in range(9) for event in tried(f"calm{n}", DELIVERED)]

    warehouse = given(depot(), vehicle(), *calm, *tried("once", FAILED, where=THERE))

    ((rate, expected),) = warehouse.rows(
        "select failed_rate, expected_rate from marts.failure_odds "
        "where counted_by = 'zone' and failed_attempts = 1"
    )
    assert rate == 1
    assert expected == pytest.approx((1 + 20 * 0.1) / (1 + 20))
