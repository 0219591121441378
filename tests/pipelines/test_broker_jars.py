import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.broker.jars import Jar, fetch_jars, locked_jars, parse_lock, render_lock, sha256_of
from routing.errors import ConfigurationError

names = st.from_regex(r"[a-z][a-z0-9_.\-]{0,12}", fullmatch=True)
jars = st.builds(Jar, names, names, names, st.binary(min_size=32, max_size=32).map(bytes.hex))


def put(repository: Path, content: bytes, sha256: str | None = None) -> Jar:
    """A jar in ``repository``, locked by its own checksum unless another is given."""
    jar = Jar("org.example", "thing", "1.0", "0" * 64)
    path = repository / jar.path
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return Jar(jar.group, jar.artifact, jar.version, sha256 or sha256_of(path))


@given(st.lists(jars))
def test_what_the_lock_says_is_read_back(written: list[Jar]) -> None:
    read = parse_lock(render_lock(written))

    assert sorted(read, key=repr) == sorted(written, key=repr)


@pytest.mark.parametrize(
    "line", ["a:b sha256:" + "0" * 64, "a:b:1 sha256:12", "a:b:1", "a:b:1 sha256:" + "g" * 64]
)
def test_a_broken_line_is_named_by_its_number(line: str) -> None:
    with pytest.raises(ConfigurationError, match="line 2 of the jar lock"):
        parse_lock(f"# a comment\n{line}\n")


def test_the_lock_holds_kafka_and_no_address() -> None:
    locked = locked_jars()

    assert any(jar.artifact == "kafka_2.13" and jar.version == "4.3.0" for jar in locked)
    assert "://" not in render_lock(locked)


def test_a_missing_lock_says_what_to_do_instead(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="set KAFKA_BOOTSTRAP_SERVERS"):
        locked_jars(tmp_path / "jars.lock")


def test_a_jar_that_is_there_and_matches_is_used_without_fetching(tmp_path: Path) -> None:
    jar = put(tmp_path, b"bytes")

    assert fetch_jars([jar], tmp_path) == [tmp_path / "org/example/thing/1.0/thing-1.0.jar"]


def test_a_jar_that_does_not_match_the_lock_is_refused(tmp_path: Path) -> None:
    jar = put(tmp_path, b"other bytes", sha256="a" * 64)

    with pytest.raises(ConfigurationError, match=r"thing-1.0.jar is not the locked org.example:thing:1.0"):
        fetch_jars([jar], tmp_path)


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that jgo takes for the central repository."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder))) as server:
        configuration = tmp_path / "jgo.conf"
        configuration.write_text(f"[repositories]\ncentral = http://127.0.0.1:{server.server_port}\n")
        monkeypatch.setenv("JGO_CONFIG_FILE", str(configuration))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield folder
        server.shutdown()
        thread.join()


def test_a_missing_jar_is_fetched_once(mirror: Path, tmp_path: Path) -> None:
    jar = put(mirror, b"bytes")

    [path] = fetch_jars([jar], tmp_path / "repository")
    (mirror / jar.path).unlink()

    assert path.read_bytes() == b"bytes"
    assert fetch_jars([jar], tmp_path / "repository") == [path]


def test_a_fetched_jar_that_does_not_match_is_refused_and_not_kept(mirror: Path, tmp_path: Path) -> None:
    jar = put(mirror, b"swapped", sha256="a" * 64)

    with pytest.raises(ConfigurationError, match="is not the locked"):
        fetch_jars([jar], tmp_path / "repository")

    assert list((tmp_path / "repository").rglob("*")) == []


def test_a_jar_that_cannot_be_had_is_named(mirror: Path, tmp_path: Path) -> None:
    jar = Jar("org.example", "absent", "1.0", "a" * 64)

    with pytest.raises(ConfigurationError, match=r"the jar org.example:absent:1.0 could not be fetched"):
        fetch_jars([jar], tmp_path / "repository")
