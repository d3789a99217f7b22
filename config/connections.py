"""Built-in connection types: the address of a source and references to its credentials."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, Union

from pydantic import (
    BeforeValidator,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)

from config.connection_types import Connection, ConnectionType, failure, offered_names, offered_type
from config.errors import BrokenTypeError
from config.fields import Model, Name, SecretOrText, SecretText, Switch, Url
from config.github_connection import GitHubConnection
from config.gitlab_connection import GitLabConnection
from config.json_connection import JsonConnection
from config.measure_models import PUSHED
from config.message import Message
from config.microsoft_connection import MicrosoftConnection
from config.secrets import Secret


class JiraField(Model):
    """A custom field of Jira as a column."""

    id: str = Field(description="Its id, such as customfield_10016, or its name in Jira, such as Story Points.")
    type: Literal["text", "number", "timestamp", "list"] = Field(
        "number",
        description=(
            "What it becomes. `number`: number fields. `text`: texts, links, single choices and users by their names, "
            "cascading selects as `Parent > Child`. `timestamp`: dates, with or without a time. `list`: labels, "
            "checkboxes, and all that holds several, by their names."
        ),
    )
    level: Literal["both", "parent", "child"] | None = Field(
        None,
        description=("What to read of a cascading select (`type: text`), required; `both` is `Parent > Child`."),
    )

    @model_validator(mode="after")
    def _level_is_text(self) -> Self:
        if self.level and self.type != "text":
            raise ValueError(Message("`level` is of a cascading select; write `type: text` with it"))
        return self


_FieldText = Annotated[
    JiraField,
    BeforeValidator(lambda value: {"id": value} if isinstance(value, str) else value),
]


class JiraConnection(Connection):
    """Jira Cloud or Data Center."""

    type: Literal["jira"]
    url: Url = Field(description="The site, such as https://acme.atlassian.net.")
    deployment: Literal["cloud", "data_center"] | None = Field(
        None, description="Default: cloud where an email or a cloud_id is given, data_center otherwise."
    )
    cloud_id: str | None = Field(
        None,
        pattern=r"^[0-9A-Za-z-]+$",
        description="For scoped tokens and service accounts, which Cloud takes at its gateway only: the site's cloud "
        "id, or `auto`, which asks the site for it.",
    )
    gateway: Url = Field("https://api.atlassian.com", description="The gateway's address; for tests and proxies.")
    email: SecretOrText | None = Field(
        None, description="The account of the API token (Cloud); without one, a service account's token is sent alone."
    )
    lanes: int = Field(
        32,
        ge=1,
        le=32,
        description="Most requests under way at once; 8 at the beginning, more while Jira answers quickly.",
    )
    token: SecretText = Field(description="API token (Cloud) or personal access token (Data Center), as a reference.")
    fields: dict[Name, _FieldText] = Field(
        default_factory=dict,
        description="Custom fields as columns, by id or by name: `story_points: customfield_10016`, `squad: Squad`.",
    )

    @property
    def is_cloud(self) -> bool:
        """Whether this is Jira Cloud: the stated deployment, or else whether an email or a cloud id is given."""
        return self.deployment == "cloud" if self.deployment else bool(self.email or self.cloud_id)


class GoogleSheetsConnection(Connection):
    """Google Sheets."""

    type: Literal["google_sheets"]
    url: Url = Field("https://sheets.googleapis.com", description="The API's address; for tests and proxies.")
    token_url: Url | None = Field(None, description="Where tokens come from; for tests and proxies.")
    service_account: SecretText | None = Field(
        None, description="A reference to a key file's path or JSON; default: application default credentials."
    )
    requests_a_minute: int = Field(
        60,
        ge=1,
        description="Reads, and writes, that Google allows the account, for runs that share a PostgreSQL ledger.",
    )


class SignedConnection(JsonConnection):
    """An address that answers JSON, with each way to sign in."""

    user: SecretOrText | None = Field(None, description="The account of Basic sign-in, if there is one.")
    password: SecretText | None = Field(None, description="The password of Basic sign-in, or a token in its place.")
    params: dict[str, SecretText] = Field(
        default_factory=dict, description="Query parameters that sign in, each a reference: `api_key: $KEY`."
    )
    token_url: Url | None = Field(None, description="Where OAuth 2 client credentials get an access token.")
    client_id: SecretOrText | None = Field(None, description="The client of `token_url`.")
    client_secret: SecretText | None = Field(None, description="The client's secret, as a reference.")
    client_auth: Literal["basic", "body"] = Field("basic", description="How the client signs in at `token_url`.")
    scope: str | None = Field(None, description="The scopes to ask for, separated by spaces.")
    audience: str | None = Field(None, description="The `audience` to ask for, where the service wants one.")

    @model_validator(mode="after")
    def _signs_in_once(self) -> Self:
        oauth = {"token_url": self.token_url, "client_id": self.client_id, "client_secret": self.client_secret}
        missing = [name for name, stated in oauth.items() if stated is None]
        if 0 < len(missing) < len(oauth):
            raise ValueError(Message("signs in with `token_url`, `client_id` and `client_secret`; one is missing"))
        if missing and (self.scope or self.audience):
            raise ValueError(Message("`scope` and `audience` belong to `token_url`"))
        if self.user is not None and self.password is None:
            raise ValueError(Message("`user` needs a `password`"))
        by_header = any(name.casefold() == "authorization" for name in self.headers)
        if sum((self.token is not None, self.password is not None, not missing, by_header)) > 1:
            raise ValueError(
                Message("signs in twice; keep one of `token`, `password`, `token_url` and the header Authorization")
            )
        return self


class HttpConnection(SignedConnection):
    """Any API that answers JSON, GraphQL included."""

    type: Literal["http"]
    includes: Switch = Field(False, description="Whether measures of included files may POST, GraphQL included.")


class PrometheusConnection(SignedConnection):
    """A Prometheus server."""

    type: Literal["prometheus"]


class SqlConnection(Connection):
    """A SQL database: PostgreSQL, MySQL, MariaDB, SQLite, DuckDB, or another that SQLAlchemy has a dialect for."""

    type: Literal["sql"]
    url: SecretOrText = Field(
        description="Its address: `sqlite:///sales.db`; one with a password as a reference, such as `$REVENUE_DB`."
    )
    lanes: int = Field(4, ge=1, le=32, description="Queries under way at once.")
    includes: Switch = Field(False, description="Whether measures of included files may use it.")

    @field_validator("url")
    @classmethod
    def _no_password(cls, url: Secret | str) -> Secret | str:
        if isinstance(url, str) and (":" in url.partition("://")[2].rpartition("@")[0] or "password=" in url.lower()):
            raise ValueError(Message("a password does not belong in the config; write a reference such as $NAME"))
        return url

    @field_validator("ca_bundle")
    @classmethod
    def _is_of_the_driver(cls, ca_bundle: str | None) -> str | None:
        if ca_bundle is not None:
            raise ValueError(Message("belongs to the database's driver; write it into `url`, as ?sslrootcert=ca.pem"))
        return None


FILES = "files"
"""Name of the built-in connection for local files, which needs no entry in the config."""

BUILT_IN = (FILES, PUSHED)
"""Names that connections of the config may not have."""

CONNECTION_TYPES: Mapping[str, ConnectionType] = {
    each.name: each
    for each in (
        ConnectionType("jira", "connectors.jira.connector", JiraConnection, "docs/jira.md"),
        ConnectionType("github", "connectors.github.connector", GitHubConnection, "docs/github.md"),
        ConnectionType("gitlab", "connectors.gitlab.connector", GitLabConnection, "docs/gitlab.md"),
        ConnectionType(
            "google_sheets", "connectors.google_sheets.connector", GoogleSheetsConnection, "docs/google-sheets.md"
        ),
        ConnectionType("microsoft", "connectors.microsoft.connector", MicrosoftConnection, "docs/excel-online.md"),
        ConnectionType("sql", "connectors.sql.connector", SqlConnection, "docs/sql.md"),
        ConnectionType("http", "connectors.http_api.connector", HttpConnection, "docs/http.md"),
        ConnectionType("prometheus", "connectors.prometheus.connector", PrometheusConnection, "docs/http.md"),
        ConnectionType(FILES, "connectors.files.connector", page="docs/files.md"),
        ConnectionType(PUSHED, "connectors.pushed", page="docs/pushed-values.md"),
    )
}
"""Built-in connection types by name."""

SETTINGS = tuple(each.settings for each in CONNECTION_TYPES.values() if each.settings)


def connection_type(name: str) -> ConnectionType | None:
    """Return the connection type of that name, built in or from an installed package; None if unknown.

    Raises BrokenTypeError where an installed package offers the name but its type cannot be loaded.
    """
    return CONNECTION_TYPES.get(name) or offered_type(name)


def type_names() -> Sequence[str]:
    """Return the values that `type:` of a connection may have: built-in types first, then those of packages."""
    return list(dict.fromkeys([*(name for name, each in CONNECTION_TYPES.items() if each.settings), *offered_names()]))


def _by_type(stated: Any, built_in: ValidatorFunctionWrapHandler) -> Connection:
    """Validate a connection by the settings of its type; `built_in` reports a missing or unknown type."""
    name = stated.get("type") if isinstance(stated, dict) else None
    found = connection_type(name) if isinstance(name, str) else None
    if isinstance(stated, Connection):
        return stated
    if found is None or found.settings is None:
        made: Connection = built_in(stated)
        return made
    try:
        return found.settings.model_validate(stated)
    except ValidationError:
        raise
    except Exception as exc:
        if not found.package:
            raise
        raise BrokenTypeError(found.name, failure(exc), found.package) from exc


if TYPE_CHECKING:
    AnyConnection = Connection
else:
    AnyConnection = Annotated[Union[SETTINGS], Field(discriminator="type"), WrapValidator(_by_type)]  # noqa: UP007
