import pytest

from pipelines.console import table_console
from pipelines.proposals.standing import standings
from pipelines.proposals.tables import as_list
from tests.factories import at
from tests.streams.dispatch.day_under_way import asked
from tests.streams.dispatch.world import proposal


def test_in_a_pipe_no_column_of_a_table_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    answer = proposal(asked().pending)

    table_console().print(as_list(standings([answer], []), at("09:10")))

    assert "…" not in capsys.readouterr().out


def test_a_terminal_has_its_own_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "97")

    assert table_console().width == 97
