"""The connection type of Microsoft 365: an app registration that reads and writes files."""

from typing import Literal

from pydantic import Field

from config.connection_types import Connection
from config.fields import SecretOrText, SecretText, Url


class MicrosoftConnection(Connection):
    """OneDrive and SharePoint, through Microsoft Graph."""

    type: Literal["microsoft"]
    tenant: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$",
        description="The organisation's directory: its id, or its domain such as contoso.onmicrosoft.com.",
    )
    client_id: SecretOrText = Field(description="The app registration's application (client) id.")
    client_secret: SecretText = Field(description="The value of a client secret of the app, as a reference.")
    url: Url = Field(
        "https://graph.microsoft.com/v1.0", description="Microsoft Graph; another for a national cloud and tests."
    )
    token_url: Url = Field(
        "https://login.microsoftonline.com",
        description="Where access tokens come from, without the tenant; another for a national cloud and tests.",
    )
    lanes: int = Field(4, ge=1, le=32, description="Files read at once.")
