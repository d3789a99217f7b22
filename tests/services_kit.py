"""GitHub, Google Sheets and a service of JSON addresses on loopback, and a connection of each type to them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from config.models import Connection, GitHubConnection, GoogleSheetsConnection, HttpConnection, PrometheusConnection
from config.secrets import Secret
from connectors import registry
from connectors.http import Policy
from connectors.protocol import Read, ReadError, Reading
from connectors.registry import Context
from connectors.sandbox.github.service import GitHubService
from connectors.sandbox.google_sheets.service import SheetsService
from connectors.sandbox.server import Request, Response
from sandbox_kit import Sandbox
from source_contract import JsonService, Rows


def numbered(request: Request) -> Response:
    """Any address is answered with the number in it."""
    return Response(200, [{"n": int(request.path.rpartition("/")[2])}])


@dataclass
class Services:
    """The sandbox, and a connection of each type to it."""

    sandbox: Sandbox
    connections: dict[str, Any]
    context: Context
    kept: Rows = field(default_factory=Rows)

    def read(self, service: str, reads: Sequence[Read], **changed: Any) -> dict[str, Reading | ReadError]:
        """Answers by key, from a source opened for these reads; `changed` of its connection. Files need none."""
        connection = self.connections.get(service)
        if connection is not None:
            connection = cast("Connection", connection.model_copy(update=changed))
        source = registry.open_source(service, connection, self.context)
        try:
            return {answer.read.key: answer for answer in source.read(reads, self.kept)}
        finally:
            source.close()


def sandbox_of(github: GitHubService, google: SheetsService, shop: Callable[[Request], Response] = numbered) -> Sandbox:
    """The three, not yet listening."""
    return Sandbox([github, google, JsonService("shop", shop)])


def reaching(
    sandbox: Sandbox, folder: Path, policy: Policy, patch: pytest.MonkeyPatch
) -> tuple[dict[str, Any], Context]:
    """A connection of each type to a sandbox that listens, with its secrets set, and the context to open them in."""
    google = cast("SheetsService", sandbox.services["sheets"])
    patch.setenv("GITHUB_TOKEN", "sandbox-token")
    patch.setenv("GOOGLE_KEY", json.dumps(google.service_account_info(sandbox.service_url("sheets"))))
    connections = {
        "github": GitHubConnection(type="github", url=sandbox.service_url("github"), token=Secret("$GITHUB_TOKEN")),
        "google_sheets": GoogleSheetsConnection(
            type="google_sheets", url=sandbox.service_url("sheets"), service_account=Secret("$GOOGLE_KEY")
        ),
        "http": HttpConnection(type="http", url=sandbox.service_url("shop")),
        "prometheus": PrometheusConnection(type="prometheus", url=sandbox.service_url("shop")),
    }
    return connections, Context(folder, policy)
