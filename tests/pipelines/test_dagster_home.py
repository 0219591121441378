"""Dagster's folder of a home."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.dagster_home import open_instance
from pipelines.settings import Settings


@pytest.mark.filterwarnings("ignore")
def test_an_operators_configuration_stays(tmp_path: Path) -> None:
    settings = Settings.from_env({"DOORSTEP_HOME": str(tmp_path)})
    settings.dagster_home.mkdir(parents=True)
    (settings.dagster_home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")

    with open_instance(settings):
        text = (settings.dagster_home / "dagster.yaml").read_text()

    assert text == "telemetry:\n  enabled: false\n"


def test_importing_changes_no_engine() -> None:
    code = (
        "import sqlalchemy, pipelines.dagster_home as home; "
        "raise SystemExit(sqlalchemy.event.contains("
        "sqlalchemy.Engine, 'connect', home._do_not_wait_for_the_disk))"
    )

    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=False).returncode == 0
