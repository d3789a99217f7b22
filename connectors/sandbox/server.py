"""Loopback server of all sandbox services: routing, request log, injected faults, admin API.

Each service has its own prefix (`/jira`, `/jira-dc`, `/github`, `/sheets`). `/_sandbox/...` changes state.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, Self
from urllib.parse import parse_qs, unquote, urlsplit


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

    `cut` sends only that many bytes and closes the connection.
    """

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None

    def payload(self) -> bytes:
        """Return the body as bytes."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, ensure_ascii=False).encode()


class Service(Protocol):
    """One emulated service. Calls are serialized by the server's lock."""

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


@dataclass(slots=True)
class Fault:
    """An injected response, `times` times, for requests whose target contains `match`.

    `skip` lets that many matching requests pass first. `delay_seconds` waits before the response; with status 0 the
    real response follows.
    """

    service: str
    match: str = ""
    status: int = 500
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    skip: int = 0
    delay_seconds: float = 0.0
    cut: int | None = None
    after: bool = False
    """Execute the request first, then respond with the fault, as when a write arrived but its response was lost."""


@dataclass(frozen=True, slots=True)
class Logged:
    """A logged request, without headers and so without credentials."""

    service: str
    method: str
    target: str
    status: int
    bytes_sent: int
    body: bytes


class Sandbox:
    """Loopback server. Use it as a context manager, or call `start` and `stop`."""

    def __init__(self, services: Sequence[Service], *, port: int = 0, latency_seconds: float = 0.0) -> None:
        self.services = {service.name: service for service in services}
        self.faults: list[Fault] = []
        self.log: list[Logged] = []
        self.latency_seconds = latency_seconds
        self.hooks: dict[str, Callable[[Request], None]] = {}
        """Callbacks by service, called before a request is answered, so that a test can act between two requests."""
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """Address without a trailing slash."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def service_url(self, name: str) -> str:
        """Return the address of one service."""
        return f"{self.url}/{name}"

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

    def wait(self) -> None:
        """Block until stopped."""
        self._thread.join()

    def requests(self, service: str = "") -> list[Logged]:
        """Return the requests so far, of one service or of all."""
        return [entry for entry in self.log if service in ("", entry.service)]

    def answer(self, request: Request) -> Response:
        """Route a request, log it, and apply faults."""
        name, _, rest = request.path.lstrip("/").partition("/")
        inner = Request(request.method, f"/{rest}", request.query, request.headers, request.body, f"{self.url}/{name}")
        if name == "_sandbox":
            return self._admin(inner)
        service = self.services.get(name)
        if service is None:
            return Response(404, {"message": f"no service {name!r}; there are {', '.join(sorted(self.services))}"})
        if self.latency_seconds:
            time.sleep(self.latency_seconds)
        if name in self.hooks:
            self.hooks[name](inner)
        with self._lock:
            fault = self._due_fault(service, inner)
        if fault is not None and fault.delay_seconds:
            time.sleep(fault.delay_seconds)
        with self._lock:
            response = _answer(service, inner, fault)
            payload = response.payload()
            self.log.append(Logged(name, inner.method, inner.path, response.status, len(payload), inner.body))
        return replace(response, body=payload)

    def _due_fault(self, service: Service, request: Request) -> Fault | None:
        fault = next(
            (f for f in self.faults if f.service == service.name and f.times and f.match in request.path), None
        )
        if fault is not None and fault.skip:
            fault.skip -= 1
            return None
        if fault is not None:
            fault.times -= 1
        return fault

    def _admin(self, request: Request) -> Response:
        name, _, rest = request.path.lstrip("/").partition("/")
        try:
            if name == "faults":
                if request.method == "DELETE":
                    self.faults.clear()
                elif request.method == "POST":
                    self.faults.append(Fault(**request.json()))
                return Response(200, {"faults": len(self.faults)})
            if name == "requests":
                if request.method == "DELETE":
                    self.log.clear()
                return Response(200, [[e.service, e.method, e.target, e.status, e.bytes_sent] for e in self.log])
        except (TypeError, ValueError) as exc:
            return Response(400, {"message": f"{type(exc).__name__}: {exc}"})
        service = self.services.get(name)
        if service is None:
            return Response(404, {"message": "use faults, requests or " + ", ".join(sorted(self.services))})
        with self._lock:
            return service.admin(
                Request(request.method, f"/{rest}", request.query, request.headers, request.body, request.base_url)
            )


def _answer(service: Service, request: Request, fault: Fault | None) -> Response:
    if fault is None or fault.status == 0:
        return service.handle(request)
    if fault.after:
        service.handle(request)
    return Response(fault.status, fault.body, fault.headers, fault.cut)


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
            extra = {key.lower() for key in response.headers}
            if "content-type" not in extra:
                self.send_header("Content-Type", "application/json; charset=utf-8")
            for key, value in response.headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            if response.cut is not None:
                payload = payload[: response.cut]
                self.close_connection = True
            if self.command != "HEAD":
                with suppress(ConnectionError):  # a client that stopped waiting
                    self.wfile.write(payload)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _serve  # noqa: N815 - names of the base class

        def log_message(self, *_: object) -> None:
            """Suppress logging to stderr; requests are in `Sandbox.log`."""

    return Handler
