"""Every setting, read once from the environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from routing.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Settings:
    """What differs from one deployment to the next.

    | variable | meaning | default |
    |---|---|---|
    | ``DOORSTEP_HOME`` | folder of everything that is written: broker data, lake, warehouse, logs | ``var`` |
    | ``KAFKA_BOOTSTRAP_SERVERS`` | somebody else's Kafka; without it, the embedded broker of this home | |
    | ``DOORSTEP_TOPIC_PREFIX`` | put before every topic's name | |
    | ``DOORSTEP_PARTITIONS`` | partitions of every topic; fixed once topics exist | ``4`` |
    | ``DOORSTEP_CLOCK`` | who sends the ticks: ``live`` (the worker, wall clock) or ``external`` | ``live`` |
    | ``DOORSTEP_LOG`` | the log on stderr: lines of ``text``, or ``json``, one object a line | ``text`` |
    | ``DOORSTEP_PSEUDONYM_KEY`` | file with the key of pseudonyms; without it, one in the home | |
    | ``DOORSTEP_FAILURE_WEBHOOK`` | URL that Dagster posts each failed run to, as JSON; a secret | |
    | ``DOORSTEP_UI_URL`` | what links to the Dagster UI begin with | ``http://127.0.0.1:3000`` |
    | ``DOORSTEP_DATA_DOCS_URL`` | what links to Data Docs begin with | ``http://127.0.0.1:3001`` |
    | ``DOORSTEP_TIME_ZONE`` | service dates of what belongs to no known depot | ``UTC`` |
    """

    home: Path = Path("var")
    kafka_bootstrap_servers: str | None = None
    topic_prefix: str = ""
    partitions: int = 4
    is_clock_live: bool = True
    time_zone: str = "UTC"
    is_log_json: bool = False
    pseudonym_key_file: Path | None = None
    failure_webhook: str | None = None
    ui_url: str = "http://127.0.0.1:3000"
    data_docs_url: str = "http://127.0.0.1:3001"

    @staticmethod
    def from_env(environ: Mapping[str, str]) -> "Settings":
        """Settings from environment variables. Raises ``ConfigurationError`` naming the variable."""
        clock = environ.get("DOORSTEP_CLOCK", "live")
        if clock not in ("live", "external"):
            raise ConfigurationError(f"DOORSTEP_CLOCK is {clock!r}; it is either 'live' or 'external'")
        log = environ.get("DOORSTEP_LOG", "text")
        if log not in ("text", "json"):
            raise ConfigurationError(f"DOORSTEP_LOG is {log!r}; it is either 'text' or 'json'")
        partitions = environ.get("DOORSTEP_PARTITIONS", "4")
        if not partitions.isdecimal() or not 1 <= int(partitions) <= 1000:
            raise ConfigurationError(
                f"DOORSTEP_PARTITIONS is {partitions!r}; it is a whole number from 1 to 1000"
            )
        prefix = environ.get("DOORSTEP_TOPIC_PREFIX", "")
        if not re.fullmatch(r"[A-Za-z0-9._-]{0,100}", prefix):
            raise ConfigurationError(
                f"DOORSTEP_TOPIC_PREFIX is {prefix!r}; a topic's name takes letters, digits, '.', '_' and '-'"
            )
        key = environ.get("DOORSTEP_PSEUDONYM_KEY")
        time_zone = environ.get("DOORSTEP_TIME_ZONE", "UTC")
        try:
            ZoneInfo(time_zone)
        except (KeyError, ValueError, OSError) as error:
            raise ConfigurationError(
                f"DOORSTEP_TIME_ZONE is {time_zone!r}; it is a name like 'Europe/Berlin' or 'UTC'"
            ) from error
        return Settings(
            home=Path(environ.get("DOORSTEP_HOME", "var")).absolute(),
            kafka_bootstrap_servers=environ.get("KAFKA_BOOTSTRAP_SERVERS") or None,
            topic_prefix=prefix,
            partitions=int(partitions),
            is_clock_live=clock == "live",
            time_zone=time_zone,
            is_log_json=log == "json",
            pseudonym_key_file=Path(key).absolute() if key else None,
            failure_webhook=_url(environ, "DOORSTEP_FAILURE_WEBHOOK", "") or None,
            ui_url=_url(environ, "DOORSTEP_UI_URL", "http://127.0.0.1:3000"),
            data_docs_url=_url(environ, "DOORSTEP_DATA_DOCS_URL", "http://127.0.0.1:3001"),
        )

    @property
    def pseudonym_key(self) -> Path:
        """The key of drivers' and customers' pseudonyms; who has it can tell whose they are."""
        return self.pseudonym_key_file or self.home / "keys" / "pseudonyms.key"

    @property
    def kafka_home(self) -> Path:
        """The embedded broker's data, logs and state file."""
        return self.home / "kafka"

    @property
    def lake(self) -> Path:
        """Parquet files and their manifest."""
        return self.home / "lake"

    @property
    def warehouse(self) -> Path:
        """The private DuckDB file; one writer."""
        return self.home / "warehouse" / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """The symlink to the newest published KPI file; any number of readers."""
        return self.home / "published" / "kpi.duckdb"

    @property
    def dagster_home(self) -> Path:
        """Dagster's instance folder."""
        return self.home / "dagster"

    @property
    def data_docs(self) -> Path:
        """Pages of what the last checks of raw slices found."""
        return self.home / "data_docs"


def _url(environ: Mapping[str, str], name: str, default: str) -> str:
    """A URL without its last slash. Raises ``ConfigurationError`` without repeating it: it may be secret."""
    url = environ.get(name) or default
    if url and not re.fullmatch(r"https?://[^\s/]\S*", url):
        raise ConfigurationError(f"{name} is no URL; it begins with http:// or https:// and a host")
    return url.rstrip("/")
