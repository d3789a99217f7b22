"""Google credentials: service account keys and application default credentials; only token requests are sent.

google-auth looks up a "regional access boundary" at iamcredentials.googleapis.com in a background thread. No option
disables it (`google.auth.credentials.CredentialsWithRegionalAccessBoundary`), so the look-up is replaced.
"""

import json
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import field
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import requests
from google.auth import _cloud_sdk, exceptions, transport
from google.auth import default as application_default
from google.auth.credentials import DEFAULT_UNIVERSE_DOMAIN
from google.auth.crypt import RSASigner
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials as User
from google.oauth2.service_account import Credentials as ServiceAccount

from config.dataclass import dataclass
from config.errors import AuthError, SourceError, TransientSourceError
from config.masking import keep_secret
from config.message import Message
from config.models import GoogleSheetsConnection
from config.secrets import UnsetSecretError
from connectors.bounded_requests import BoundedAdapter, BoundedSession
from connectors.bounds import NOTICES
from connectors.google_sheets.errors import EFFECT, Account, token_refused, token_unavailable, token_unreached
from connectors.http import RetryPolicy, metered, trusted_certificates
from connectors.quota import Quota
from connectors.registry import Context

READ_ONLY = "https://www.googleapis.com/auth/spreadsheets.readonly"
READ_WRITE = "https://www.googleapis.com/auth/spreadsheets"

_logging_in = threading.Lock()

DEFAULT_KEY = Message("the application default credentials")

_PASSING = (requests.codes.request_timeout, requests.codes.too_many_requests)
_FIRST_SERVER_ERROR = 500
_LOOKUP = "_maybe_start_regional_access_boundary_refresh"


class TokenRequests(transport.Request):
    """Transport for google-auth that sends and meters each token request once, without google-auth's own retries."""

    def __init__(
        self, name: str, connection: GoogleSheetsConnection, context: Context, seconds: Callable[[], float]
    ) -> None:
        self._name = name
        self._context = context
        self._verify = ca_bundle(name, connection, context)
        self._session = BoundedSession(BoundedAdapter(seconds, NOTICES.within(connection.reach)))
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
        """Send one request. Raises TransientSourceError for network faults, HTTP 408, 429 and 5xx; UntrustedError."""
        doing = Message("google_sheets '{name}': asking for an access token", name=self._name)
        keep_secret(*parse_qs((body or b"").decode("utf-8", "replace")).get("assertion", ()))
        with metered(self._context.meter, self._name, "token") as received:
            try:
                response: transport.Response = self._inner(
                    url,
                    method,
                    body,
                    headers,
                    timeout=timeout,
                    verify=self._verify,
                    allow_redirects=False,
                )
            except exceptions.TransportError as exc:
                raise token_unreached(doing, exc, self._name) from exc
            received(len(response.data))
        if response.status in _PASSING or response.status >= _FIRST_SERVER_ERROR:
            raise token_unavailable(doing, response.status, response.headers)
        return response

    def close(self) -> None:
        """Close connections."""
        self._session.close()


def ca_bundle(name: str, connection: GoogleSheetsConnection, context: Context) -> str | None:
    """Return the path of the connection's `ca_bundle`; None for the default certificates. Raises SourceError."""
    doing = Message("google_sheets '{name}': reading connections.{name}.ca_bundle", name=name)
    return trusted_certificates(doing, connection.ca_bundle, context.base_dir)


@dataclass(slots=True)
class TokenFailure:
    """Why a credential has no access token in this run; its token endpoint is not asked any more."""

    error: SourceError | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def raise_for(self, doing: str) -> None:
        """Raise the error, if there is one, for another operation. It is final: its retries are used up."""
        if (found := self.error) is not None:
            kind = SourceError if isinstance(found, TransientSourceError) else type(found)
            raise kind(doing, found.saw, effect=found.effect, advice=found.advice)


@dataclass(slots=True)
class Login:
    """Credentials of one service account and scope; threads share one access token, and its failure."""

    credentials: Any
    scope: str
    failure: TokenFailure

    def ensure(self, doing: str, tokens: TokenRequests, patience: RetryPolicy, account: Account) -> None:
        """Request an access token unless a valid one is present. Raises SourceError, which is not to be retried."""
        with self.failure.lock:
            if self.credentials.valid:
                return
            self.failure.raise_for(doing)
            try:
                patience.call(lambda: self._refresh(doing, tokens), doing)
                keep_secret(str(self.credentials.token or ""))
            except exceptions.GoogleAuthError as exc:
                detail = str(exc.args[0]) if exc.args else type(exc).__name__
                self.failure.error = token_refused(doing, detail, account)
            except SourceError as exc:
                self.failure.error = exc
            self.failure.raise_for(doing)

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
    """Load the credentials of a connection for a scope, without requesting a token. Raises AuthError, SourceError.

    All users of the credentials in one run share them. A source uses the credentials of the run's writer, so that a run
    requests one token; without a writer (`dry-run`), no credentials that can write exist. Errors never hold a key.
    """
    scope = READ_WRITE if name == context.writes_through else scope
    credential = f"{_account_of(connection)} {connection.token_url} {connection.ca_bundle}"
    key = f"google login {credential}"
    with _logging_in:  # the OKR sheet is opened while the sources are
        known = context.shared.get(key)
        if isinstance(known, Login) and known.scope in (scope, READ_WRITE):
            return known
        doing = Message("google_sheets '{name}': loading credentials", name=name)
        stated = connection.service_account is not None
        if stated:
            found = _service_account(doing, connection, context, scope)
        else:
            with closing(TokenRequests(name, connection, context, lambda: connection.timeout)) as tokens:
                found = _default(doing, scope, tokens)
        vars(found)[_LOOKUP] = _no_lookup
        failure = context.shared.setdefault(f"google failure {credential}", TokenFailure())
        made = context.shared[key] = Login(found, scope, cast("TokenFailure", failure))
        return made


def patience_of(name: str, connection: GoogleSheetsConnection, context: Context) -> RetryPolicy:
    """Return the retry policy of a connection; connections of one account share its quota, which Sheets limits.

    Source: https://developers.google.com/workspace/sheets/api/limits
    """
    key = f"google quota {connection.url} {_account_of(connection)}"
    with _logging_in:
        quota = context.shared.setdefault(key, Quota())
    return RetryPolicy(context.policy, cast("Quota", quota), connection.timeout, context.pace(name, connection))


def _account_of(connection: GoogleSheetsConnection) -> str:
    """Return what tells the account of a connection from others: `file:key.json` is another in another folder."""
    secret = connection.service_account
    return f"{secret} of {secret.base_dir}" if secret else str(DEFAULT_KEY)


def _no_lookup(_request: object, _url: object) -> None:
    """Replace google-auth's look-up of a regional access boundary by nothing."""


def _default(doing: str, scope: str, tokens: TokenRequests) -> Any:
    """Find application default credentials: a key file, gcloud's file, or the metadata server. Raises AuthError.

    google-auth would query the metadata server three times with pauses, and run `gcloud` to find an unused project id.
    Here the server is queried once, for at most 3 s, and gcloud's file is read without running gcloud.
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
    """Load the user credentials of `gcloud auth application-default login`; None if the environment names a key."""
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
    """Return whether a key may be sent to an address: https, or http on a loopback address."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))


@lru_cache(maxsize=64)
def _signer(private_key: str, key_id: str | None) -> Any:
    """Return the signer of a key. Checking a key takes 40 ms, so a process with many workspaces checks each once."""
    return RSASigner.from_string(private_key, key_id)  # type: ignore[no-untyped-call] # google-auth has none here


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
    if secret and not text.startswith("{"):
        try:
            text = secret.read_key(text, context.base_dir)
        except (OSError, ValueError, RuntimeError) as exc:
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
        made = ServiceAccount(  # type: ignore[no-untyped-call] # google-auth has none here
            _signer(str(info["private_key"]), info.get("private_key_id")),
            service_account_email=info["client_email"],
            token_uri=info["token_uri"],
            scopes=[scope],
            project_id=info.get("project_id"),
            universe_domain=info.get("universe_domain", DEFAULT_UNIVERSE_DOMAIN),
        )
    except (ValueError, TypeError, exceptions.GoogleAuthError) as exc:
        raise wrong(Message("the private key cannot be used ({kind})", kind=type(exc).__name__)) from None
    if not _is_safe(str(info["token_uri"])):
        raise wrong(Message("its token_uri is not an https address"))
    return made
