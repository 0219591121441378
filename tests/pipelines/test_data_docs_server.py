"""Data Docs are served to this machine alone."""

from pathlib import Path
from urllib.request import urlopen

import pytest

from pipelines.data_docs_server import serving
from routing.errors import ConfigurationError


def test_a_page_of_the_folder_is_served(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("3 of 9 rows")

    with serving(tmp_path, 0) as url, urlopen(f"{url}/page.html", timeout=5) as answer:
        assert answer.read() == b"3 of 9 rows"


def test_a_taken_port_is_named_with_the_way_out(tmp_path: Path) -> None:
    with serving(tmp_path, 0) as url:
        port = int(url.rsplit(":", 1)[1])

        with pytest.raises(ConfigurationError, match=f"port {port}, for the Data Docs, is taken"):
            serving(tmp_path, port).__enter__()
