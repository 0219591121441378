"""A folder of SQL models as values: what each model is, needs and promises.

The folder is what dbt reads too: ``<layer>/<model>.sql`` with ``ref``, ``source``, ``config`` and
``var``, YAML beside the models, ``seeds/*.csv``, ``macros/*.sql`` and singular tests in ``tests/*.sql``.
It is read strictly: what is not understood is a ``ModelError``, never ignored.
"""

from dataclasses import dataclass
from datetime import date
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from routing.errors import ModelError

LAYERS = ("staging", "intermediate", "marts")
SEEDS = "seeds"


@dataclass(frozen=True, slots=True)
class DateRange:
    """Service dates from ``first`` to ``last``, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"DateRange ends before it starts: {self.first} > {self.last}")

    def __str__(self) -> str:
        return f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"


@dataclass(frozen=True, slots=True)
class Hours:
    """Moments from ``first_at`` to ``last_at``, both included; none where the first lies after the last.

    Both are text as SQL has it, so that ``-infinity`` and ``infinity`` can be said.
    """

    first_at: str = "-infinity"
    last_at: str = "infinity"
    is_empty: bool = False


ALL_HOURS, NO_HOURS = Hours(), Hours(is_empty=True)


@dataclass(frozen=True, slots=True)
class Column:
    """A column and what it means."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class SqlTest:
    """A promise about a model: ``sql`` selects the rows that break it. Generic ones come from YAML.

    ``of_written`` selects them among the rows that were written since the test passed, and what they are held
    against; ``None`` where rows can come to break it that stand as they were.
    """

    name: str
    model: str
    sql: str
    of_written: str | None = None
    is_generic: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A raw table: the landed ``topic``; ``event_time`` is the column that dates its rows, if any."""

    name: str
    topic: str
    description: str
    event_time: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """One table of the warehouse: a query, or a seed (``sql`` is empty, ``path`` is a CSV file).

    ``event_time`` names the date column by which an incremental model is replaced range by range;
    rows of the same ``unique_key`` as a new one are replaced too, where it is given. ``moments`` are the
    columns between which a row's moments lie, where some hours of a date can be replaced alone.

    ``date_by_date`` names the date column of a table whose rows of one date are made of the rows of that
    date of what it refers to (and of what has no such column): dates whose inputs stand as they did when
    they were built last are not built anew. A view (``is_view``) is a query that is kept and not its rows.
    """

    name: str
    layer: str
    path: Path
    sql: str
    description: str
    columns: tuple[Column, ...]
    refs: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    event_time: str | None = None
    unique_key: str | None = None
    moments: tuple[str, str] | None = None
    date_by_date: str | None = None
    is_view: bool = False
    column_types: tuple[tuple[str, str], ...] = ()

    @property
    def table(self) -> str:
        """Schema and name in the warehouse."""
        return f"{self.layer}.{self.name}"

    @property
    def is_incremental(self) -> bool:
        """Whether a build replaces a range of dates rather than the whole table."""
        return self.event_time is not None


@dataclass(frozen=True, slots=True)
class Project:
    """All models in the order they can be built, their sources, their tests, and the macros they call."""

    models: tuple[Model, ...]
    sources: tuple[Source, ...]
    tests: tuple[SqlTest, ...]
    macros: str = ""

    def model(self, name: str) -> Model:
        """The model of that name. Raises ``ModelError`` naming those that exist."""
        for model in self.models:
            if model.name == name:
                return model
        known = ", ".join(model.name for model in self.models)
        raise ModelError(f"there is no model {name!r}; there are {known}")

    def source(self, name: str) -> Source:
        """The source of that name. Raises ``ModelError`` naming those that exist."""
        for source in self.sources:
            if source.name == name:
                return source
        known = ", ".join(source.name for source in self.sources)
        raise ModelError(f"there is no source {name!r}; there are {known}")

    def tests_of(self, model: Model) -> tuple[SqlTest, ...]:
        """The tests that run once the model is built."""
        return tuple(test for test in self.tests if test.model == model.name)


def in_build_order(models: tuple[Model, ...]) -> tuple[Model, ...]:
    """Every model after what it refers to, ties by name. Raises ``ModelError`` for a loop or a stranger."""
    by_name = {model.name: model for model in sorted(models, key=lambda model: model.name)}
    for model in models:
        for ref in model.refs:
            if ref not in by_name:
                raise ModelError(f"{model.path}: ref({ref!r}) names no model; there are {', '.join(by_name)}")
    sorter = TopologicalSorter({name: sorted(model.refs) for name, model in by_name.items()})
    try:
        return tuple(by_name[name] for name in sorter.static_order())
    except CycleError as error:
        raise ModelError(f"models refer to each other in a loop: {' -> '.join(error.args[1])}") from error
