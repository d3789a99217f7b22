"""The loopback server that every sandbox service stands behind: routing, request log, faults, admin path.

Each service lives below its own prefix (`/jira`, `/jira-dc`, `/github`, `/sheets`). `/_sandbox/...` changes state.
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
    """One request as a service sees it. `path` is below the service's prefix, unquoted, and begins with `/`."""

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: bytes
    base_url: str

    def json(self) -> Any:
        """The body as JSON; {} when empty. Raises ValueError."""
        return json.loads(self.body) if self.body else {}

    def first(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        values = self.query.get(name)
        return values[0] if values else default


@dataclass(frozen=True, slots=True)
class Response:
    """One answer. A body that is not bytes is sent as JSON. `cut` sends only so many bytes and hangs up."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None

    def payload(self) -> bytes:
        """The bytes of the body."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, ensure_ascii=False).encode()


class Service(Protocol):
    """One emulated service. Calls are made one at a time (the server holds a lock)."""

    name: str
    """Its prefix without the slash."""

    def handle(self, request: Request) -> Response:
        """Answer a client."""

    def admin(self, request: Request) -> Response:
        """Answer `/_sandbox/<name>/...`: change or show the state. `path` is below `/_sandbox/<name>`."""

    def dump(self) -> dict[str, Any]:
        """The whole state as JSON."""

    def load(self, state: Mapping[str, Any]) -> None:
        """Take over a state that `dump` gave."""


@dataclass(slots=True)
class Fault:
    """An answer given instead of the real one, `times` times, to requests whose target contains `match`.

    `skip` lets so many matching requests pass first. `delay_seconds` waits before answering; with status 0 the real
    answer follows.
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
    """Let the service do its work first, then answer with the fault (a write that arrived, an answer that did not)."""


@dataclass(frozen=True, slots=True)
class Logged:
    """One request as the log keeps it: no headers, so no credentials."""

    service: str
    method: str
    target: str
    status: int
    bytes_sent: int
    body: bytes


class Sandbox:
    """A running loopback server. Use as a context manager, or `start` and `stop`."""

    def __init__(self, services: Sequence[Service], *, port: int = 0, latency_seconds: float = 0.0) -> None:
        self.services = {service.name: service for service in services}
        self.faults: list[Fault] = []
        self.log: list[Logged] = []
        self.latency_seconds = latency_seconds
        self.hooks: dict[str, Callable[[Request], None]] = {}
        """By service: called before a request is answered, so that a test can act between two requests."""
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """The address without a trailing slash."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def service_url(self, name: str) -> str:
        """The address of one service."""
        return f"{self.url}/{name}"

    def start(self) -> Self:
        """Serve in a thread of its own."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and free the port."""
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
        """The requests so far, of one service or of all."""
        return [entry for entry in self.log if service in ("", entry.service)]

    def answer(self, request: Request) -> Response:
        """Route one request, log it, and apply the faults."""
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
            """The log is `Sandbox.log`; stderr stays quiet."""

    return Handler
