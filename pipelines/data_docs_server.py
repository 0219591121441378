"""The Data Docs over HTTP: a page of the Dagster UI can't link to a file."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from routing.errors import ConfigurationError


class _Quiet(SimpleHTTPRequestHandler):
    """Says nothing of each page that is read."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the terminal is Dagster's."""


@contextmanager
def serving(folder: Path, port: int) -> Iterator[str]:
    """Serve ``folder`` on loopback while the block runs; gives the URL. Raises ``ConfigurationError``."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Quiet, directory=str(folder)))
    except (OSError, OverflowError) as error:
        raise ConfigurationError(
            f"port {port}, for the Data Docs, is taken ({error}); choose another pair with --port"
        ) from error
    thread = threading.Thread(target=server.serve_forever, name="data docs", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
