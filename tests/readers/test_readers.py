"""The published file is read by DuckDB 1.4 and 2, each by its own client, by SQLAlchemy and by ADBC."""

import json
import subprocess
import sys
import venv
from pathlib import Path

import duckdb
import pytest

from assets.history.asset import publication_id
from assets.history.record import record
from assets.history.tables import history_models
from assets.models.project import DateRange
from assets.published import published_models
from assets.publishing import publish
from streams.events.delivery import ScanKind
from tests.models.events import DAY, at, depot, order, rate, scan, shift, tick, vehicle
from tests.models.given import PROJECT, Lake, Warehouse
from tests.readers.reading import WAYS, by_duckdb

BUILD = Path(__file__).parents[2] / "build"
CLIENTS = ("duckdb-engine", "adbc-driver-manager", "pyarrow", "pytz")
VERSIONS = {"1.4": ("duckdb==1.4.*", "sqlalchemy==2.0.43"), "2": ("duckdb==2.*", "sqlalchemy<2.1")}
"""Newer SQLAlchemy than that asks for a catalogue of collations, which that DuckDB does not have."""


def python_of(version: str) -> Path:
    """The Python of an environment with that DuckDB and all clients; made where it is not there."""
    folder = BUILD / f"readers-duckdb-{version}"
    python, made = folder / "bin" / "python", folder / ".installed"
    if not made.exists():
        venv.create(folder, clear=True, with_pip=True)
        packages = [*VERSIONS[version], *CLIENTS]
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages], check=True
        )
        made.touch()
    return python


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day with two orders, all of the product's tables, by its link."""
    folder = tmp_path_factory.mktemp("published")
    lake = Lake(folder / "lake")
    lake.land(
        *(depot(), vehicle(), rate(per_km=0.5), shift()),
        *(order("early", until="12:00"), order("late", until="12:00")),
        *(scan(ScanKind.DELIVERED, "11:00", "early"), scan(ScanKind.FAILED, "11:30", "late")),
        tick("18:00"),
    )
    warehouse = Warehouse(lake.root).build(DAY)
    dates = [DateRange(at("00:00").date(), at("00:00").date())]
    record(warehouse.connection, publication_id("first-run"), at("19:00"), dates, "UTC")
    link = folder / "kpi.duckdb"
    publish(warehouse.connection, (*published_models(PROJECT), *history_models()), link, "first")
    return link


@pytest.mark.parametrize("version", VERSIONS)
def test_every_client_reads_every_table_as_we_do(
    version: str, published: Path, request: pytest.FixtureRequest
) -> None:
    if not request.config.getoption("--environments", default=False):
        pytest.skip("makes environments: `make readers-check`")
    script = Path(sys.modules[by_duckdb.__module__].__file__ or "")

    done = subprocess.run(
        [python_of(version), script, published], capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 0, done.stderr
    seen, ours = json.loads(done.stdout), by_duckdb(str(published))
    columns = {
        table: len(
            duckdb.connect(str(published), read_only=True).execute(f"describe marts.{table}").fetchall()
        )
        for table in ours["rows"]
    }
    assert set(seen) == set(WAYS)
    assert seen["sqlalchemy"].pop("reflected") == columns
    for way, found in seen.items():
        n_rows = sum(found["rows"].values())
        print(f"DuckDB {found['duckdb']} by {way}: {len(found['rows'])} tables, {n_rows} rows")
        assert found.pop("duckdb").startswith(f"v{version}.")
        assert found == {name: value for name, value in ours.items() if name != "duckdb"}, way


def test_our_own_client_sees_rows_and_comments(published: Path) -> None:
    seen = by_duckdb(str(published))

    assert seen["rows"]["orders"] == 2
    assert seen["rows"]["kpi_daily"] == seen["known"] > 50
    assert seen["comments"] > 300
