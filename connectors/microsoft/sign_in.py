"""Access tokens of Microsoft Entra ID for an app, by msal, whose requests are sent as okrsync sends its own.

msal takes https addresses only, so that an authority on loopback is named to it with https; `_Requests` sends to the
address of the config, and nothing elsewhere.
"""

import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import field
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import urlsplit

from config.dataclass import dataclass
from config.errors import AuthError, SourceError, TransientSourceError
from config.masking import keep_secret
from config.message import Message
from config.microsoft_connection import MicrosoftConnection
from connectors import json_rows
from connectors.bounds import NOTICES
from connectors.http import RetryPolicy, error_for_status, metered, shorten
from connectors.httpx_client import EFFECT, fault_of, faults, open_httpx
from connectors.registry import Context
from connectors.sign_in import revealed

_OK = 200
_CLIENT_ERRORS = range(400, 500)
_MOST_REFUSALS = 2


class EntraTokens:
    """The access tokens of one connection. Thread-safe; after a failure nothing more is asked for in the run."""

    def __init__(self, name: str, connection: MicrosoftConnection, context: Context) -> None:
        """Keep the credentials without sending a request. Raises AuthError: an unset secret."""
        self._doing = Message(
            "microsoft {name!r}: asking {url} for an access token", name=name, url=connection.token_url
        )
        self._client_id = revealed(connection.client_id, "client_id", self._doing)
        self._secret = revealed(connection.client_secret, "client_secret", self._doing)
        self._connection = connection
        self._requests = _Requests(name, connection, context, self._doing)
        self._lock = threading.Lock()
        self._app: Any = None
        self._refused = 0
        self._failure: SourceError | None = None

    def current(self, doing: str) -> str:
        """Return a valid access token, asked for if there is none. Raises SourceError, which is not to be retried."""
        with self._lock:
            if self._failure is None:
                try:
                    return self._ask()
                except SourceError as exc:
                    self._failure = exc
            found = self._failure
        kind = SourceError if isinstance(found, TransientSourceError) else type(found)
        saw = Message("no access token: {saw}", saw=found.saw)
        raise kind(doing, saw, effect=found.effect, advice=found.advice)

    def refuse(self) -> bool:
        """Forget the token, which Microsoft Graph refused; return whether another may be asked for."""
        with self._lock:
            self._refused += 1
            if self._app is not None:
                self._app.remove_tokens_for_client()
            return self._refused < _MOST_REFUSALS

    def _ask(self) -> str:
        """Return msal's token: the one it keeps, or a new one. Raises SourceError."""
        try:
            self._app = self._app or self._application()
            found = self._app.acquire_token_for_client([f"{_origin(self._connection.url)}/.default"])
        except (ValueError, KeyError, TypeError, AttributeError) as exc:  # what msal raises for an answer it cannot use
            raise self._unusable() from exc
        token = found.get("access_token") if isinstance(found, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise self._unusable()
        keep_secret(token)
        return token

    def _application(self) -> Any:
        try:
            import msal
        except ModuleNotFoundError as exc:
            saw = Message("the package {module} is not installed", module=exc.name)
            advice = Message("Install it: pip install 'okrsync[{extra}]'", extra="microsoft")
            raise SourceError(self._doing, saw, effect=EFFECT, advice=advice) from exc
        return msal.ConfidentialClientApplication(
            self._client_id,
            client_credential=self._secret,
            authority=f"{_as_https(self._connection.token_url)}/{self._connection.tenant}",
            http_client=self._requests,
            validate_authority=False,  # both would ask Microsoft's public address about others
            instance_discovery=False,
            azure_region=False,
        )

    def _unusable(self) -> SourceError:
        saw = Message("the answer is not as documented")
        advice = Message("Check `token_url`: it is Microsoft's sign-in address, without the tenant.")
        return SourceError(self._doing, saw, effect=EFFECT, advice=advice)


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer as msal takes it; only those with status 200 get to it."""

    text: str
    headers: Mapping[str, str] = field(default_factory=dict)
    status_code: int = _OK

    def raise_for_status(self) -> None:
        """Do nothing: the status is 200."""


class _Requests:
    """Requests for msal to the connection's `token_url`, with its retries and limits. Raises SourceError."""

    def __init__(self, name: str, connection: MicrosoftConnection, context: Context, doing: str) -> None:
        self._name = name
        self._connection = connection
        self._context = context
        self._doing = doing
        self._patience = RetryPolicy(context.policy, timeout=connection.timeout, pace=context.pace(name, connection))

    def get(self, url: str, headers: Mapping[str, str] | None = None, **_more: object) -> _Answer:
        """Get a document."""
        return self._patience.call(lambda: self._sent("GET", url, headers, None), self._doing)

    def post(
        self, url: str, data: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None, **_more: object
    ) -> _Answer:
        """Post a form."""
        return self._patience.call(lambda: self._sent("POST", url, headers, data), self._doing)

    def close(self) -> None:
        """Do nothing: no connection is kept open."""

    def _sent(
        self, method: str, url: str, headers: Mapping[str, str] | None, form: Mapping[str, str] | None
    ) -> _Answer:
        base = self._connection.token_url
        if not url.startswith(f"{_as_https(base)}/"):
            self._refuse_address()
        address = base + url.removeprefix(_as_https(base))
        seconds = self._patience.request_seconds
        opened = open_httpx(base, self._connection, self._context, self._doing, seconds, NOTICES)
        with closing(opened) as client, metered(self._context.meter, self._name, "token") as received:
            try:
                response = client.request(method, address, data=form, headers=headers)
            except faults() as exc:
                advice = Message("Check the connection's url and the network.")
                raise fault_of(exc, self._doing, self._name, advice) from exc
            received(len(response.content))
        if response.status_code != _OK:
            raise self._refusal(response.status_code, response.content, response.headers)
        if not _document(response.content):
            saw = (
                Message("an HTML page instead of JSON")
                if _is_page(response.content)
                else Message("the answer is not as documented")
            )
            advice = Message("Check `token_url`: it is Microsoft's sign-in address, without the tenant.")
            raise SourceError(self._doing, saw, effect=EFFECT, advice=advice)
        return _Answer(response.text, response.headers)

    def _refuse_address(self) -> NoReturn:
        base = self._connection.token_url
        saw = Message("its answer leads away from {base}", base=base)
        advice = Message("Check `token_url`: credentials are sent to {base} only.", base=base)
        raise AuthError(self._doing, saw, effect=EFFECT, advice=advice)

    def _refusal(self, status: int, body: bytes, headers: Mapping[str, str]) -> SourceError:
        """Create the error for another status than 200; a client that is refused is told by 400 as well."""
        found = _document(body)
        reason = str(found.get("error_description") or found.get("error") or "").partition(". ")[0]
        reason = shorten(reason.partition("\r")[0]) or (Message("an HTML page") if _is_page(body) else "")
        error = error_for_status(
            self._doing, status, reason, advice=self._advice(reason), headers=headers, now=datetime.now(UTC)
        )
        if status in _CLIENT_ERRORS and not isinstance(error, TransientSourceError):
            return AuthError(self._doing, error.saw, effect=error.effect, advice=error.advice)
        return error

    def _advice(self, reason: str) -> str:
        """Say what to do about an error of https://learn.microsoft.com/entra/identity-platform/reference-error-codes."""
        code = reason.partition(":")[0]
        secret, name = str(self._connection.client_secret), self._name
        if code == "AADSTS7000215":
            return Message("{secret} must hold the client secret's value, not its id.", secret=secret)
        if code == "AADSTS7000222":
            return Message(
                "The client secret has expired: make a new one, and put its value into {secret}.", secret=secret
            )
        if code in ("AADSTS90002", "AADSTS900023"):
            return Message("Correct connections.{name}.tenant: the directory's id, or its domain.", name=name)
        if code == "AADSTS700016":
            return Message("Correct `client_id` or `tenant` of the connection {name!r}.", name=name)
        return Message("Check `tenant`, `client_id` and `client_secret` of the connection {name!r}.", name=name)


def _document(body: bytes) -> Mapping[str, object]:
    """Return the object that an answer is; empty for any other answer."""
    try:
        found = json_rows.parse(body)
    except ValueError:
        return {}
    return found if isinstance(found, Mapping) else {}


def _is_page(body: bytes) -> bool:
    return body.lstrip()[:1] == b"<"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _as_https(url: str) -> str:
    """Return the address that msal gets, which is with https also on loopback."""
    return f"https://{url.partition('://')[2]}"
