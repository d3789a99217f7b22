"""Credentials for Google: a service account's key, or the application default. No request is sent here but for those.

google-auth would look up a "regional access boundary" at iamcredentials.googleapis.com from a background thread; it
has no switch against it (`google.auth.credentials.CredentialsWithRegionalAccessBoundary`), so the look-up is replaced.
"""

import json
import os
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from google.auth import _cloud_sdk, exceptions, transport
from google.auth import default as application_default
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials as User
from google.oauth2.service_account import Credentials as ServiceAccount

from config.errors import AuthError, TransientSourceError
from config.message import Message
from config.models import GoogleSheetsConnection
from config.plain_text import keep_secret
from config.secrets import UnsetSecretError
from connectors.google_sheets.errors import EFFECT, Account, token_refused, token_unavailable, token_unreached
from connectors.http import RetryPolicy, metered, trusted_certificates
from connectors.registry import Context
from connectors.retry import Quota

READ_ONLY = "https://www.googleapis.com/auth/spreadsheets.readonly"
READ_WRITE = "https://www.googleapis.com/auth/spreadsheets"

_logging_in = threading.Lock()

DEFAULT_KEY = Message("the application default credentials")

_PASSING = (requests.codes.request_timeout, requests.codes.too_many_requests)
_FIRST_SERVER_ERROR = 500
_LOOKUP = "_maybe_start_regional_access_boundary_refresh"


class TokenRequests(transport.Request):
    """Sends token requests once each, and counts them. google-auth would repeat them and sleep in between."""

    def __init__(self, name: str, connection: GoogleSheetsConnection, context: Context) -> None:
        self._name = name
        self._context = context
        self._timeout_seconds = connection.timeout
        self._verify = ca_bundle(name, connection, context)
        self._session = requests.Session()
        self._inner = Request(self._session)

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: Any,
    ) -> transport.Response:
        """Send one request. Raises TransientSourceError for what may pass."""
        doing = Message("google_sheets '{name}': asking for an access token", name=self._name)
        keep_secret(*parse_qs((body or b"").decode("utf-8", "replace")).get("assertion", ()))
        with metered(self._context.meter, self._name, "token") as received:
            try:
                response: transport.Response = self._inner(
                    url,
                    method,
                    body,
                    headers,
                    timeout=timeout or self._timeout_seconds,
                    verify=self._verify,
                    allow_redirects=False,
                )
            except exceptions.TransportError as exc:
                raise token_unreached(doing, exc) from exc
            received(len(response.data))
        if response.status in _PASSING or response.status >= _FIRST_SERVER_ERROR:
            raise token_unavailable(doing, response.status, response.headers)
        return response

    def close(self) -> None:
        """Free connections."""
        self._session.close()


def ca_bundle(name: str, connection: GoogleSheetsConnection, context: Context) -> str | None:
    """The path of the certificates to trust; None for the usual ones. Raises SourceError."""
    doing = Message("google_sheets '{name}': reading connections.{name}.ca_bundle", name=name)
    return trusted_certificates(doing, connection.ca_bundle, context.base_dir)


@dataclass(slots=True)
class Login:
    """Credentials of one connection and scope. Its token is asked for once, however many threads want it."""

    credentials: Any
    scope: str
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ensure(self, doing: str, tokens: TokenRequests, patience: RetryPolicy, account: Account) -> None:
        """Ask for a token where there is none that lasts. Raises AuthError, TransientSourceError."""
        with self._lock:
            if self.credentials.valid:
                return
            try:
                patience.call(lambda: self._refresh(doing, tokens))
                keep_secret(str(self.credentials.token or ""))
            except exceptions.GoogleAuthError as exc:
                detail = str(exc.args[0]) if exc.args else type(exc).__name__
                raise token_refused(doing, detail, account) from None

    def _refresh(self, doing: str, tokens: TokenRequests) -> None:
        try:
            self.credentials.refresh(tokens)
        except exceptions.GoogleAuthError:
            raise
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError, RecursionError) as exc:
            # What google-auth makes of an answer that is no token, such as a proxy's page.
            raise token_unavailable(doing, requests.codes.ok, {}) from exc
        if not isinstance(self.credentials.token, str):
            self.credentials.token = None
            raise token_unavailable(doing, requests.codes.ok, {})


def log_in(name: str, connection: GoogleSheetsConnection, context: Context, scope: str) -> Login:
    """Credentials of that scope; nothing is sent. Raises AuthError; its text never holds a key.

    All that use the connection in one run share them, and what a writer may do suffices for a source as well: so a
    run asks for one token. Without a writer (`dry-run`) no credentials that can write exist.
    """
    scope = READ_WRITE if name == context.writes_through else scope
    key = f"google login {name}"
    with _logging_in:  # the OKR sheet is opened while the sources are
        known = context.shared.get(key)
        if isinstance(known, Login) and known.scope in (scope, READ_WRITE):
            return known
        doing = Message("google_sheets '{name}': loading credentials", name=name)
        stated = connection.service_account is not None
        if stated:
            found = _service_account(doing, connection, context, scope)
        else:
            with closing(TokenRequests(name, connection, context)) as tokens:
                found = _default(doing, scope, tokens)
        vars(found)[_LOOKUP] = _no_lookup
        made = context.shared[key] = Login(found, scope)
        return made


def patience_of(connection: GoogleSheetsConnection, context: Context) -> RetryPolicy:
    """Sheets limits accounts: all that read or write as one account in a run wait together."""
    key = f"google quota {connection.url} {connection.service_account or DEFAULT_KEY}"
    with _logging_in:
        quota = context.shared.setdefault(key, Quota())
    return RetryPolicy(context.policy, quota if isinstance(quota, Quota) else None)


def _no_lookup(_request: object, _url: object) -> None:
    """Instead of the look-up of a regional access boundary."""


def _default(doing: str, scope: str, tokens: TokenRequests) -> Any:
    """Credentials that google-auth finds on this machine: a key file, gcloud's file, or the metadata server's.

    It would ask the metadata server three times with pauses, and start `gcloud` to learn of a project nobody needs:
    the server is asked once here, for 3 s at most, and gcloud's file is read without gcloud.
    """
    try:
        found = _user_of_gcloud()
        if found is None:
            found, _ = application_default(scopes=[scope], request=tokens)
    except (exceptions.GoogleAuthError, TransientSourceError) as exc:
        raise AuthError(
            doing,
            Message("{kind}: there are no application default credentials", kind=type(exc).__name__),
            effect=EFFECT,
            advice="Set `service_account` to a reference to a key file, or GOOGLE_APPLICATION_CREDENTIALS to its path.",
        ) from exc
    return found


def _user_of_gcloud() -> Any:
    """The person who ran `gcloud auth application-default login`, unless the environment names a key file."""
    file = Path(_cloud_sdk.get_application_default_credentials_path())  # type: ignore[no-untyped-call] # none there
    try:
        info = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if os.environ.get("GOOGLE_APPLICATION_CREDENTIALS") or info.get("type") != "authorized_user":
        return None
    keep_secret(*(str(info[key]) for key in ("refresh_token", "client_secret") if info.get(key)))
    try:
        return User.from_authorized_user_info(info)  # type: ignore[no-untyped-call] # google-auth has none here
    except ValueError:
        return None


def _is_safe(address: str) -> bool:
    """Whether a key may be used at that address: over TLS, or on this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))


def _service_account(doing: str, connection: GoogleSheetsConnection, context: Context, scope: str) -> Any:
    secret = connection.service_account

    def wrong(saw: str) -> AuthError:
        return AuthError(
            doing, saw, effect=EFFECT, advice=Message("Check {secret}: a key file's path, or its JSON.", secret=secret)
        )

    try:
        text = secret.reveal() if secret else ""
    except UnsetSecretError as exc:
        raise wrong(str(exc)) from exc
    if not text.startswith("{"):
        try:
            text = (context.base_dir / Path(text).expanduser()).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as exc:
            raise wrong(Message("the key file cannot be read ({kind})", kind=type(exc).__name__)) from None
    try:
        info = json.loads(text)
    except ValueError:
        raise wrong(Message("the key is not JSON")) from None
    missing = {"client_email", "private_key", "token_uri"} - set(info if isinstance(info, dict) else ())
    if missing:
        raise wrong(Message("the key lacks {missing}", missing=", ".join(sorted(missing))))
    keep_secret(str(info["private_key"]))
    if connection.token_url:
        info = {**info, "token_uri": connection.token_url}
    try:
        made = ServiceAccount.from_service_account_info(  # type: ignore[no-untyped-call] # google-auth has none here
            info, scopes=[scope]
        )
    except (ValueError, TypeError, exceptions.GoogleAuthError) as exc:
        raise wrong(Message("the private key cannot be used ({kind})", kind=type(exc).__name__)) from None
    if not _is_safe(str(info["token_uri"])):
        raise wrong(Message("its token_uri is no https address"))
    return made
