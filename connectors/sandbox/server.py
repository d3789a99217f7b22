"""Loopback server of all sandbox services: routing, latency, admin API.

Each service has its own prefix (`/jira`, `/jira-dc`, `/github`, `/sheets`). `/_sandbox/...` changes state.
"""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, Self
from urllib.parse import parse_qs, unquote, urlsplit

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """One request to a service. `path` is relative to the service's prefix, unquoted, and begins with `/`."""

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: bytes
    base_url: str

    def json(self) -> Any:
        """Parse the body as JSON; {} if empty. Raises ValueError."""
        return json.loads(self.body) if self.body else {}

    def first(self, name: str, default: str = "") -> str:
        """Return the first value of a query parameter."""
        values = self.query.get(name)
        return values[0] if values else default


@dataclass(frozen=True, slots=True)
class Response:
    """One response. A body that is not bytes is sent as JSON.

    `headers` replace the default Content-Type and Content-Length.
    """

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def payload(self) -> bytes:
        """Return the body as bytes."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, ensure_ascii=False).encode()


class Service(Protocol):
    """One emulated service. Its calls are serialized by a lock; those of other services are not kept waiting."""

    name: str
    """URL prefix without the slash."""

    def handle(self, request: Request) -> Response:
        """Answer a client's request."""

    def admin(self, request: Request) -> Response:
        """Answer `/_sandbox/<name>/...`: change or return the state. `path` is relative to `/_sandbox/<name>`."""

    def dump(self) -> dict[str, Any]:
        """Return the whole state as JSON."""

    def load(self, state: Mapping[str, Any]) -> None:
        """Restore the state from `dump`."""


class Sandbox:
    """Loopback server: a context manager, or call `start` and `stop`. Override `respond` to watch requests."""

    def __init__(self, services: Sequence[Service], *, port: int = 0, latency_seconds: float = 0.0) -> None:
        self.services = {service.name: service for service in services}
        self.latency_seconds = latency_seconds
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)  # services may be added later
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """Address without a trailing slash."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> Self:
        """Start the server in a thread."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop the server and free the port."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def answer(self, request: Request) -> Response:
        """Route a request to its service or to the admin API."""
        name, _, rest = request.path.lstrip("/").partition("/")
        inner = Request(request.method, f"/{rest}", request.query, request.headers, request.body, f"{self.url}/{name}")
        if name == "_sandbox":
            return self._admin(inner)
        service = self.services.get(name)
        if service is None:
            return Response(404, {"message": f"no service {name!r}; there are {', '.join(sorted(self.services))}"})
        if self.latency_seconds:
            time.sleep(self.latency_seconds)
        return self.respond(service, inner)

    def respond(self, service: Service, request: Request) -> Response:
        """Return a service's response, with its body as bytes."""
        with self._locks[service.name]:
            response = service.handle(request)
            return replace(response, body=response.payload())

    def _admin(self, request: Request) -> Response:
        name, _, rest = request.path.lstrip("/").partition("/")
        service = self.services.get(name)
        if service is None:
            return Response(404, {"message": "use " + " or ".join(sorted(self.services))})
        with self._locks[service.name]:
            return service.admin(
                Request(request.method, f"/{rest}", request.query, request.headers, request.body, request.base_url)
            )


def _handler(sandbox: Sandbox) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            headers = {key.lower(): value for key, value in self.headers.items()}
            query = parse_qs(parts.query, keep_blank_values=True)
            body = self.rfile.read(length)
            response = sandbox.answer(Request(self.command, unquote(parts.path), query, headers, body, sandbox.url))
            payload = response.payload()
            self.send_response(response.status)
            stated = {key.lower() for key in response.headers}
            for key, value in (("Content-Type", JSON), ("Content-Length", str(len(payload)))):
                if key.lower() not in stated:
                    self.send_header(key, value)
            for key, value in response.headers.items():
                self.send_header(key, value)
            self.end_headers()
            if self.command != "HEAD":
                with suppress(ConnectionError):  # a client that stopped waiting
                    self.wfile.write(payload)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _serve  # noqa: N815 - names of the base class

        def log_message(self, *_: object) -> None:
            """Suppress logging to stderr."""

    return Handler
