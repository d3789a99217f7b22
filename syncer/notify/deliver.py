"""Deliver a message to the recipients of a workspace that take its kind."""

from config.dataclass import dataclass
from config.notify import Kind, Recipient
from connectors.messages import Message
from connectors.notify import Failure, send
from syncer.run.workspace import Opened


@dataclass(frozen=True, slots=True)
class Lost:
    """A message that was not delivered: the recipient's name in the config, the owner of a reminder, and why."""

    recipient: str
    failure: Failure
    owner: str = ""


def recipients_of(opened: Opened, kind: Kind) -> list[tuple[str, Recipient]]:
    """Return the recipients that take digests or alerts, with their names, in config order."""
    return [(name, one) for name, one in opened.config.workspace.notify.items() if one.takes(kind)]


def send_digest(opened: Opened, message: Message) -> tuple[list[str], list[Lost]]:
    """Send a digest to all who take it; return the names of those who got it, and what was lost."""
    sent, lost = [], []
    for name, recipient in recipients_of(opened, "digest"):
        failure = send(message, recipient, opened.context.policy)
        if failure is None:
            sent.append(name)
        else:
            lost.append(Lost(name, failure))
    return sent, lost
