"""Accounts at services, and the limits that the services document for the requests of one account."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from config.connection_types import Connection
from config.connections import GoogleSheetsConnection, JiraConnection
from config.github_connection import GitHubConnection
from config.secrets import Secret, UnsetSecretError

READ, WRITE = "read", "write"
"""Resources of Google Sheets: requests that read, and requests that write."""
REQUESTS = "requests"
"""Resource of Jira: all requests."""
CORE, GRAPHQL = "core", "graphql"
"""Resources of GitHub, as its headers name them: requests of REST, and points of GraphQL."""

_DEFAULT_CREDENTIALS = "application default credentials"


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that an account may use of a resource in any window of so many seconds."""

    most: int
    seconds: float


_MINUTE, _HOUR = 60, 3600
_JIRA_CLOUD = {REQUESTS: Limit(100, 1)}
"""https://developer.atlassian.com/cloud/jira/platform/rate-limiting: requests a second to one endpoint."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account whose requests a service limits together.

    Attributes:
        service: the connection's type.
        credential: what tells the account from others, such as a token. It is never shown or stored.
        limits: documented limits by resource; a resource without one is limited by what the service answers alone.
    """

    service: str
    credential: str = field(repr=False)
    limits: Mapping[str, Limit] = field(default_factory=dict, compare=False, hash=False)


def account_of(connection: Connection | None, base_dir: Path) -> Account | None:
    """Return the account that a connection uses; None for a service without limits or a credential that is not set.

    Limits by default are those of https://developers.google.com/workspace/sheets/api/limits (a service account is a
    user) and https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api.
    """
    with suppress(UnsetSecretError):
        match connection:
            case GoogleSheetsConnection():
                limit = Limit(connection.requests_a_minute, _MINUTE)
                credential = f"{connection.url} {_google_account(connection, base_dir)}"
                return Account("google_sheets", credential, {READ: limit, WRITE: limit})
            case GitHubConnection():
                own_server = connection.url.endswith("/api/v3")  # Enterprise Server sets limits of its own, or none
                limit = Limit(connection.points_an_hour, _HOUR)
                account = connection.installation_id or connection.secret.reveal()
                credential = f"{connection.url} {account}"
                return Account("github", credential, {} if own_server else {CORE: limit, GRAPHQL: limit})
            case JiraConnection():
                email = connection.email.reveal() if isinstance(connection.email, Secret) else connection.email
                credential = f"{connection.url} {email} {connection.token.reveal()}"
                return Account("jira", credential, _JIRA_CLOUD if connection.is_cloud else {})
    return None


def _google_account(connection: GoogleSheetsConnection, base_dir: Path) -> str:
    """Return the e-mail address of a service account; all keys of an account share its quota."""
    secret = connection.service_account
    if secret is None:
        return _DEFAULT_CREDENTIALS
    text = secret.reveal()
    with suppress(OSError, ValueError, RuntimeError):
        key = json.loads(text if text.startswith("{") else secret.read_key(text, base_dir))
        return str(key["client_email"]) if isinstance(key, dict) and "client_email" in key else text
    return text
