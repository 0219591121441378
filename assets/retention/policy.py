"""The rules of retention: one a topic of the lake and one a table that keeps rows from build to build."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

RETENTION = Path(__file__).parents[2] / "dbt_like_models" / "seeds" / "retention.csv"

OF_PEOPLE = " of people"
"""Ends the name of a rule that is about rows of the segments ``PEOPLE`` alone."""

PEOPLE = ("driver", "vehicle", "customer")
"""Segments whose values stand for one person, or for the vehicle of one."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How many days something is kept; for good where ``keep_days`` is ``None``.

    ``place`` is ``lake``, and ``name`` a topic, or a schema with a table of it.
    """

    place: str
    name: str
    keep_days: int | None
    why: str

    def expires_before(self, today: date) -> date | None:
        """What is dated before this day goes; ``None`` where nothing does."""
        if self.keep_days is None:
            return None
        return date.fromordinal(max(1, today.toordinal() - self.keep_days))

    @property
    def table(self) -> str:
        """The table that the rule is about."""
        return f"{self.place}.{self.name.removesuffix(OF_PEOPLE)}"

    @property
    def condition(self) -> str:
        """SQL of the rows of the table that the rule is about."""
        return f"segment in {PEOPLE}" if self.name.endswith(OF_PEOPLE) else "true"


def read_rules(path: Path = RETENTION) -> tuple[Rule, ...]:
    """The rules, in the order of the file."""
    with path.open(newline="") as file:
        return tuple(
            Rule(row["place"], row["name"], int(row["keep_days"]) if row["keep_days"] else None, row["why"])
            for row in csv.DictReader(file)
        )


def service_dates_of(utc_dates: Iterable[date]) -> frozenset[date]:
    """The service dates that moments of these UTC dates can fall on: a day off at most, two by cut-over."""
    near = {day.toordinal() + step for day in utc_dates for step in (-2, -1, 0, 1)}
    return frozenset(date.fromordinal(day) for day in near if 1 <= day <= date.max.toordinal())
