"""GitHub and GitHub Enterprise as a source: issues, pull requests, projects, deployments, workflow runs and more.

PyGithub is imported only when a source is opened.
"""

from collections.abc import Mapping

from config.errors import SourceError
from config.message import Message
from config.models import Connection, GitHubConnection
from config.secrets import UnsetSecretError
from config.tables import Table
from connectors.github.tables import TABLES, tables_with
from connectors.http import trusted_certificates
from connectors.protocol import Source
from connectors.registry import Context


def tables(connection: Connection | None = None) -> Mapping[str, Table]:
    """Return the tables by name, with fields of projects as the connection states them."""
    return tables_with(connection.fields) if isinstance(connection, GitHubConnection) else TABLES


def open_source(name: str, connection: Connection | None, context: Context) -> Source:
    """Open a source without sending a request. Raises SourceError: unset secret or unreadable `ca_bundle`."""
    from connectors.github.client import GitHubClient
    from connectors.github.errors import EFFECT
    from connectors.github.source import GitHubSource

    if not isinstance(connection, GitHubConnection):
        raise TypeError(Message("connection {name!r} is not a GitHub connection", name=name))
    try:
        secret = connection.secret.reveal()
    except UnsetSecretError as exc:
        field = "token" if connection.token else "private_key"
        advice = Message("Set it, or change connections.{name}.{field}.", name=name, field=field)
        raise SourceError(
            Message("github '{name}': opening", name=name), str(exc), effect=EFFECT, advice=advice
        ) from exc
    doing = Message("github '{name}': reading connections.{name}.ca_bundle", name=name)
    bundle = trusted_certificates(doing, connection.ca_bundle, context.base_dir)
    connection = connection.model_copy(update={"ca_bundle": bundle})
    return GitHubSource(GitHubClient(name, connection, secret, context))
