"""Faults that pass by themselves: a step that meets one is tried again, and no other step is."""

from collections.abc import Iterator
from contextlib import contextmanager
from errno import EAGAIN, EBUSY, EINTR, EIO, ESTALE, ETIMEDOUT

import dagster as dg
import duckdb

from routing.errors import DoorstepError

MOST_RETRIES = 4
FIRST_WAIT_S = 5.0
"""Doubled from try to try: 75 s in all, longer than another command holds the warehouse."""

_PASSING_ERRNOS = frozenset((EAGAIN, EBUSY, EINTR, EIO, ESTALE, ETIMEDOUT))

_LASTING_WORDS = ("no such file", "no files found", "no space left", "permission denied", "read-only")
"""What DuckDB says, whose errors carry no number, of a disk or a path that a person has to see to."""


@contextmanager
def tried_again(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> Iterator[None]:
    """Ask Dagster for another try of the whole step after a transient fault; a step can run twice."""
    try:
        yield
    except (duckdb.Error, OSError, DoorstepError) as error:
        if not is_transient(error):
            raise
        wait_s = FIRST_WAIT_S * 2**context.op_execution_context.retry_number
        raise dg.RetryRequested(MOST_RETRIES, wait_s) from error


def is_transient(error: BaseException) -> bool:
    """Whether a lock or a disk stood in the way; wrong data and wrong SQL stay wrong however often tried."""
    while error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, OSError):
        return error.errno in _PASSING_ERRNOS
    words = str(error).lower()
    return isinstance(error, duckdb.IOException) and not any(lasting in words for lasting in _LASTING_WORDS)
