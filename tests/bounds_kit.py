"""A read of every service, and a message, against a server that harms."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from config.connections import CONNECTION_TYPES
from config.errors import SourceError
from config.notify import Line, Slack
from config.secrets import Secret
from connectors import registry
from connectors.http import Policy
from connectors.messages import Message
from connectors.notify import Services, send
from connectors.protocol import Read, ReadError
from connectors.registry import Context
from connectors.sandbox.google_sheets.service import SheetsService
from microsoft_kit import CLIENT, SECRET, TENANT, Microsoft
from sandbox_kit import Sandbox
from source_contract import Rows

CELL = Read("a", "cell", {"spreadsheet": "book", "cell": "S!A1"}, ("value",))
ISSUES = Read("a", "issues", {"jql": "project = X"}, ("key",))
FILE = Read("a", "rows", {"link": "https://contoso.sharepoint.com/a.csv"}, ("n",))
READS: dict[str, tuple[str, Read]] = {
    "Jira Cloud": ("jira", ISSUES),
    "Jira Data Center": ("jira", ISSUES),
    "GitHub GraphQL": ("github", Read("a", "issues", {"search": "repo:o/r"}, count_only=True)),
    "GitHub REST": ("github", Read("a", "workflow_runs", {"repository": "o/r"}, ("id",))),
    "Google Sheets": ("google_sheets", CELL),
    "Google tokens": ("google_sheets", CELL),
    "http": ("http", Read("a", "json", {"url": "/x"})),
    "access tokens": ("http", Read("a", "json", {"url": "/x"})),
    "GitLab": ("gitlab", Read("a", "issues", {"project": "a/b"}, ("key",))),
    "Microsoft Graph": ("microsoft", FILE),
    "Microsoft tokens": ("microsoft", FILE),
    "Prometheus": ("prometheus", Read("a", "query", {"query": "up"})),
}


@dataclass(frozen=True, slots=True)
class Bench:
    """Sources whose secrets are variables, and an honest token endpoint."""

    folder: Path
    tokens: str

    def read(self, service: str, url: str, policy: Policy, **stated: Any) -> SourceError:
        """What one read comes to."""
        kind, read = READS[service]
        given: dict[str, Any] = {"type": kind, "url": url, **stated}
        match service:
            case "Google Sheets":
                given |= {"service_account": "$GOOGLE_KEY", "token_url": f"{self.tokens}/token"}
            case "Google tokens":
                given |= {"service_account": "$GOOGLE_KEY", "token_url": f"{url}/token"}
            case "access tokens":
                client = {"client_id": "okrsync", "client_secret": "$SOME_TOKEN"}
                given |= {"url": self.tokens, "token_url": f"{url}/token", **client}
            case "Microsoft Graph" | "Microsoft tokens":
                honest = self.tokens.replace("/sheets", "/login")
                given |= {"token_url": url} if service == "Microsoft tokens" else {"token_url": honest}
                given |= {"tenant": TENANT, "client_id": CLIENT, "client_secret": "$SOME_SECRET"}
            case "Jira Cloud":
                given |= {"token": "$SOME_TOKEN", "email": "me@example.com"}
            case "Jira Data Center" | "GitHub GraphQL" | "GitHub REST" | "GitLab":
                given |= {"token": "$SOME_TOKEN"}
        settings = CONNECTION_TYPES[kind].settings
        assert settings is not None
        source = registry.open_source("mine", settings.model_validate(given), Context(self.folder, policy))
        kept = Rows()
        try:
            (answer,) = source.read([read], kept)
        finally:
            source.close()
        assert isinstance(answer, ReadError)
        assert kept.rows == {}
        return answer.error


@contextmanager
def bench(folder: Path, pem: str, setenv: Callable[[str, str], None]) -> Iterator[Bench]:
    """Start the token endpoint and set the secrets."""
    google = SheetsService()
    google.tokens.pem = pem
    with Sandbox([google, *Microsoft({}).services]) as sandbox:
        url = sandbox.service_url("sheets")
        setenv("GOOGLE_KEY", json.dumps(google.service_account_info(url)))
        setenv("SOME_TOKEN", "some-token")
        setenv("SOME_SECRET", SECRET)
        yield Bench(folder, url)


def message(kind: str, url: str, policy: Policy, setenv: Callable[[str, str], None]) -> str:
    """Why a message was not delivered, where a request was sent and the answer did not come."""
    setenv("HOOK", url)
    setenv("SOME_TOKEN", "some-token")
    if kind == "line":
        line = Line(type="line", token=Secret("$SOME_TOKEN"), to="U")
        with patch("connectors.notify.SERVICES", Services(line=url)):
            failure = send(Message("t"), line, policy)
    else:
        failure = send(Message("t"), Slack(type="slack", url=Secret("$HOOK")), policy)
    assert failure is not None
    assert failure.uncertain
    return failure.why
