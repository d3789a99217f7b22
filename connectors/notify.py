"""Send messages to chat webhooks, Slack's and LINE's APIs and mail. A failed delivery is returned, never raised."""

from typing import Any
from urllib.parse import urlsplit

from config.dataclass import dataclass
from config.masking import mask
from config.message import Message as Words
from config.notify import Line, Mail, Recipient, Slack
from config.secrets import Secret, UnsetSecretError
from connectors.bounds import NOTICES, Bounds, EndedError, ForeignAddressError
from connectors.http import Policy
from connectors.messages import Message, payload

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Services:
    """Addresses of the services that have one address for everybody."""

    line: str = "https://api.line.me/v2/bot/message/push"
    slack: str = "https://slack.com/api/chat.postMessage"


SERVICES = Services()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a message was not delivered, without secrets; `uncertain`: whether it arrived is not known."""

    why: str
    uncertain: bool = False


def send(message: Message, recipient: Recipient, policy: Policy, owner: str = "") -> Failure | None:
    """Send a message once: to the recipient's room, or to the owner whose address it states."""
    message = message.mapped(mask)
    try:
        if isinstance(recipient, Mail):
            from connectors.notify_mail import send_mail  # smtplib only where it is used

            return send_mail(message, recipient, policy, [recipient.owners[owner]] if owner else recipient.to)
        return _post(message, recipient, policy, owner)
    except UnsetSecretError as exc:
        return Failure(str(exc))
    except Exception as exc:  # noqa: BLE001 - whatever a service answers, a message never fails a sync
        return Failure(type(exc).__name__, uncertain=True)


def _post(message: Message, recipient: Recipient, policy: Policy, owner: str) -> Failure | None:
    assert not isinstance(recipient, Mail)  # noqa: S101 - for the type checker
    body, headers = payload(recipient.type, message), {}
    if isinstance(recipient, Line):
        url, body["to"] = SERVICES.line, recipient.owners[owner] if owner else recipient.to
        headers = _bearer(recipient.token)
    elif isinstance(recipient, Slack) and owner:
        url, body["channel"] = SERVICES.slack, recipient.owners[owner]
        headers = _bearer(recipient.token)
    else:
        stated = recipient.owners[owner] if owner and recipient.type == "teams" else recipient.url
        assert isinstance(stated, Secret)  # noqa: S101 - `takes` and `name_of` looked
        url = stated.reveal()
    return _sent(url, body, headers, policy, NOTICES.within(recipient.reach))


def _bearer(token: Secret | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token.reveal()}"} if token else {}


def _sent(url: str, body: dict[str, Any], headers: dict[str, str], policy: Policy, bounds: Bounds) -> Failure | None:
    import httpx

    from connectors.bounded_httpx import BoundedTransport

    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        return Failure("its address is not https")
    never_sent = (httpx.ConnectError, httpx.UnsupportedProtocol, ForeignAddressError)
    transport = BoundedTransport(url, lambda: policy.message_seconds, bounds, clock=policy.clock)
    try:
        with httpx.Client(transport=transport) as client:
            answer = client.post(url, json=body, headers=headers)
    except (httpx.HTTPError, EndedError) as exc:
        return Failure(reason_of(exc), uncertain=not isinstance(exc, never_sent))
    if not answer.is_success:
        return Failure(f"HTTP {answer.status_code}", uncertain=answer.is_server_error)
    return _refused_by_slack(answer.content) if url == SERVICES.slack else None


def _refused_by_slack(content: bytes) -> Failure | None:
    """Return why Slack's API refused a message: it answers HTTP 200 with `ok: false` and an error code."""
    import json

    try:
        answer = json.loads(content)
    except ValueError:
        return Failure("its answer is not JSON", uncertain=True)
    if isinstance(answer, dict) and answer.get("ok") is True:
        return None
    code = str(answer.get("error", ""))[:60] if isinstance(answer, dict) else ""
    return Failure(Words("Slack answers {code}", code=code or "no"))


def reason_of(exc: BaseException) -> str:
    """Return why a delivery failed: the limit that ended it, else only the exception's name, as texts may hold keys."""
    return str(exc.args[0]) if isinstance(exc, EndedError) else type(exc).__name__
