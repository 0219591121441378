"""Which faults are tried again, and that a step is."""

from errno import EIO, ENOSPC

import dagster as dg
import duckdb
import pytest

from assets import transient
from assets.transient import is_transient, tried_again
from routing.errors import ConfigurationError, ModelError


def caused_by(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


LOCKED = duckdb.IOException("IO Error: Could not set lock on file: Conflicting lock is held")


@pytest.mark.parametrize(
    "error",
    [
        LOCKED,
        caused_by(ConfigurationError("the warehouse can't be opened"), LOCKED),
        caused_by(ModelError("model orders"), duckdb.IOException("Could not read: Input/output error")),
        OSError(EIO, "Input/output error"),
    ],
)
def test_locks_and_disks_that_stumble_are_tried_again(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        caused_by(ModelError("model orders"), duckdb.ConversionException("'x' is no number")),
        duckdb.IOException('IO Error: No files found that match the pattern "a.parquet"'),
        duckdb.IOException("IO Error: Could not write: No space left on device"),
        OSError(ENOSPC, "No space left on device"),
        ConfigurationError("the key of pseudonyms is missing"),
    ],
)
def test_wrong_data_missing_files_and_full_disks_are_not(error: Exception) -> None:
    assert not is_transient(error)


def tries_of(errors: list[Exception]) -> tuple[bool, int]:
    """Whether a run of one step that meets these errors, one a try, ends well, and how many tries it took."""
    left, tries = list(errors), []

    @dg.asset
    def step(context: dg.AssetExecutionContext) -> None:
        with tried_again(context):
            tries.append(context.op_execution_context.retry_number)
            if left:
                raise left.pop(0)

    result = dg.materialize([step], raise_on_error=False)
    return result.success, len(tries)


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transient, "FIRST_WAIT_S", 0.01)


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("errors", "ends_well", "tries"),
    [
        ([LOCKED, LOCKED], True, 3),
        ([LOCKED] * 9, False, 5),
        ([ModelError("wrong")], False, 1),
        ([LOCKED, ModelError("wrong")], False, 2),
    ],
)
def test_a_step_is_tried_again_after_what_passes_alone(
    errors: list[Exception], ends_well: bool, tries: int
) -> None:
    assert tries_of(errors) == (ends_well, tries)
