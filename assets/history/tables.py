"""The tables of the history, described as models are, so that they are published with their comments."""

from pathlib import Path

import duckdb

from assets.models.project import Column, Model

SCHEMA = "history"

FIGURES = ("numerator", "denominator", "excluded", "unknown", "value", "median", "p90")
KEY = ("kpi_id", "service_date", "segment", "segment_value", "currency")

_KEY_COLUMNS = (
    ("kpi_id varchar", "The KPI; a row of kpi_catalogue."),
    ("service_date date", "Local date of the moment minus the cut-over hour."),
    ("segment varchar", "What the figure is cut by; 'all' by nothing."),
    ("segment_value varchar", "The value of the segment."),
    ("currency varchar", "ISO 4217."),
)

_VERSIONS = (
    *_KEY_COLUMNS,
    ("definition_version integer", "The definition that made the figure."),
    ("numerator double", "Sum of the numerators."),
    ("denominator double", "Sum of the denominators."),
    ("excluded bigint", "What the definition leaves out."),
    ("unknown bigint", "What could not be told."),
    ("value double", "Numerator over denominator; null over 0."),
    ("median double", "Of durations."),
    ("p90 double", "Of durations."),
    ("unit varchar", "Unit of the value."),
    ("as_of timestamptz", "The latest moment that had landed when the figure was made."),
    ("is_day_over boolean", "Whether the service date was over at every depot while it stood published."),
    ("known_from_at timestamptz", "Published from this moment on."),
    ("known_until_at timestamptz", "Replaced or withdrawn at this moment; null of what stands today."),
    ("publication_id varchar", "The publication that brought it; a row of kpi_publications."),
)

_CORRECTIONS = (
    *_KEY_COLUMNS,
    ("corrected_at timestamptz", "When the new figure was published."),
    (
        "was_day_over boolean",
        "Whether the date was over when the old figure was last published: else it was expected to move.",
    ),
    *(
        (
            f"{age}_{figure} {'bigint' if figure in ('excluded', 'unknown') else 'double'}",
            f"{words} {figure}.",
        )
        for figure in FIGURES
        for age, words in (("old", "Before:"), ("new", "Since then:"))
    ),
    ("old_definition_version integer", "Definition of the old figure; null where there was none."),
    ("new_definition_version integer", "Definition of the new figure; null where it was withdrawn."),
    ("old_as_of timestamptz", "As of when the old figure was made."),
    ("new_as_of timestamptz", "As of when the new figure was made."),
    ("reason varchar", "What landed in between, how many events of which topic."),
    ("publication_id varchar", "The publication that brought it; kpi_correction_causes says which events."),
)

_CAUSES = (
    ("publication_id varchar", "The publication that took the events in; a row of kpi_publications."),
    ("service_date date", "The date that the events are of; null where they have none."),
    ("topic varchar", "Where they came from."),
    ("partition integer", "Kafka's partition."),
    (
        "events bigint",
        "How many; of topics that speak of other events or have no date (verdicts, rates), all in the files.",
    ),
    ("first_offset bigint", "Lowest offset among them."),
    ("last_offset bigint", "Highest offset among them."),
    (
        "first_appended_at timestamptz",
        "When Kafka had the first of them; null where events are counted by file.",
    ),
    (
        "last_appended_at timestamptz",
        "When Kafka had the last of them; null where events are counted by file.",
    ),
    ("event_ids varchar[]", "The first few of them."),
)

_PUBLICATIONS = (
    ("publication_id varchar", "The publication: the beginning of its Dagster run's id."),
    ("published_at timestamptz", "When."),
    ("as_of timestamptz", "The latest moment that had landed."),
    ("built varchar", "The service dates whose partitions were built."),
    ("new_figures bigint", "Figures that were published for the first time."),
    ("changed_figures bigint", "Figures that were replaced or withdrawn, those of a running day too."),
    ("corrections bigint", "Rows of kpi_corrections."),
)

_DROPPED = (
    ("service_date date", "The day that was under way."),
    ("segment varchar", "What the dropped figures are cut by."),
    ("complete_from_at timestamptz", "From this publication on every version is kept."),
)

_TABLES = (
    (
        "kpi_versions",
        "Grain: one row per version of a figure: KPI, service date, segment value and currency. All versions "
        "of dates that were over; of a day under way, replaced figures are kept for segment 'all' alone. "
        "kpi_as_known_at(moment) reads it.",
        _VERSIONS,
    ),
    (
        "kpi_corrections",
        "Grain: one row per figure that was changed, withdrawn or added after its date was published. Of a "
        "day under way (not was_day_over) segment 'all' alone.",
        _CORRECTIONS,
    ),
    (
        "kpi_correction_causes",
        "Grain: one row per publication with corrections, service date, topic and partition: what had "
        "landed since the publication before.",
        _CAUSES,
    ),
    ("kpi_publications", "Grain: one row per publication.", _PUBLICATIONS),
    (
        "kpi_dropped_versions",
        "Grain: one row per service date and segment of which replaced figures were dropped, as the day was "
        "under way: before complete_from_at kpi_as_known_at(moment) lacks rows of it.",
        _DROPPED,
    ),
)


def history_models() -> tuple[Model, ...]:
    """The tables as models of schema ``history``."""
    return tuple(
        Model(
            name,
            SCHEMA,
            Path(__file__),
            "",
            description,
            tuple(Column(column.split()[0], meaning) for column, meaning in columns),
        )
        for name, description, columns in _TABLES
    )


def open_history(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables where they are not there.

    ``kpi_dates``, which is not published, has a hash of each date's figures for `record` to compare.
    """
    connection.execute(f"create schema if not exists {SCHEMA}")
    for name, _, columns in _TABLES:
        listed = ", ".join(f'"{column.split()[0]}" {column.split()[1]}' for column, _ in columns)
        connection.execute(f"create table if not exists {SCHEMA}.{name} ({listed})")
    connection.execute(
        f"create table if not exists {SCHEMA}.kpi_dates (service_date date, figures ubigint, rows bigint)"
    )
