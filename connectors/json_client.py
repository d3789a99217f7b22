"""JSON client for one HTTP origin, on httpx.

Credentials are sent to that origin only: an address outside it is refused before anything is sent, and a redirect is
an error that names its target. Secrets are masked in all messages.
"""

import re
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote

from config.connections import JsonConnection
from config.errors import AuthError, SourceError
from config.message import Message
from config.secrets import Secret, UnsetSecretError
from connectors import json_rows
from connectors.bounds import Bounds, EndedError, bound_error
from connectors.http import (
    Meter,
    RetryPolicy,
    UnreachableError,
    UntrustedError,
    error_for_status,
    metered,
    redirect_target,
    shorten,
)
from connectors.registry import Context
from connectors.tls_faults import is_untrusted

if TYPE_CHECKING:
    import httpx

_EFFECT = Message("Its key results were left as they were.")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SHORTEST_SECRET = 4
_OK = 200
_REDIRECTS = range(300, 400)


@dataclass(frozen=True, slots=True)
class Answer:
    """A parsed JSON answer. `more`: a `Link: rel=next` header says that further pages follow (RFC 8288)."""

    document: object
    read_at: datetime
    more: bool = False


def usual_reason(document: object) -> str:
    """Return the reason in an error body of unknown form, from keys such as `message`; empty if there is none."""
    if isinstance(document, Mapping):
        for key in ("message", "error_description", "error", "detail", "title"):
            if isinstance(document.get(key), str):
                return str(document[key])
    return ""


def open_client(name: str, connection: JsonConnection, context: Context) -> "JsonClient":
    """Open a client with the connection's credentials; no request is sent.

    Raises SourceError: an unset or unusable secret, an invalid header name, or unreadable certificates.
    """
    import httpx

    from connectors.bounded_httpx import BoundedTransport

    doing = Message("{type} {name!r}: opening {url}", type=connection.type, name=name, url=connection.url)
    headers, secrets = _headers(connection, doing)
    patience = RetryPolicy(context.policy, timeout=connection.timeout)
    trusted = _certificates(connection, context, doing)
    try:
        bounds = Bounds(reach=connection.reach)
        transport = BoundedTransport(
            connection.url, patience.request_seconds, bounds, lanes=connection.lanes, trusted=trusted
        )
    except (ImportError, ValueError) as exc:
        saw = Message("the proxy of the environment cannot be used ({kind})", kind=type(exc).__name__)
        advice = "HTTPS_PROXY is the address of an HTTP proxy, and NO_PROXY names the hosts that need none."
        raise SourceError(doing, saw, effect=_EFFECT, advice=advice) from None
    except OSError as exc:
        saw = Message("the certificates of the environment cannot be read ({kind})", kind=type(exc).__name__)
        advice = (
            "REQUESTS_CA_BUNDLE or SSL_CERT_FILE is a file of PEM certificates; so is the connection's `ca_bundle`."
        )
        raise SourceError(doing, saw, effect=_EFFECT, advice=advice) from None
    client = httpx.Client(
        headers={"Accept": "application/json", "User-Agent": "okrsync", **headers}, transport=transport
    )
    return JsonClient(name, connection, client, secrets, patience=patience, meter=context.meter)


class JsonClient:
    """Client for GET requests below one address, with retries, that returns parsed JSON."""

    def __init__(
        self,
        name: str,
        connection: JsonConnection,
        client: "httpx.Client",
        secrets: Sequence[str],
        *,
        patience: RetryPolicy,
        meter: Meter,
    ) -> None:
        self.name = name
        self.lanes = connection.lanes
        self._base = connection.url
        self._client = client
        self._meter = meter
        self._patience = patience
        self._secrets = tuple(sorted(secrets, key=len, reverse=True))

    def get(
        self,
        path: str,
        *,
        doing: str,
        kind: str,
        params: Mapping[str, str] | None = None,
        detail: Callable[[object], str] = usual_reason,
    ) -> Answer:
        """Get one JSON document. `kind` is the request's kind for the meter; `detail` extracts an error body's reason.

        Raises SourceError: the path leads outside the connection's address, the request fails, or the answer is no
        complete JSON document.
        """
        address = self._below(path, doing)
        return self._patience.call(lambda: self._send(address, params, doing, kind, detail), doing)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _below(self, path: str, doing: str) -> str:
        """Return the full address. Raises SourceError for a path outside the address of the connection."""
        route = unquote(unquote(path.partition("?")[0].partition("#")[0]))
        first = route.partition("/")[0]
        away = (
            path.startswith("//")
            or ":" in first
            or "@" in first
            or "\\" in route
            or ".." in route.split("/")
            or any(ord(letter) < ord(" ") or letter == "\x7f" for letter in unquote(path))
        )
        if away:
            raise SourceError(
                doing,
                Message("the address is not below {base}", base=self._base),
                effect=Message("Nothing was sent. {effect}", effect=_EFFECT),
                advice="Write a path below the connection's url, such as /api/orders; another host needs a connection.",
            )
        return f"{self._base}/{path.lstrip('/')}" if path.strip("/") else self._base

    def _send(
        self, address: str, params: Mapping[str, str] | None, doing: str, kind: str, detail: Callable[[object], str]
    ) -> Answer:
        import httpx

        try:
            with metered(self._meter, self.name, kind) as received:
                response = self._client.get(address, params=params)
                received(len(response.content))
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL) as exc:
            raise SourceError(
                doing, Message("it cannot be sent ({kind})", kind=type(exc).__name__), effect=_EFFECT
            ) from None
        except (httpx.HTTPError, EndedError) as exc:
            raise self._fault(exc, doing) from exc
        return self._answer(response, doing, detail)

    def _answer(self, response: "httpx.Response", doing: str, detail: Callable[[object], str]) -> Answer:
        now = datetime.now(UTC)
        status, body = response.status_code, response.content
        if status in _REDIRECTS:
            raise self._redirected(response, doing)
        is_page = "html" in response.headers.get("content-type", "").lower() or body.lstrip()[:1] == b"<"
        if status != _OK:
            text = Message("an HTML page") if is_page else self._reason(body, detail)
            advice = self._advice(status)
            raise error_for_status(doing, status, text, advice=advice, headers=response.headers, now=now)
        if is_page:
            advice = "It may be a login page: check the connection's url and token."
            raise SourceError(doing, "an HTML page instead of JSON", effect=_EFFECT, advice=advice)
        try:
            document = json_rows.parse(body)
        except ValueError as exc:
            saw = (
                Message("the answer is not JSON ({exc})", exc=shorten(str(exc)))
                if body.strip()
                else Message("an empty answer")
            )
            advice = "Open the address with curl; it has to answer JSON."
            raise SourceError(doing, self._shown(saw), effect=_EFFECT, advice=advice) from None
        return Answer(document, now, more="next" in response.links)

    def _reason(self, body: bytes, detail: Callable[[object], str]) -> str:
        text = body.decode("utf-8", "replace")
        try:
            document = json_rows.parse(body)
        except ValueError:
            return self._shown(text)
        return self._shown(detail(document) or usual_reason(document) or text)

    def _redirected(self, response: "httpx.Response", doing: str) -> SourceError:
        to = redirect_target(response.headers)
        place = f"{to.scheme}://{to.hostname}{to.path}" if to.hostname else to.path or "nowhere"
        return SourceError(
            doing,
            self._shown(
                Message("HTTP {status_code}: it was sent on to {place}", status_code=response.status_code, place=place)
            ),
            effect=Message(
                "Redirects are not followed, because credentials are only sent to {base}. {effect}",
                base=self._base,
                effect=_EFFECT,
            ),
            advice="Write the address it points to, if it is right; a login page means that the token was refused.",
        )

    def _fault(self, exc: Exception, doing: str) -> SourceError:
        from connectors.bounded_httpx import fault_name

        if ended := bound_error(exc, doing, self.name):
            return ended
        if is_untrusted(exc):
            advice = "State the file of your organisation's certificates as the connection's `ca_bundle`."
            return UntrustedError(doing, fault_name(exc), effect=_EFFECT, advice=advice)
        advice = "Check the connection's url and the network."
        return UnreachableError(doing, fault_name(exc), effect=_EFFECT, advice=advice)

    def _advice(self, status: int) -> str:
        if status in (401, 403):
            return Message("Check the token and headers of the connection {name!r}.", name=self.name)
        return Message("Check the measure's `url` or `query`.") if status < 500 else Message("Try again later.")  # noqa: PLR2004 - RFC 9110

    def _shown(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return shorten(text)


def _headers(connection: JsonConnection, doing: str) -> tuple[dict[str, str], list[str]]:
    """Return the headers with credentials, and the secret values to mask. Raises SourceError."""
    headers: dict[str, str] = {}
    secrets: list[str] = []
    stated = {"Authorization": connection.token} if connection.token else {}
    for header, secret in {**stated, **connection.headers}.items():
        value = _reveal(secret, header, doing)
        headers[header] = f"Bearer {value}" if secret is connection.token else value
        secrets += [part for part in {value, value.rpartition(" ")[2]} if len(part) >= _SHORTEST_SECRET]
    return headers, secrets


def _reveal(secret: Secret, header: str, doing: str) -> str:
    if not _HEADER_NAME.fullmatch(header):
        raise SourceError(doing, Message("{header!r} is not the name of a header", header=header), effect=_EFFECT)
    try:
        value = secret.reveal()
    except UnsetSecretError as exc:
        raise AuthError(
            doing, str(exc), effect=_EFFECT, advice=Message("Set {secret}, or change the connection.", secret=secret)
        ) from None
    if not value.isascii() or not value.isprintable():
        saw = Message("{secret} holds characters that the header {header} cannot carry", secret=secret, header=header)
        raise AuthError(doing, saw, effect=_EFFECT, advice="A line break or a quote may have been copied with it.")
    return value


def _certificates(connection: JsonConnection, context: Context, doing: str) -> ssl.SSLContext | None:
    if connection.ca_bundle is None:
        return None
    path = context.base_dir / connection.ca_bundle
    try:
        return ssl.create_default_context(cafile=str(path))
    except (OSError, ssl.SSLError) as exc:
        saw = Message("the certificates in {path} cannot be read ({kind})", path=path, kind=type(exc).__name__)
        raise SourceError(doing, saw, effect=_EFFECT, advice="`ca_bundle` is a file of PEM certificates.") from exc
