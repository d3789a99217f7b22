"""Access tokens of OAuth 2 client credentials (RFC 6749, 4.4): asked for once per run, and again when they expire."""

import math
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote_plus

from config.connections import SignedConnection
from config.errors import AuthError, SourceError, TransientSourceError
from config.masking import keep_secret
from config.message import Message
from connectors import json_rows
from connectors.bounds import NOTICES
from connectors.http import RetryPolicy, error_for_status, metered, shorten
from connectors.httpx_client import EFFECT, fault_of, faults, open_httpx
from connectors.registry import Context
from connectors.sign_in import basic_header, revealed

_EARLY_SECONDS = 30.0
"""How long before its end a token is no longer used: a request may be under way for a while."""
_MOST_REFUSALS = 3
_OK = 200
_CLIENT_ERRORS = range(400, 500)


class ClientCredentials:
    """The access tokens of one connection. Thread-safe; after a failure nothing more is asked for in the run."""

    def __init__(self, name: str, connection: SignedConnection, context: Context, patience: RetryPolicy) -> None:
        """Open the client without sending a request. Raises SourceError: an unset secret."""
        self._name = name
        self._url = str(connection.token_url)
        self._doing = Message(
            "{type} {name!r}: asking {url} for an access token", type=connection.type, name=name, url=self._url
        )
        self._form, self._headers = _form(connection, self._doing)
        self._meter = context.meter
        self._clock = context.policy.clock
        self._patience = patience
        self._client = open_httpx(self._url, connection, context, self._doing, patience.request_seconds, NOTICES)
        self._lock = threading.Lock()
        self._token = ""
        self._ends = 0.0
        self._refused = 0
        self._failure: SourceError | None = None

    def current(self, doing: str) -> str:
        """Return a valid access token, asked for if there is none. Raises SourceError, which is not to be retried."""
        with self._lock:
            if self._token and self._clock() < self._ends:
                return self._token
            if self._failure is None:
                try:
                    self._patience.call(self._ask, self._doing)
                except SourceError as exc:
                    self._failure = exc
            if (found := self._failure) is not None:
                kind = SourceError if isinstance(found, TransientSourceError) else type(found)
                saw = Message("{what}: {saw}", what=Message("no access token from {url}", url=self._url), saw=found.saw)
                raise kind(doing, saw, effect=found.effect, advice=found.advice)
            return self._token

    def refuse(self, token: str) -> bool:
        """Forget a token that the service refused; return whether another may be asked for."""
        with self._lock:
            if self._token == token:
                self._token = ""
                self._refused += 1
            return self._refused < _MOST_REFUSALS

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask(self) -> None:
        asked_at = self._clock()
        try:
            with metered(self._meter, self._name, "token") as received:
                response = self._client.post(self._url, data=self._form, headers=self._headers)
                received(len(response.content))
        except faults() as exc:
            raise fault_of(exc, self._doing, self._name, self._advice()) from exc
        document = _document(response.content)
        if response.status_code != _OK:
            raise self._refusal(response.status_code, document, response.headers)
        token, kind = document.get("access_token"), document.get("token_type", "bearer")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise SourceError(
                self._doing, Message("the answer has no access token"), effect=EFFECT, advice=self._advice()
            )
        if str(kind).casefold() != "bearer":
            saw = Message("the access token is of the type {kind}, not bearer", kind=shorten(str(kind)))
            raise SourceError(self._doing, saw, effect=EFFECT, advice=self._advice())
        keep_secret(token)
        seconds = _seconds(document.get("expires_in"))
        self._token, self._ends = token, asked_at + max(seconds - _EARLY_SECONDS, seconds / 2)

    def _refusal(self, status: int, document: Mapping[str, object], headers: Mapping[str, str]) -> SourceError:
        """Create the error for a status; a client that is refused is told by 400 as well (RFC 6749, 5.2)."""
        parts = (document.get(key) for key in ("error", "error_description"))
        reason = ": ".join(shorten(part) for part in parts if isinstance(part, str))
        error = error_for_status(
            self._doing, status, reason, advice=self._advice(), headers=headers, now=datetime.now(UTC)
        )
        if status in _CLIENT_ERRORS and not isinstance(error, TransientSourceError):
            return AuthError(self._doing, error.saw, effect=error.effect, advice=error.advice)
        return error

    def _advice(self) -> str:
        return Message(
            "Check `token_url`, `client_id`, `client_secret`, `client_auth` and `scope` of the connection {name!r}.",
            name=self._name,
        )


def _form(connection: SignedConnection, doing: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the form and the headers of a token request. Raises AuthError: an unset secret."""
    user = revealed(connection.client_id or "", "Authorization", doing)
    secret = revealed(connection.client_secret or "", "Authorization", doing)
    form = {"grant_type": "client_credentials"}
    form |= {"scope": connection.scope} if connection.scope else {}
    form |= {"audience": connection.audience} if connection.audience else {}
    if connection.client_auth == "body":
        return {**form, "client_id": user, "client_secret": secret}, {}
    return form, {"Authorization": basic_header(quote_plus(user), quote_plus(secret))}


def _document(body: bytes) -> Mapping[str, object]:
    try:
        found = json_rows.parse(body)
    except ValueError:
        return {}
    return found if isinstance(found, Mapping) else {}


def _seconds(stated: object) -> float:
    """Return for how long a token is valid; where the answer does not say it, until the service refuses the token."""
    try:
        seconds = float(str(stated))
    except ValueError:
        return math.inf
    return math.inf if math.isnan(seconds) else max(seconds, 0.0)
