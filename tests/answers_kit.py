"""A service on loopback that answers what a test says, and keeps what it was sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from connectors.sandbox.server import Request, Response
from sandbox_kit import Fault, Sandbox
from source_contract import JsonService

HTML = {"Content-Type": "text/html"}


class Answers:
    """The answers of one service, in turn; the last one again and again."""

    def __init__(self) -> None:
        self.next: list[Response] = []
        self.seen: list[Request] = []
        self.url = ""
        self.faults: list[Fault] = []

    def give(self, body: Any = None, *, status: int = 200, **headers: str) -> None:
        """Add an answer; `_` in the name of a header is `-`."""
        self.next.append(Response(status, body, {name.replace("_", "-"): text for name, text in headers.items()}))

    def break_off(self, times: int = 1) -> None:
        """Let the next answers end in the middle of the body."""
        self.faults.append(Fault("api", "", 200, [1, 2], times=times, cut=2))

    def handle(self, request: Request) -> Response:
        self.seen.append(request)
        return self.next.pop(0) if len(self.next) > 1 else self.next[0]


@contextmanager
def answering() -> Iterator[Answers]:
    """Start the service."""
    answers = Answers()
    with Sandbox([JsonService("api", answers.handle)]) as sandbox:
        answers.url, answers.faults = sandbox.service_url("api"), sandbox.faults
        yield answers
