"""Send messages to chat webhooks, LINE and mail. A failed delivery is returned as text and never fails a sync.

Payloads as the vendors document them: Slack and Google Chat `text`, Teams an adaptive card for its Workflows webhook,
Discord `content` (at most 2,000 characters), LINE `push` with one text (at most 5,000 characters).
"""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, cast
from urllib.parse import urlsplit

from config.masking import mask
from config.notify import Line, Mail, Recipient
from config.secrets import UnsetSecretError
from connectors.bounds import NOTICES, EndedError, Exchange, incoming
from connectors.http import Policy

LINE_PUSH = "https://api.line.me/v2/bot/message/push"
LONGEST = {"discord": 2000, "line": 5000}
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a title and plain lines, without markup."""

    title: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """Title and lines as one plain text."""
        return "\n".join([self.title, *self.lines])


def send(message: Message, recipient: Recipient, policy: Policy, *, line_push: str = LINE_PUSH) -> str:
    """Send a message once; return why the delivery failed, without secrets, or an empty text."""
    message = Message(mask(message.title), mask(message.lines))
    try:
        if isinstance(recipient, Mail):
            return _mail(message, recipient, policy)
        if isinstance(recipient, Line):
            headers = {"Authorization": f"Bearer {recipient.token.reveal()}"}
            return _post(line_push, payload("line", message, to=recipient.to), headers, policy)
        return _post(recipient.url.reveal(), payload(recipient.type, message), {}, policy)
    except UnsetSecretError as exc:
        return str(exc)
    except Exception as exc:  # noqa: BLE001 - whatever a service answers, a message never fails a sync
        return type(exc).__name__


def payload(kind: str, message: Message, to: str = "") -> dict[str, Any]:
    """Build the JSON body for a kind of recipient; mentions and markup in the text are neutralized.

    `to` is the recipient's id, for `line` only. The text is cut to the service's maximum length.
    """
    text = _cut(harmless(kind, message.text), LONGEST.get(kind, 20_000))
    match kind:
        case "discord":
            return {"content": text, "allowed_mentions": {"parse": []}}
        case "line":
            return {"to": to, "messages": [{"type": "text", "text": text}]}
        case "teams":
            blocks = [{"type": "TextBlock", "text": line, "wrap": True} for line in text.split("\n") if line]
            card = {"type": "AdaptiveCard", "version": "1.4", "body": blocks}
            kind_ = "application/vnd.microsoft.card.adaptive"
            return {"type": "message", "attachments": [{"contentType": kind_, "content": card}]}
        case _:
            return {"text": text}


_MARKS = {"slack": "*_~`", "discord": "*_~`|>#[]()", "google_chat": "*_~`", "teams": "*_~`[]()#>"}


def harmless(kind: str, text: str) -> str:
    """Escape mentions and markup, so that the service shows the text literally."""
    if kind == "slack":
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    elif kind == "google_chat":
        text = text.replace("<", "‹").replace(">", "›")
    if kind in ("discord", "teams"):
        return "".join(f"\\{char}" if char in _MARKS[kind] else char for char in text)
    marks = _MARKS.get(kind, "")
    return "".join(f"\u200b{char}" if char in marks else char for char in text)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _post(url: str, body: dict[str, Any], headers: dict[str, str], policy: Policy) -> str:
    import httpx

    from connectors.bounded_httpx import BoundedTransport

    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        return "its address is not https"
    transport = BoundedTransport(url, lambda: policy.message_seconds, NOTICES, clock=policy.clock)
    try:
        with httpx.Client(transport=transport) as client:
            answer = client.post(url, json=body, headers=headers)
    except (httpx.HTTPError, EndedError) as exc:
        return _reason(exc)
    return "" if answer.is_success else f"HTTP {answer.status_code}"


class _TimedReplies:
    """Part of an SMTP client: all replies together end at one deadline."""

    def __init__(self, exchange: Exchange, *given: Any, **more: Any) -> None:
        self.exchange = exchange
        super().__init__(*given, **more)

    def getreply(self) -> tuple[int, bytes]:
        """Read one reply, which may have any number of lines."""
        client = cast("Any", self)
        if client.file is None and client.sock is not None:
            client.file = incoming(client.sock, self.exchange)
        return cast("tuple[int, bytes]", cast("Any", super()).getreply())


class _Smtp(_TimedReplies, smtplib.SMTP):
    pass


class _SmtpOverTls(_TimedReplies, smtplib.SMTP_SSL):
    pass


def _mail(message: Message, recipient: Mail, policy: Policy) -> str:
    mail = EmailMessage()
    mail["Subject"] = " ".join(message.title.split())
    mail["From"], mail["To"] = recipient.sender, ", ".join(recipient.to)
    mail.set_content("\n".join(message.lines) + "\n")
    context = ssl.create_default_context()
    exchange = Exchange(policy.message_seconds, NOTICES, policy.clock)
    given = (exchange, recipient.host, recipient.port)
    over_tls = recipient.port == smtplib.SMTP_SSL_PORT
    try:
        with (
            _SmtpOverTls(*given, timeout=policy.message_seconds, context=context)
            if over_tls
            else _Smtp(*given, timeout=policy.message_seconds)
        ) as server:
            if not over_tls and recipient.host not in _LOOPBACK:
                server.starttls(context=context)
            if recipient.user and recipient.password:
                server.login(recipient.user, recipient.password.reveal())
            server.send_message(mail)
    except (OSError, smtplib.SMTPException) as exc:
        return _reason(exchange.fault or exc)
    return ""


def _reason(exc: Exception) -> str:
    """Return why a delivery failed: the limit that ended it, else only the exception's name, as texts may hold keys."""
    return str(exc.args[0]) if isinstance(exc, EndedError) else type(exc).__name__
