"""Accounts at services, and the limits that the services document for the requests of one account."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field
from pathlib import Path

from config.connection_types import Connection
from config.connections import GoogleSheetsConnection, JiraConnection, SignedConnection
from config.dataclass import dataclass
from config.github_connection import GitHubConnection
from config.gitlab_connection import GitLabConnection
from config.json_connection import JsonConnection
from config.microsoft_connection import MicrosoftConnection
from config.secrets import Secret, UnsetSecretError

READ, WRITE = "read", "write"
"""Resources of Google Sheets: requests that read, and requests that write."""
REQUESTS = "requests"
"""Resource of Jira, GitLab and other JSON services: all requests."""
CORE, GRAPHQL = "core", "graphql"
"""Resources of GitHub, as its headers name them: requests of REST, and points of GraphQL."""

_SIGNS_IN = (
    "token", "headers", "user", "password", "params", "token_url", "client_id", "client_secret", "scope", "audience",
)  # fmt: skip
"""Options of a JSON connection that tell its account from others."""
_DEFAULT_CREDENTIALS = "application default credentials"


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that an account may use of a resource in any window of so many seconds."""

    most: int
    seconds: float


_MINUTE, _HOUR = 60, 3600
_GITLAB_COM = "https://gitlab.com"
_GITLAB_COM_A_MINUTE = 2000
"""https://docs.gitlab.com/user/gitlab_com/rate_limits: authenticated API requests of a user."""
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
    user) and https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api. Microsoft Graph, which
    limits an app of a tenant, and other JSON services have no limit but what they answer; an address without sign-in
    has no account.
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
            case GitLabConnection():
                most = connection.requests_a_minute or (_GITLAB_COM_A_MINUTE if connection.url == _GITLAB_COM else 0)
                credential = f"{connection.url} {_signs_in(connection)}"
                return Account("gitlab", credential, {REQUESTS: Limit(most, _MINUTE)} if most else {})
            case MicrosoftConnection():
                app = connection.client_id
                app = app.reveal() if isinstance(app, Secret) else app
                return Account("microsoft", f"{connection.url} {connection.tenant} {app}")
            case SignedConnection() if signs_in := _signs_in(connection):
                return Account(connection.type, f"{connection.url} {signs_in}")
    return None


def _signs_in(connection: JsonConnection) -> str:
    """Return all that signs a connection in, as JSON; empty where nothing does. Raises UnsetSecretError."""
    stated = {name: _revealed(value) for name in _SIGNS_IN if (value := getattr(connection, name, None))}
    return json.dumps(stated, sort_keys=True) if stated else ""


def _revealed(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _revealed(inner) for name, inner in value.items()}
    return value.reveal() if isinstance(value, Secret) else str(value)


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
