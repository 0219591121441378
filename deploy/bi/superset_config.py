"""Superset's own settings, read where `doorstep bi` starts it."""

import os
import sqlite3
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Engine
from superset.config import TALISMAN_CONFIG

_HOME = Path(os.environ["SUPERSET_HOME"])

APP_NAME = "Doorstep"
SECRET_KEY = (_HOME / "secret_key").read_text(encoding="utf-8")
SQLALCHEMY_DATABASE_URI = f"sqlite:///{_HOME / 'superset.db'}"
RATELIMIT_STORAGE_URI = "memory://"

# Superset's pages count their visitors at somebody else's: the browser is told to refuse.
TALISMAN_CONFIG["content_security_policy"]["img-src"] = ["'self'", "blob:", "data:"]


@event.listens_for(Engine, "connect")
def do_not_wait_for_the_disk(connection: object, _record: object) -> None:
    """Superset's own database can be made anew from deploy/bi; waiting made its first start minutes long."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("pragma synchronous = off")
