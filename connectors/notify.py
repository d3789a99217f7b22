"""Send messages to chat webhooks, LINE and mail. A failed delivery is returned as text and never fails a sync.

Payloads as the vendors document them: Slack and Google Chat `text`, Teams an adaptive card for its Workflows webhook,
Discord `content` (at most 2,000 characters), LINE `push` with one text (at most 5,000 characters).
"""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

from config.notify import Line, Mail, Recipient
from config.secrets import UnsetSecretError
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
    try:
        if isinstance(recipient, Mail):
            return _mail(message, recipient, policy)
        if isinstance(recipient, Line):
            headers = {"Authorization": f"Bearer {recipient.token.reveal()}"}
            return _post(line_push, payload("line", message, to=recipient.to), headers, policy)
        return _post(recipient.url.reveal(), payload(recipient.type, message), {}, policy)
    except UnsetSecretError as exc:
        return str(exc)


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

    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        return "its address is not https"
    try:
        answer = httpx.post(url, json=body, headers=headers, timeout=policy.timeout_seconds, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as exc:
        return type(exc).__name__
    return "" if answer.is_success else f"HTTP {answer.status_code}"


def _mail(message: Message, recipient: Mail, policy: Policy) -> str:
    mail = EmailMessage()
    mail["Subject"] = " ".join(message.title.split())
    mail["From"], mail["To"] = recipient.sender, ", ".join(recipient.to)
    mail.set_content("\n".join(message.lines) + "\n")
    context = ssl.create_default_context()
    try:
        if recipient.port == smtplib.SMTP_SSL_PORT:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                recipient.host, recipient.port, timeout=policy.timeout_seconds, context=context
            )
        else:
            server = smtplib.SMTP(recipient.host, recipient.port, timeout=policy.timeout_seconds)
        with server:
            if recipient.port != smtplib.SMTP_SSL_PORT and recipient.host not in _LOOPBACK:
                server.starttls(context=context)
            if recipient.user and recipient.password:
                server.login(recipient.user, recipient.password.reveal())
            server.send_message(mail)
    except (OSError, smtplib.SMTPException) as exc:
        return type(exc).__name__
    return ""
