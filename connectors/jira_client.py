"""Requests to one Jira site through the jira library, one of its clients per lane.

The library's own retries, its version check and its field list are off; its answers are checked before it looks at
them, since its error texts hold headers and bodies. Redirects are reported, not followed: credentials stay with the
connection's own origin.
"""

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from config.errors import AuthError, SourceError, TransientSourceError
from config.models import JiraConnection
from config.plain_text import keep_secret
from config.secrets import Secret, UnsetSecretError
from connectors.http import Patience, error_for_status, metered, shorten
from connectors.registry import Context

if TYPE_CHECKING:
    import requests
    from jira import JIRA

EFFECT = "Its key results were left as they were."
ODD_ANSWER = "Run again; if it stays so, something between here and Jira may change its answers."
"""The advice where an answer has not the form that Atlassian documents."""

_REDIRECTS = range(300, 400)
_PAGE = "an HTML page"


class JiraClient:
    """Sends requests below `/rest/api/2` patiently and gives JSON. Safe to share between lanes."""

    def __init__(self, name: str, connection: JiraConnection, context: Context) -> None:
        """Reads the secrets. Raises AuthError (unset or unusable secret), SourceError (no such `ca_bundle`)."""
        self.name = name
        self.connection = connection
        self._meter = context.meter
        self._patience = Patience(context.policy)
        self._token = _reveal(name, "token", connection.token)
        self._email = _reveal(name, "email", connection.email) if connection.email else ""
        keep_secret(base64.b64encode(f"{self._email}:{self._token}".encode()).decode())
        self._verify = _bundle(name, connection, context.base_dir)
        self._idle: list[JIRA] = []
        self._lock = threading.Lock()
        self._lanes = threading.BoundedSemaphore(connection.lanes)

    def post(self, path: str, body: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
        """The JSON object that a POST answers. `kind` is what the meter calls the request. Raises SourceError."""
        doing = self.doing("POST", path)
        data = json.dumps(body, ensure_ascii=False).encode()
        answer = self._patience.call(lambda: self._send("POST", path, data, kind))
        if not isinstance(answer, Mapping):
            raise SourceError(doing, "the answer is no JSON object", effect=EFFECT, advice=self._url_advice())
        return answer

    def get(self, path: str, kind: str) -> object:
        """The JSON that a GET answers. Raises SourceError."""
        return self._patience.call(lambda: self._send("GET", path, None, kind))

    def doing(self, method: str, path: str) -> str:
        """How messages name a request."""
        return f"jira {self.name!r}: {method} /rest/api/2/{path}"

    def close(self) -> None:
        """Close the clients' connections."""
        with self._lock:
            while self._idle:
                self._idle.pop().close()  # type: ignore[no-untyped-call]

    def _send(self, method: str, path: str, data: bytes | None, kind: str) -> object:
        import requests

        doing, url = self.doing(method, path), f"{self.connection.url}/rest/api/2/{path}"
        try:
            with self._client() as client, metered(self._meter, self.name, kind) as received:
                session = client._session  # noqa: SLF001 - its `_get_json` logs whole bodies and hides their size
                response = session.request(method, url, data=data, allow_redirects=False)
                received(len(response.content))
        except _RefusedError as exc:
            raise self._error(exc.response, doing) from None
        except requests.RequestException as exc:
            raise self._fault(exc, doing) from exc
        return self._parsed(response, doing)

    @contextmanager
    def _client(self) -> Iterator["JIRA"]:
        """A client for one request at a time: each lane has connections of its own, and there are `lanes` of them."""
        with self._lanes:
            with self._lock:
                client = self._idle.pop() if self._idle else None
            client = client or self._new_client()
            try:
                yield client
            finally:
                with self._lock:
                    self._idle.append(client)

    def _new_client(self) -> "JIRA":
        from jira import JIRA

        basic = (self._email, self._token) if self._email else None
        client = JIRA(
            server=self.connection.url,
            basic_auth=basic,
            token_auth=None if basic else self._token,
            options={"rest_api_version": "2", "verify": self._verify},
            get_server_info=False,
            max_retries=0,
            timeout=self.connection.timeout,
        )
        client.deploymentType = "Cloud" if self.connection.is_cloud else "Server"
        client._session.hooks["response"].append(_refuse)  # noqa: SLF001 - the library has no place for a hook
        return client

    def _error(self, response: "requests.Response", doing: str) -> SourceError:
        status = response.status_code
        if status in _REDIRECTS:
            to = urlsplit(response.headers.get("Location", ""))
            saw = f"HTTP {status}: it was sent on to {to.hostname or 'another page'}"
            return SourceError(doing, saw, effect=EFFECT, advice=self._url_advice())
        now = datetime.now(UTC)
        return error_for_status(
            doing, status, _detail(response), advice=self._advice(status), headers=response.headers, now=now
        )

    def _advice(self, status: int) -> str:
        name = self.name
        if status == 400:  # noqa: PLR2004 - RFC 9110
            return "Correct the measure's jql; Jira's search page shows the same message."
        if status in (401, 403):
            return (
                f"Check the token {self.connection.token} (connections.{name}.token) and the account's permissions; "
                "it may have expired."
            )
        if status in (404, 410):
            other = "data_center" if self.connection.is_cloud else "cloud"
            return f"Check connections.{name}.url, and write `deployment: {other}` if that is what the site is."
        if status == 429:  # noqa: PLR2004 - RFC 6585
            return f"Jira limits how often it may be asked; run again later, or lower connections.{name}.lanes."
        return "Try again later." if status >= 500 else self._url_advice()  # noqa: PLR2004 - RFC 9110

    def _url_advice(self) -> str:
        return f"Check connections.{self.name}.url; a login page or a proxy may stand in the way."

    def _fault(self, exc: "requests.RequestException", doing: str) -> SourceError:
        import requests

        saw = shorten(f"{type(exc).__name__}: {exc}".rstrip(": "))
        if isinstance(exc, requests.exceptions.SSLError):
            advice = f"State the file of your organisation's certificates as connections.{self.name}.ca_bundle."
            return SourceError(doing, saw, effect=EFFECT, advice=advice)
        if isinstance(exc, requests.Timeout):
            advice = f"Raise connections.{self.name}.timeout ({self.connection.timeout:g} s)."
            return TransientSourceError(doing, saw, effect=EFFECT, advice=advice)
        passing = (
            requests.ConnectionError,
            requests.exceptions.ChunkedEncodingError,
            requests.exceptions.ContentDecodingError,
        )
        if isinstance(exc, passing):
            advice = f"Check the network and connections.{self.name}.url."
            return TransientSourceError(doing, saw, effect=EFFECT, advice=advice)
        return SourceError(doing, saw, effect=EFFECT, advice=self._url_advice())

    def _parsed(self, response: "requests.Response", doing: str) -> object:
        if _is_anonymous(response):
            saw = "Jira did not accept the sign-in and answered as to a stranger"
            raise AuthError(doing, saw, effect=EFFECT, advice=self._advice(401))
        if _is_page(response):
            raise SourceError(doing, f"{_PAGE} instead of JSON", effect=EFFECT, advice=self._url_advice())
        try:
            return json.loads(response.content, parse_constant=_no_number)
        except ValueError:
            saw = "the answer is cut off or no JSON" if response.content else "an empty answer"
            raise TransientSourceError(doing, saw, effect=EFFECT, advice="Try again later.") from None


class _RefusedError(Exception):
    """An answer that is no success, on its way past the library's own error handling."""

    def __init__(self, response: "requests.Response") -> None:
        super().__init__(response.status_code)
        self.response = response


def _refuse(response: "requests.Response", *_: object, **__: object) -> None:
    """The library fails on error bodies of an unforeseen form, so it never sees one."""
    if not 200 <= response.status_code < 300:  # noqa: PLR2004 - RFC 9110
        response.content  # noqa: B018 - read it, so that the connection can be used again
        raise _RefusedError(response)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _is_page(response: "requests.Response") -> bool:
    return "html" in response.headers.get("Content-Type", "").lower() or response.content.lstrip()[:1] == b"<"


def _is_anonymous(response: "requests.Response") -> bool:
    """Jira answers 200 to a bad token where anonymous reading is allowed: with fewer issues, or none."""
    reason = response.headers.get("X-Seraph-LoginReason", "")
    return "FAILED" in reason or "DENIED" in reason or response.headers.get("X-AUSERNAME") == "anonymous"


def _detail(response: "requests.Response") -> str:
    """Jira's own words: `errorMessages`, `errors`, `message`; for a page only that it is one."""
    if denied := response.headers.get("X-Authentication-Denied-Reason"):
        return f"sign-in denied: {denied}"
    if _is_page(response):
        return _PAGE
    try:
        body = json.loads(response.content)
    except ValueError:
        return ""
    if not isinstance(body, Mapping):
        return ""
    messages = body.get("errorMessages")
    errors = body.get("errors")
    texts = [
        *(messages if isinstance(messages, list) else [messages]),
        *(errors.values() if isinstance(errors, Mapping) else []),
        body.get("message"),
        body.get("errorMessage"),
    ]
    return " ".join(text for text in texts if isinstance(text, str))


def _reveal(name: str, field: str, secret: Secret | str) -> str:
    """A secret as a header can carry it. Raises AuthError, without the value."""
    doing = f"jira {name!r}: reading connections.{name}.{field}"
    try:
        value = secret.reveal() if isinstance(secret, Secret) else secret
    except UnsetSecretError as exc:
        raise AuthError(doing, str(exc), effect=EFFECT, advice=f"Set {secret}, or change the connection.") from None
    if not value.isascii() or not value.isprintable():
        saw = f"{secret} holds characters that no header can carry"
        raise AuthError(doing, saw, effect=EFFECT, advice="A line break or a quote may have been copied with it.")
    return value


def _bundle(name: str, connection: JiraConnection, base_dir: Path) -> str | bool:
    if connection.ca_bundle is None:
        return True
    path = base_dir / connection.ca_bundle
    if not path.exists():
        doing = f"jira {name!r}: reading connections.{name}.ca_bundle"
        advice = "`ca_bundle` is a file of PEM certificates; a relative path starts at the config."
        raise SourceError(doing, f"there is no file {path}", effect=EFFECT, advice=advice)
    return str(path)
