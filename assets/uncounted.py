"""Landed rows that no service date is built for: published by file, so that nothing is left out unsaid."""

from pathlib import Path

from assets.file_dates import EARLIEST
from assets.models.project import Column, Model

UNCOUNTED_ROWS = Model(
    "uncounted_rows",
    "meta",
    Path(__file__),
    "",
    f"Grain: one row per landed file with rows that count nowhere: dated before {EARLIEST} (a device whose "
    "clock was never set, a run time taken for a date), or on dates that are built no more after their "
    "retention.",
    (
        Column("topic", "The topic that they landed of."),
        Column("file", "The file in the lake that holds them, from the lake's folder on."),
        Column("rows", "How many of its rows count nowhere."),
    ),
)
