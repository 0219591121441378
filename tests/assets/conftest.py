"""What the tests of the assets share."""

from pathlib import Path

import pytest

from assets.warehouse import Warehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """One of which nothing is there yet, all its files in a folder of the test's own."""
    return Warehouse(
        database=str(tmp_path / "w.duckdb"),
        lake=str(tmp_path / "lake"),
        published=str(tmp_path / "kpi.duckdb"),
        pseudonym_key=str(tmp_path / "pseudonyms.key"),
        time_zone="UTC",
        data_docs=str(tmp_path / "data_docs"),
        data_docs_url="http://127.0.0.1:3001",
    )
