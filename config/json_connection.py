"""Connections to services that answer JSON: an address, a token, headers."""

import re
from dataclasses import replace

from pydantic import Field, field_validator

from config.connection_types import Connection
from config.fields import HeaderText, SecretText, Url
from config.secrets import Secret

_CREDENTIAL = re.compile("auth|key|token|secret|pass|cookie|sign|session", re.IGNORECASE)
"""Pattern found in the names of headers that carry credentials."""


class JsonConnection(Connection):
    """An address that answers JSON."""

    url: Url = Field(description="The origin; a measure's `url` is a path below it.")
    token: SecretText | None = Field(None, description="Sent as a bearer token.")
    headers: dict[str, HeaderText] = Field(
        default_factory=dict,
        description="Further headers, each a reference; a version, a date or a media type may be plain text.",
    )

    @field_validator("headers")
    @classmethod
    def _tenants(cls, headers: dict[str, Secret | str]) -> dict[str, Secret | str]:
        """Allow short values in headers whose names indicate no credential, such as X-Scope-OrgID."""
        return {
            name: replace(value, may_be_short=not _CREDENTIAL.search(name)) if isinstance(value, Secret) else value
            for name, value in headers.items()
        }
