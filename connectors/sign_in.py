"""Sign-in of a JSON connection: headers and query parameters, stated or of an access token."""

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Protocol
from urllib.parse import urlencode

from config.connections import SignedConnection
from config.dataclass import dataclass
from config.errors import AuthError, SourceError
from config.json_connection import JsonConnection
from config.masking import keep_secret
from config.message import Message
from config.secrets import Secret, UnsetSecretError

_EFFECT = Message("Its key results were left as they were.")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SHORTEST_SECRET = 4


class Tokens(Protocol):
    """Access tokens of a connection."""

    def current(self, doing: str) -> str:
        """Return a valid access token, asked for if there is none. Raises SourceError."""

    def refuse(self, token: str) -> bool:
        """Forget a token that the service refused; return whether another may be asked for."""

    def close(self) -> None:
        """Close the connections."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """What signs each request in. `secrets` are the values to mask, the longest first."""

    headers: Mapping[str, str]
    params: Mapping[str, str]
    secrets: Sequence[str]
    tokens: Tokens | None = None

    def signed(self, address: str) -> str:
        """Return an address with the query parameters that sign in, in place of any of the same names."""
        if not self.params:
            return address
        route, _, query = address.partition("?")
        kept = [part for part in query.split("&") if part and part.partition("=")[0] not in self.params]
        return f"{route}?{'&'.join([*kept, urlencode(self.params)])}"


def stated_sign_in(connection: JsonConnection, doing: str, tokens: Tokens | None = None) -> SignIn:
    """Return the sign-in that a connection states. Raises SourceError: an unset or unusable secret, a header's name."""
    headers: dict[str, str] = {}
    params: dict[str, str] = {}
    secrets: list[str] = []
    if connection.token:
        value = revealed(connection.token, "Authorization", doing)
        headers["Authorization"] = f"Bearer {value}"
        secrets.append(value)
    if isinstance(connection, SignedConnection):
        if connection.password:
            headers["Authorization"], password = _basic(connection, doing)
            secrets += [headers["Authorization"].partition(" ")[2], password]
        params = {name: revealed(secret, name, doing) for name, secret in connection.params.items()}
        secrets += params.values()
    for header, stated in connection.headers.items():
        if not _HEADER_NAME.fullmatch(header):
            raise SourceError(doing, Message("{header!r} is not the name of a header", header=header), effect=_EFFECT)
        headers[header] = value = revealed(stated, header, doing)
        if isinstance(stated, Secret):
            secrets += [value, value.rpartition(" ")[2]]
    shown = sorted({secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}, key=len, reverse=True)
    return SignIn(headers, params, shown, tokens)


def _basic(connection: SignedConnection, doing: str) -> tuple[str, str]:
    """Return the header of Basic sign-in (RFC 7617), and the password."""
    user = revealed(connection.user, "Authorization", doing) if connection.user else ""
    password = revealed(connection.password or "", "Authorization", doing)
    if ":" in user:
        raise AuthError(doing, Message("`user` holds a colon"), effect=_EFFECT, advice=Message("Correct `user`."))
    return basic_header(user, password), password


def basic_header(user: str, password: str) -> str:
    """Return the value of `Authorization` for an account and a password, and register it to be masked."""
    packed = base64.b64encode(f"{user}:{password}".encode()).decode()
    keep_secret(packed)
    return f"Basic {packed}"


def revealed(secret: Secret | str, place: str, doing: str) -> str:
    """Return the value of a secret for a header or parameter. Raises AuthError."""
    if not isinstance(secret, Secret):
        return secret
    try:
        value = secret.reveal()
    except UnsetSecretError as exc:
        raise AuthError(
            doing, str(exc), effect=_EFFECT, advice=Message("Set {secret}, or change the connection.", secret=secret)
        ) from None
    if not value.isascii() or not value.isprintable():
        saw = Message("{secret} holds characters that the header {header} cannot carry", secret=secret, header=place)
        raise AuthError(doing, saw, effect=_EFFECT, advice="A line break or a quote may have been copied with it.")
    return value
