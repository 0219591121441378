"""A question about a figure, and its answer."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Question:
    """One KPI of one service date, for one value of a segment."""

    kpi_id: str
    service_date: date
    segment: str = "all"
    segment_value: str = "all"


@dataclass(frozen=True, slots=True)
class Event:
    """An event that a row was made of, with its place on Kafka where that is known."""

    topic: str
    event_id: str
    partition: int | None
    offset: int | None
    index: int | None
    at: datetime | None
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """What a figure was counted from: an order, an attempt, a route, …; with its share of the sums.

    ``role`` is counted (in numerator and denominator), denominator (there alone), numerator (there
    alone, such as the cost of a route that delivered nothing), excluded, unknown, or neither.
    """

    item_id: str
    currency: str | None
    role: str
    numerator: float
    denominator: float
    excluded: int
    unknown: int
    reason: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """The figure as ``kpi_daily`` has it; one a currency."""

    currency: str | None
    numerator: float
    denominator: float
    excluded: int
    unknown: int
    value: float | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The figures and all rows behind them: the sums of the rows are the figures."""

    question: Question
    name: str
    formula: str
    unit: str
    definition_version: int
    as_of: datetime | None
    figures: tuple[Figure, ...]
    rows: tuple[Row, ...]
