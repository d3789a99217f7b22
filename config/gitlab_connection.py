"""The connection type of GitLab: its address and token."""

from typing import Literal

from pydantic import Field

from config.fields import SecretText, Url
from config.json_connection import JsonConnection


class GitLabConnection(JsonConnection):
    """GitLab.com or a GitLab of one's own."""

    type: Literal["gitlab"]
    url: Url = Field("https://gitlab.com", description="The address of GitLab, without /api/v4.")
    token: SecretText = Field(
        description="A personal, project or group access token with the scope read_api, as a reference."
    )
    requests_a_minute: int | None = Field(
        None,
        ge=1,
        description="What GitLab allows the token's account, for runs that share a PostgreSQL ledger; default: 2000 at "
        "GitLab.com, else what GitLab answers.",
    )
