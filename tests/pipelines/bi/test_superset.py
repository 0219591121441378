"""Superset is prepared once; what it is told is imported at each start."""

from pathlib import Path

import duckdb
import pytest

from pipelines.bi.superset import Superset, prepare
from routing.errors import ConfigurationError

PROGRAM = """#!/bin/sh
printf '%s\\n' "$*" >> "$SUPERSET_HOME/said"
case "$*" in
  *create-admin*) cat > "$SUPERSET_HOME/answered" ;;
  "$FAILING"*) exit 1 ;;
esac
"""


@pytest.fixture
def published(tmp_path: Path) -> Path:
    path = tmp_path / "kpi.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.orders as select date '2026-03-02' as service_date")
    return path


@pytest.fixture
def superset(tmp_path: Path) -> Superset:
    """A program that says what it was asked for, and a folder with a database alone."""
    programs, deployed = tmp_path / "bin", tmp_path / "deployed"
    programs.mkdir()
    (programs / "superset").write_text(PROGRAM)
    (programs / "superset").chmod(0o755)
    (deployed / "databases").mkdir(parents=True)
    (deployed / "databases" / "Doorstep.yaml").write_text("uuid: 9370392d-f128-5738-bb5c-503a7f884a6e\n")
    (deployed / "requirements.lock").write_text("superset==1")
    return Superset(programs, tmp_path / "home", deployed)


def start(superset: Superset, published: Path, failing: str = "nothing") -> list[str]:
    """What Superset was asked to do, in two words each."""
    said = superset.home / "said"
    said.unlink(missing_ok=True)
    prepare(superset, published, {"PATH": "/usr/bin:/bin", "FAILING": failing}, lambda _: None)
    return [" ".join(line.split()[:2]) for line in said.read_text().splitlines()]


def test_the_first_start_makes_the_database_its_administrator_and_its_roles_and_imports(
    superset: Superset, published: Path
) -> None:
    done = start(superset, published)

    assert done == ["db upgrade", "fab create-admin", "init", f"import-directory {superset.home / 'import'}"]
    assert (superset.home / "answered").read_text() == f"{superset.password}\n" * 2
    assert (superset.home / "import" / "datasets" / "Doorstep" / "orders.yaml").exists()


def test_the_secrets_are_for_their_owner_alone(superset: Superset, published: Path) -> None:
    start(superset, published)

    modes = {(superset.home / name).stat().st_mode & 0o777 for name in ("secret_key", "password")}
    assert modes == {0o600}


def test_the_next_start_imports_alone(superset: Superset, published: Path) -> None:
    start(superset, published)
    password = superset.password

    done = start(superset, published)

    assert done == [f"import-directory {superset.home / 'import'}"]
    assert superset.password == password


def test_other_versions_bring_the_database_up_and_keep_the_administrator(
    superset: Superset, published: Path
) -> None:
    start(superset, published)
    (superset.deployed / "requirements.lock").write_text("superset==2")

    assert start(superset, published)[:-1] == ["db upgrade", "init"]


def test_a_first_start_that_failed_is_named_with_its_log_and_begun_anew(
    superset: Superset, published: Path
) -> None:
    with pytest.raises(ConfigurationError, match=r"superset db upgrade failed; .*prepare\.log"):
        start(superset, published, failing="db upgrade")

    assert start(superset, published)[:2] == ["db upgrade", "fab create-admin"]


def test_where_superset_is_not_installed_the_way_to_it_is_told(superset: Superset, published: Path) -> None:
    (superset.programs / "superset").unlink()

    with pytest.raises(ConfigurationError, match="`make bi` installs it"):
        start(superset, published)
