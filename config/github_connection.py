"""The connection type of GitHub: its address, how to sign in, and fields of projects as columns."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from config.connection_types import Connection
from config.fields import Model, Name, SecretText, Url
from config.message import Message
from config.secrets import Secret


class GitHubField(Model):
    """A field of GitHub's projects as a column."""

    name: str = Field(description="Its name in the project, such as Estimate.")
    type: Literal["text", "number", "timestamp", "list"] = Field(
        "number",
        description=(
            "What it becomes. `number`: number fields. `text`: texts, single selects, iterations by their titles. "
            "`timestamp`: dates, an end of an iteration. `list`: multi selects."
        ),
    )
    part: Literal["start", "end"] | None = Field(
        None,
        description=(
            "Which end of an iteration (`type: timestamp`), required: the midnight that begins its first day, or the "
            "one after its last day."
        ),
    )

    @model_validator(mode="after")
    def _part_is_a_time(self) -> Self:
        if self.part and self.type != "timestamp":
            raise ValueError(Message("`part` is of an iteration; write `type: timestamp` with it"))
        return self


_ProjectField = Annotated[
    GitHubField,
    BeforeValidator(lambda value: {"name": value} if isinstance(value, str) else value),
]


class GitHubConnection(Connection):
    """GitHub or GitHub Enterprise."""

    type: Literal["github"]
    url: Url = Field("https://api.github.com", description="GitHub Enterprise: https://host/api/v3.")
    token: SecretText | None = Field(None, description="A token that may read the repositories, as a reference.")
    app_id: str | None = Field(None, description="In place of a token: a GitHub App's id, or its client id.")
    installation_id: int | None = Field(None, description="The number of the app's installation, as its address ends.")
    private_key: SecretText | None = Field(None, description="The app's private key, such as file:app.pem.")
    fields: dict[Name, _ProjectField] = Field(
        default_factory=dict, description="Fields of projects as columns, by their names: `points: Estimate`."
    )
    points_an_hour: int = Field(
        5000, ge=1, description="What GitHub allows the token, for runs that share a PostgreSQL ledger."
    )

    @model_validator(mode="after")
    def _signs_in_once(self) -> Self:
        app = (self.app_id, self.installation_id, self.private_key)
        if any(app) and (self.token or not all(app)):
            raise ValueError(
                Message("an app signs in with `app_id`, `installation_id` and `private_key`, without `token`")
            )
        if not any(app) and not self.token:
            raise ValueError(Message("needs `token`, or `app_id`, `installation_id` and `private_key` of an app"))
        return self

    @property
    def secret(self) -> Secret:
        """The token, or the app's private key."""
        secret = self.token or self.private_key
        assert secret is not None  # noqa: S101 - the validator saw to it; this tells the type checker
        return secret
