"""The report in Chromium: it is one file, draws itself, and asks nobody for anything."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pipelines.report.facts import HourOfPromises, Zone
from pipelines.report.operating import Alerts, Operating
from pipelines.report.page import render
from tests.pipelines.test_report import facts

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture
def browser() -> str:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no browser: there is none of {', '.join(BROWSERS)}")
    return found


def test_the_report_opens_in_a_browser_with_its_pictures_and_without_the_net(
    browser: str, tmp_path: Path
) -> None:
    page, picture = tmp_path / "report.html", tmp_path / "report.png"
    alerts = Alerts("at_risk", 2, 1, 1, 0, 0, 2, 1, 3600)
    shown = facts(
        hours=(HourOfPromises(11, 5, 2, 1),),
        zones=(Zone("871f1d489ffffff", 8, 5),),
        operating=Operating(alerts=(alerts,)),
    )
    page.write_text(render(shown))
    # Whatever it asked the net for would fail, and the log would say so.
    away = ["--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr", "--no-sandbox", "--headless"]
    folder = f"--user-data-dir={tmp_path / 'profile'}"

    ran = subprocess.run(
        [browser, *away, folder, "--window-size=1000,1400", f"--screenshot={picture}", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    seen = subprocess.run(
        [browser, *away, folder, "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert picture.stat().st_size > 10_000, ran.stderr
    assert "Delay alerts by rule" in seen.stdout
    assert seen.stdout.count("<svg") == 2
    assert "CONSOLE" not in ran.stderr
    assert re.findall(r"""(?:src|href|url\()=?["']?https?:[^"' ]*""", seen.stdout) == []
