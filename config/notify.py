"""Recipients of digests, alerts and reminders: chat rooms and people, by webhook, Slack bot, LINE or mail."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from config.fields import Model, SecretText, Texts
from config.message import Message
from config.reach import Outgoing
from config.secrets import Secret

Kind = Literal["digest", "alert"]
Kinds = Annotated[tuple[Kind, ...], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]


def owner_key(owner: str) -> str:
    """Return an owner's name as compared: without case and outer spaces."""
    return " ".join(owner.split()).casefold()


def _page(text: str) -> str:
    """Validate the address of a page for people, which no credential is sent to. Raises ValueError."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or any(char.isspace() for char in text.strip()):
        raise ValueError(Message("is not an address; write https://host/path"))
    if parts.username or parts.password:
        raise ValueError(Message("an address must not contain credentials; everyone who gets a message can read it"))
    return text.strip()


class Report(Model):
    """Where people find the report that a schedule publishes."""

    url: Annotated[str, AfterValidator(_page)] | None = Field(
        None, description="Its address: digests and reminders link to it."
    )


class _Recipient(Outgoing):
    when: Kinds = Field(("digest", "alert"), description="digest: `okrsync notify`; alert: a sync that failed.")

    def takes(self, kind: Kind) -> bool:
        """Whether digests or alerts go to it: its room or addresses are stated, and `when` names the kind."""
        return kind in self.when and self.has_room

    @property
    def has_room(self) -> bool:
        """Whether a room or addresses are stated, not only owners."""
        return True

    @property
    def people(self) -> Mapping[str, str | Secret]:
        """The addresses of owners by their names; empty where the type reaches no person."""
        return getattr(self, "owners", {})

    def name_of(self, owner: str) -> str:
        """Return the name under which an owner's address is stated, compared without case; empty without one."""
        return next((name for name in self.people if owner_key(name) == owner_key(owner)), "")


class _RoomOrOwners(_Recipient):
    @model_validator(mode="after")
    def _someone(self) -> Self:
        if not self.has_room and not self.people:
            room = "url" if hasattr(self, "url") else "to"
            raise ValueError(
                Message("needs `{room}` (a room or addresses), `owners` (whom to remind), or both", room=room)
            )
        return self


class Slack(_RoomOrOwners):
    """Slack: a room by its incoming webhook, and owners by direct messages of a bot."""

    type: Literal["slack"]
    url: SecretText | None = Field(None, description="The room's incoming webhook, as a reference.")
    token: SecretText | None = Field(None, description="For `owners`: a bot token with the scope chat:write.")
    owners: dict[str, str] = Field(
        default_factory=dict, description="Whom to remind: each owner's member id, such as U012AB3CD."
    )

    @property
    def has_room(self) -> bool:
        """Whether a webhook is stated."""
        return self.url is not None

    @model_validator(mode="after")
    def _bot(self) -> Self:
        if self.owners and self.token is None:
            raise ValueError(Message("`owners` needs `token`: a bot token, since a webhook reaches only its room"))
        return self


class Teams(_RoomOrOwners):
    """Teams: a room, and owners in their own chat with Workflows, by webhooks. Each address is a secret."""

    type: Literal["teams"]
    url: SecretText | None = Field(None, description="The room's webhook, as a reference.")
    owners: dict[str, SecretText] = Field(
        default_factory=dict, description="Whom to remind: the webhook of each owner's own workflow, as a reference."
    )

    @property
    def has_room(self) -> bool:
        """Whether the room's webhook is stated."""
        return self.url is not None


class Webhook(_Recipient):
    """A room of Google Chat or Discord, by its incoming webhook. The address is a secret."""

    type: Literal["google_chat", "discord"]
    url: SecretText = Field(description="The webhook's address, as a reference.")


class Line(_RoomOrOwners):
    """People and groups in LINE, through a channel of the Messaging API."""

    type: Literal["line"]
    token: SecretText = Field(description="The channel's access token, as a reference.")
    to: str | None = Field(None, description="The id of the person, group or room.")
    owners: dict[str, str] = Field(
        default_factory=dict, description="Whom to remind: each owner's user id, such as U4af4980629..."
    )

    @property
    def has_room(self) -> bool:
        """Whether `to` is stated."""
        return self.to is not None


class Mail(_RoomOrOwners):
    """Mail over SMTP with TLS."""

    type: Literal["mail"]
    host: str = Field(description="The SMTP server.")
    port: int = Field(587, ge=1, le=65535, description="587: STARTTLS; 465: TLS from the start.")
    user: str | None = Field(None, description="The account's name; default: none.")
    password: SecretText | None = Field(None, description="Its password, as a reference.")
    sender: str = Field(description="The From address.")
    to: Texts = Field((), description="The addresses it goes to.")
    owners: dict[str, str] = Field(default_factory=dict, description="Whom to remind: each owner's address.")

    @property
    def has_room(self) -> bool:
        """Whether `to` is stated."""
        return bool(self.to)


Recipient = Annotated[Slack | Teams | Webhook | Line | Mail, Field(discriminator="type")]
RECIPIENTS: tuple[type[Model], ...] = (Slack, Teams, Webhook, Line, Mail)
"""The models of all kinds of recipients."""
