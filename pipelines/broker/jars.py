"""The jars that Kafka is made of: locked by SHA-256, fetched once by coordinate, kept per user."""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from jgo.config import GlobalSettings
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import MavenContext

from routing.errors import ConfigurationError

LOCK_FILE = Path(__file__).parents[2] / "deploy" / "kafka" / "jars.lock"


@dataclass(frozen=True, slots=True)
class Jar:
    """One locked jar: ``group:artifact:version`` and the SHA-256 of its bytes, in hex."""

    group: str
    artifact: str
    version: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"

    @property
    def path(self) -> Path:
        """Where a repository keeps it, relative to the repository's root."""
        folder = Path(*self.group.split("."), self.artifact, self.version)
        return folder / f"{self.artifact}-{self.version}.jar"


def parse_lock(text: str) -> list[Jar]:
    """The jars of a lock file, a line each: ``group:artifact:version sha256:<64 hex digits>``.

    Blank lines and lines that start with ``#`` are skipped. Raises ``ConfigurationError`` naming the line.
    """
    numbered = enumerate(text.splitlines(), start=1)
    return [_parse_line(number, line) for number, line in numbered if line.strip() and line[0] != "#"]


def _parse_line(number: int, line: str) -> Jar:
    coordinate, _, checksum = line.strip().partition(" sha256:")
    parts = coordinate.split(":")
    is_sha256 = len(checksum) == 64 and not set(checksum) - set("0123456789abcdef")
    if len(parts) != 3 or not all(parts) or not is_sha256:
        raise ConfigurationError(
            f"line {number} of the jar lock is {line!r}; it should read 'group:artifact:version sha256:<hex>'"
        )
    return Jar(parts[0], parts[1], parts[2], checksum)


def render_lock(jars: list[Jar]) -> str:
    """The lock file that ``parse_lock`` reads, sorted by coordinate."""
    lines = sorted(f"{jar} sha256:{jar.sha256}" for jar in jars)
    return "\n".join(["# The embedded Kafka; written by `make lock`.", *lines, ""])


def locked_jars(lock_file: Path = LOCK_FILE) -> list[Jar]:
    """The jars of the lock file. Raises ``ConfigurationError`` where there is no such file."""
    if not lock_file.is_file():
        raise ConfigurationError(
            f"{lock_file} is missing: the embedded Kafka needs a checkout; "
            "elsewhere set KAFKA_BOOTSTRAP_SERVERS to a Kafka of your own"
        )
    return parse_lock(lock_file.read_text())


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch_jars(jars: list[Jar], repository: Path | None = None) -> list[Path]:
    """The local files of ``jars``, fetched where absent, each checked against its SHA-256.

    ``repository`` is the user's Maven repository unless given; mirrors are named in jgo's own
    configuration file. Nothing is fetched when all are there.
    Raises ``ConfigurationError`` for a jar that does not match the lock, or cannot be had.
    """
    settings = GlobalSettings.load()
    home = settings.repo_cache if repository is None else repository
    for jar in jars:
        if not (home / jar.path).exists():
            _download(jar, home, {"central": MAVEN_CENTRAL_URL, **settings.repositories})
        else:
            _refuse_other_than_locked(jar, home / jar.path)
    return [home / jar.path for jar in jars]


def _download(jar: Jar, home: Path, repositories: dict[str, str]) -> None:
    """Fetch beside the repository and move in when checked, so that an interruption leaves no half jar."""
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".doorstep-", dir=home) as folder:
        context = MavenContext(repo_cache=Path(folder), remote_repos=repositories, timeout=30)
        component = context.project(jar.group, jar.artifact).at_version(jar.version)
        try:
            fetched = component.artifact().resolve()
        except (OSError, RuntimeError) as error:
            raise ConfigurationError(f"the jar {jar} could not be fetched: {error}") from error
        _refuse_other_than_locked(jar, fetched)
        (home / jar.path).parent.mkdir(parents=True, exist_ok=True)
        fetched.replace(home / jar.path)


def _refuse_other_than_locked(jar: Jar, path: Path) -> None:
    found = sha256_of(path)
    if found != jar.sha256:
        raise ConfigurationError(
            f"{path} is not the locked {jar}: its SHA-256 is {found}, the lock says {jar.sha256}. "
            "If you trust the lock, delete the file and start again"
        )
