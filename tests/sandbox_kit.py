"""The sandbox as tests use it: it logs requests, injects faults, and calls back before it answers."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox import server
from connectors.sandbox.server import Request, Response, Service


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
    """Send only that many bytes of the body, and close the connection."""
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


class Sandbox(server.Sandbox):
    """A sandbox with faults, a log, and hooks: callbacks by service, called before a request is answered."""

    def __init__(self, services: Sequence[Service], *, port: int = 0, latency_seconds: float = 0.0) -> None:
        super().__init__(services, port=port, latency_seconds=latency_seconds)
        self.faults: list[Fault] = []
        self.log: list[Logged] = []
        self.hooks: dict[str, Callable[[Request], None]] = {}
        self._counting = threading.Lock()

    def service_url(self, name: str) -> str:
        """The address of one service."""
        return f"{self.url}/{name}"

    def requests(self, service: str = "") -> list[Logged]:
        """The requests so far, of one service or of all."""
        return [entry for entry in self.log if service in ("", entry.service)]

    def respond(self, service: Service, request: Request) -> Response:
        """Call the hook, answer with the fault that is due or as the service does, and log it."""
        if service.name in self.hooks:
            self.hooks[service.name](request)
        fault = self._due(service, request)
        if fault is not None and fault.delay_seconds:
            time.sleep(fault.delay_seconds)
        real = fault is None or fault.status == 0 or fault.after
        response = super().respond(service, request) if real else Response()
        if fault is not None and fault.status:
            response = cut(Response(fault.status, fault.body, fault.headers), fault.cut)
        sent = len(response.payload())
        self.log.append(Logged(service.name, request.method, request.path, response.status, sent, request.body))
        return response

    def _due(self, service: Service, request: Request) -> Fault | None:
        with self._counting:
            mine = (fault for fault in self.faults if fault.service == service.name)
            fault = next((fault for fault in mine if fault.times and fault.match in request.path), None)
            if fault is not None and fault.skip:
                fault.skip -= 1
                return None
            if fault is not None:
                fault.times -= 1
            return fault


def cut(response: Response, length: int | None) -> Response:
    """A response whose connection ends after that many bytes of its body; None leaves it whole."""
    if length is None:
        return response
    body = response.payload()
    headers = {**response.headers, "Content-Length": str(len(body)), "Connection": "close"}
    return Response(response.status, body[:length], headers)
