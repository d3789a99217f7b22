"""Send messages as mail over SMTP with TLS; all replies of a server together end at one deadline."""

import smtplib
import socket
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from typing import Any, cast

from config.message import Message as Words
from config.notify import Mail
from connectors.bounds import NOTICES, Exchange, ForeignAddressError, incoming
from connectors.http import Policy
from connectors.messages import Message
from connectors.name_lookup import addresses
from connectors.notify import LOOPBACK, Failure, reason_of

_NEVER_SENT = (
    ConnectionRefusedError,
    ForeignAddressError,
    ssl.SSLError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPNotSupportedError,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPDataError,
)


class _TimedReplies:
    """Part of an SMTP client: all replies together end at one deadline."""

    def __init__(self, exchange: Exchange, *given: Any, **more: Any) -> None:
        self.exchange = exchange
        super().__init__(*given, **more)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Connect to the first address that answers."""
        fault: OSError | None = None
        for address in addresses(host, port, self.exchange):
            try:
                return cast("socket.socket", cast("Any", super())._get_socket(address, port, timeout))  # noqa: SLF001 - smtplib's
            except OSError as exc:
                fault = exc
        raise fault or OSError(Words("{host} has no address", host=host))

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


def send_mail(message: Message, recipient: Mail, policy: Policy, to: Sequence[str]) -> Failure | None:
    """Send a message to these addresses through a recipient's server. Raises UnsetSecretError."""
    context = ssl.create_default_context()
    exchange = Exchange(policy.message_seconds, NOTICES.within(recipient.reach), policy.clock)
    given = (exchange, recipient.host, recipient.port)
    over_tls = recipient.port == smtplib.SMTP_SSL_PORT
    try:
        with (
            _SmtpOverTls(*given, timeout=policy.message_seconds, context=context)
            if over_tls
            else _Smtp(*given, timeout=policy.message_seconds)
        ) as server:
            if not over_tls and recipient.host not in LOOPBACK:
                server.starttls(context=context)
            if recipient.user and recipient.password:
                server.login(recipient.user, recipient.password.reveal())
            refused = server.send_message(_mail(message, recipient.sender, to))
    except (OSError, smtplib.SMTPException) as exc:
        return Failure(reason_of(exchange.fault or exc), uncertain=not isinstance(exc, _NEVER_SENT))
    return Failure(Words("the server refused {addresses}", addresses=sorted(refused))) if refused else None


def _mail(message: Message, sender: str, to: Sequence[str]) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = " ".join(message.title.split())
    mail["From"], mail["To"] = sender, ", ".join(to)
    mail["Date"], mail["Message-ID"] = (
        formatdate(localtime=True),
        make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2] or None),
    )
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body + "\n")
    return mail
