"""Recipients of digests and alerts: chat rooms by webhook, LINE by its Messaging API, mail."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from config.fields import Model, SecretText, Texts

Kind = Literal["digest", "alert"]
Kinds = Annotated[tuple[Kind, ...], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]


class _Recipient(Model):
    when: Kinds = Field(("digest", "alert"), description="digest: `okrsync notify`; alert: a sync that failed.")


class Webhook(_Recipient):
    """A room of Slack, Teams, Google Chat or Discord, by its incoming webhook. The address is a secret."""

    type: Literal["slack", "teams", "google_chat", "discord"]
    url: SecretText = Field(description="The webhook's address, as a reference.")


class Line(_Recipient):
    """A person or a group in LINE, through a channel of the Messaging API."""

    type: Literal["line"]
    token: SecretText = Field(description="The channel's access token, as a reference.")
    to: str = Field(description="The id of the person, group or room.")


class Mail(_Recipient):
    """Mail over SMTP with TLS."""

    type: Literal["mail"]
    host: str = Field(description="The SMTP server.")
    port: int = Field(587, ge=1, le=65535, description="587: STARTTLS; 465: TLS from the start.")
    user: str | None = Field(None, description="The account's name; left out: none.")
    password: SecretText | None = Field(None, description="Its password, as a reference.")
    sender: str = Field(description="The From address.")
    to: Texts = Field(min_length=1, description="The addresses it goes to.")


Recipient = Annotated[Webhook | Line | Mail, Field(discriminator="type")]
