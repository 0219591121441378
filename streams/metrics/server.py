"""``/metrics``, ``/health`` and ``/ready`` over HTTP, in a thread of its own."""

from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import monotonic

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from routing.errors import ConfigurationError
from streams.metrics.health import Condition, Health

TEXT = "text/plain; charset=utf-8"
LOOPBACK = "127.0.0.1"
REQUEST_WITHIN_S = 5.0


class MetricsServer:
    """Serves until it is closed. ``health`` and ``readiness`` are asked at each request."""

    def __init__(
        self,
        host: str,
        port: int,
        registry: CollectorRegistry,
        health: Callable[[], Condition],
        readiness: Callable[[], Condition],
    ) -> None:
        """Listen on ``host:port``, any free port for 0. Raises ``ConfigurationError`` where that is taken."""
        pages: dict[str, Callable[[], tuple[HTTPStatus, str, bytes]]] = {
            "/metrics": lambda: (HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(registry)),
            "/health": lambda: _page(health()),
            "/ready": lambda: _page(readiness()),
        }

        class Handler(BaseHTTPRequestHandler):
            timeout = REQUEST_WITHIN_S

            def do_GET(self) -> None:
                page = pages.get(self.path.partition("?")[0], _no_page)
                status, content_type, body = page()
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing of each request."""

        try:
            self._server = ThreadingHTTPServer((host, port), Handler)
        except OSError as error:
            raise ConfigurationError(f"metrics can't be served at {host}:{port}: {error}") from error
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def serve_pages(registry: CollectorRegistry, health: Health, host: str, port: int) -> MetricsServer:
    """The pages of a process that works by the monotonic clock, until it ends. Raises as the server does."""
    return MetricsServer(
        host, port, registry, lambda: health.health(monotonic()), lambda: health.readiness(monotonic())
    )


def _page(condition: Condition) -> tuple[HTTPStatus, str, bytes]:
    status = HTTPStatus.OK if condition.is_good else HTTPStatus.SERVICE_UNAVAILABLE
    return status, TEXT, f"{condition.words or 'ok'}\n".encode()


def _no_page() -> tuple[HTTPStatus, str, bytes]:
    return HTTPStatus.NOT_FOUND, TEXT, b"/metrics, /health and /ready are here\n"
