"""How processes log: lines for people, or one JSON object a line for machines."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

PLAIN = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_OWN = frozenset(vars(logging.LogRecord("", 0, "", 0, "", None, None))) | {"message", "asctime", "taskName"}
"""What every record has; the rest was said of this one: ``event_id``, ``topic`` …"""


class JsonLines(logging.Formatter):
    """A record as one line of JSON, with what was said of it in ``extra``."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        said = {name: value for name, value in vars(record).items() if name not in _OWN}
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **said,
        }
        if record.exc_info is not None:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def start_logging(level: str, *, is_json: bool, stream: TextIO = sys.stderr) -> None:
    """Log to ``stream`` from ``level`` on, instead of whatever was set up before."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines() if is_json else logging.Formatter(PLAIN))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
