"""Services that give back every credential they were sent, and a place where none may ever arrive."""

import base64
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from config.masking import HIDDEN
from connectors.registry import Context
from connectors.sandbox.server import Request, Response, Service
from demo_kit import demo_workspace
from sandbox_kit import Sandbox
from syncer.run import workspace

SHOP_TOKEN = "shop-token-7781"
API_KEY = "api-key-91237"
SHORTEST_LINE = 20

MORE_CONNECTIONS = """\
connections:
  shop:
    type: http
    url: {url}/shop
    token: $SHOP_TOKEN
    headers:
      X-Api-Key: $SHOP_KEY
"""
MORE_MEASURES = """\
measures:
  uptime:
    from: shop.json
    url: /uptime
    value: max(share)
  runs:
    from: github.workflow_runs
    repository: acme/app
    value: count(*)
"""
MORE_KEY_RESULTS = """\
      KR9:
        title: Up 99% of the time
        target: 99%
        baseline: 50%
        measure: uptime
      KR10:
        title: Run 100 workflows
        target: 100
        measure: runs
"""


class Shop:
    """A service behind a bearer token."""

    name = "shop"

    def handle(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {SHOP_TOKEN}":
            return Response(401, {"message": "no"})
        return Response(200, {"share": 0.9})

    admin = handle

    def dump(self) -> dict[str, Any]:
        return {}

    def load(self, state: Any) -> None:
        """It has none."""


@dataclass
class Echo:
    """A service that fails with all it was sent in its answer. `seen` are the credentials that came."""

    inner: Service
    seen: set[str]
    failing: Callable[[Request, str], Response] | None = None
    only: str = ""

    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = self.inner.name

    def handle(self, request: Request) -> Response:
        sent = [request.headers.get("authorization", ""), request.headers.get("x-api-key", "")]
        sent += parse_qs(request.body.decode("utf-8", "replace")).get("assertion", [])
        self.seen.update(part for text in sent for part in text.split() if len(part) >= 6)
        if (
            self.failing is None
            or not request.path.startswith(self.only)
            or (not self.only and "token" in request.path)
        ):
            return self.inner.handle(request)
        return self.failing(request, " ".join(filter(None, [*sent, *self.seen])))

    def admin(self, request: Request) -> Response:
        return self.inner.admin(request)

    def dump(self) -> dict[str, Any]:
        return self.inner.dump()

    def load(self, state: Any) -> None:
        self.inner.load(state)


@dataclass
class Watched:
    """The demo's workspace with echoing services, and every secret in it."""

    folder: Path
    sandbox: Sandbox
    echoes: dict[str, Echo]
    seen: set[str]
    stated: set[str] = field(default_factory=set)

    @property
    def secrets(self) -> set[str]:
        """What may appear nowhere: what the config refers to, and what services were sent."""
        return (self.stated | self.seen) - {"Bearer", "Basic", "token"}

    def leaks(self, *texts: str) -> list[str]:
        """The secrets found in the texts, and in every file of the folder and the log but the secrets' own."""
        found = [text[:200] for text in texts if any(secret in text for secret in self.secrets)]
        for path in self.folder.rglob("*"):
            if path.is_file() and "secrets" not in path.parts:
                data = path.read_bytes()
                found += [path.name for secret in self.secrets if secret.encode() in data]
        return found


@contextmanager
def watched_workspace(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    """The demo with an HTTP connection more; waits pass at once, and tracebacks are kept in `folder`."""
    monkeypatch.setenv("SHOP_TOKEN", SHOP_TOKEN)
    monkeypatch.setenv("SHOP_KEY", API_KEY)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(
        workspace, "Context", lambda base_dir, policy: Context(base_dir, replace(policy, sleep=lambda _: None))
    )
    with demo_workspace(folder) as sandbox:
        for key in (folder / "secrets").iterdir():
            key.chmod(0o600)
        path = folder / "okrsync.yaml"
        text = path.read_text("utf-8").replace("connections:\n", MORE_CONNECTIONS.format(url=sandbox.url), 1)
        text = text.replace("measures:\n", MORE_MEASURES, 1)
        path.write_text(text.rstrip() + "\n" + MORE_KEY_RESULTS, "utf-8")
        sandbox.services["shop"] = Shop()
        seen: set[str] = set()
        echoes = {name: Echo(sandbox.services[name], seen) for name in ("jira", "github", "sheets", "shop")}
        for name, echo in echoes.items():
            sandbox.services[name] = echo
        yield Watched(folder, sandbox, echoes, seen, _stated(folder))


def _stated(folder: Path) -> set[str]:
    key = json.loads((folder / "secrets" / "service-account.json").read_text("utf-8"))["private_key"]
    jira = (folder / "secrets" / "jira-token").read_text("utf-8")
    basic = base64.b64encode(f"demo@example.com:{jira}".encode()).decode()
    lines = {line for line in key.split("\n") if len(line) > SHORTEST_LINE and "PRIVATE KEY" not in line}
    return {SHOP_TOKEN, API_KEY, jira, basic, (folder / "secrets" / "github-token").read_text("utf-8"), *lines}


__all__ = ["HIDDEN", "Echo", "Watched", "watched_workspace"]
