"""JSON client for one HTTP origin, on httpx.

Credentials are sent to that origin only: an address outside it is refused before anything is sent, and a redirect is
followed below the connection's own address only. Secrets are masked in all messages.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from config.connections import SignedConnection
from config.errors import AuthError, SourceError, TransientSourceError
from config.json_connection import JsonConnection
from config.message import Message
from connectors import json_rows
from connectors.accounts import REQUESTS
from connectors.addresses import followed, is_below, joined
from connectors.answers import Answer, Asked, no_fault, usual_reason
from connectors.bounds import Bounds
from connectors.client_credentials import ClientCredentials
from connectors.http import (
    Meter,
    RetryPolicy,
    error_for_status,
    metered,
    redirect_target,
    retry_after_seconds,
    shorten,
)
from connectors.httpx_client import EFFECT, fault_of, faults, open_httpx
from connectors.registry import Context
from connectors.sign_in import SignIn, stated_sign_in

if TYPE_CHECKING:
    import httpx

_OK = 200
_UNAUTHORIZED, _FORBIDDEN, _SERVER_ERRORS = 401, 403, 500
_REDIRECTS = range(300, 400)
_SAME_METHOD = (307, 308)
_MOST_REDIRECTS = 5
_SCOPE = re.compile(r'error="?insufficient_scope"?.*?scope="([^"]*)"|scope="([^"]*)".*?error="?insufficient_scope')


class _NotSignedInError(AuthError):
    """HTTP 401, after which another access token may help."""


def open_client(name: str, connection: JsonConnection, context: Context, bounds: Bounds | None = None) -> "JsonClient":
    """Open a client with the connection's credentials; no request is sent.

    Raises SourceError: an unset or unusable secret, an invalid header name, or unreadable certificates.
    """
    doing = Message("{type} {name!r}: opening {url}", type=connection.type, name=name, url=connection.url)
    patience = RetryPolicy(context.policy, timeout=connection.timeout, pace=context.pace(name, connection))
    sign_in = stated_sign_in(connection, doing)
    client = open_httpx(connection.url, connection, context, doing, patience.request_seconds, bounds or Bounds())
    if isinstance(connection, SignedConnection) and connection.token_url:
        sign_in = replace(sign_in, tokens=ClientCredentials(name, connection, context, patience))
    return JsonClient(name, connection, client, sign_in, patience=patience, meter=context.meter)


class JsonClient:
    """Client for requests below one address, with retries, that returns parsed JSON."""

    def __init__(
        self,
        name: str,
        connection: JsonConnection,
        client: "httpx.Client",
        sign_in: SignIn,
        *,
        patience: RetryPolicy,
        meter: Meter,
    ) -> None:
        self.name = name
        self.lanes = connection.lanes
        self._base = connection.url
        self._client = client
        self._sign_in = sign_in
        self._meter = meter
        self._patience = patience

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
        if params:
            address += f"{'&' if '?' in address else '?'}{urlencode(params)}"
        return self._call(address, None, Asked(doing, kind, detail, no_fault))

    def post(
        self, path: str, body: bytes, *, doing: str, kind: str, fault: Callable[[object], SourceError | None] = no_fault
    ) -> Answer:
        """Post JSON that asks for a document; it is sent again as a GET would be. Raises SourceError, as `get` does."""
        return self._call(self._below(path, doing), body, Asked(doing, kind, usual_reason, fault))

    def follow(self, link: str, after: Answer, *, doing: str, kind: str) -> Answer:
        """Get the document that a link in an answer leads to. Raises SourceError, as `get` does."""
        address = followed(self._base, after.address, link)
        if address is None:
            raise SourceError(
                doing,
                Message("the link to the next page leads away from {base}", base=self._base),
                effect=Message("Nothing was sent there. {effect}", effect=EFFECT),
                advice=Message(
                    "Check connections.{name}.url: pages have to be below it, on the same host.", name=self.name
                ),
            )
        return self._call(address, None, Asked(doing, kind, usual_reason, no_fault))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
        if self._sign_in.tokens:
            self._sign_in.tokens.close()

    def _below(self, path: str, doing: str) -> str:
        """Return the full address. Raises SourceError for a path outside the address of the connection."""
        if not is_below(path):
            raise SourceError(
                doing,
                Message("the address is not below {base}", base=self._base),
                effect=Message("Nothing was sent. {effect}", effect=EFFECT),
                advice="Write a path below the connection's url, such as /api/orders; another host needs a connection.",
            )
        return joined(self._base, path)

    def _call(self, address: str, body: bytes | None, asked: Asked) -> Answer:
        """Send a request until it is answered; with another access token where the first was refused."""
        tokens = self._sign_in.tokens
        while True:
            token = tokens.current(asked.doing) if tokens else ""
            try:
                return self._patience.call(partial(self._send, address, body, token, asked), asked.doing, REQUESTS)
            except _NotSignedInError as exc:
                if not tokens or not tokens.refuse(token):
                    raise AuthError(exc.doing, exc.saw, effect=exc.effect, advice=exc.advice) from None

    def _send(self, address: str, body: bytes | None, token: str, asked: Asked) -> Answer:
        headers = {**self._sign_in.headers, **({"Content-Type": "application/json"} if body is not None else {})}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        method = "GET" if body is None else "POST"
        for _ in range(_MOST_REDIRECTS):
            try:
                with metered(self._meter, self.name, asked.kind) as received:
                    response = self._client.request(
                        method, self._sign_in.signed(address), content=body, headers=headers
                    )
                    received(len(response.content))
            except faults() as exc:
                raise fault_of(
                    exc, asked.doing, self.name, Message("Check the connection's url and the network.")
                ) from exc
            onward = self._redirected(response, address, method)
            if onward is None:
                return self._answer(response, address, asked)
            address = onward
        raise self._away(response, asked.doing)

    def _redirected(self, response: "httpx.Response", address: str, method: str) -> str | None:
        """Return where a redirect leads, if it may be followed with the same method."""
        location = response.headers.get("location", "")
        may_follow = (
            response.status_code in _REDIRECTS
            and location
            and (method == "GET" or response.status_code in _SAME_METHOD)
        )
        return followed(self._base, address, location) if may_follow else None

    def _answer(self, response: "httpx.Response", address: str, asked: Asked) -> Answer:
        now = datetime.now(UTC)
        status, body, doing = response.status_code, response.content, asked.doing
        if status in _REDIRECTS:
            raise self._away(response, doing)
        is_page = "html" in response.headers.get("content-type", "").lower() or body.lstrip()[:1] == b"<"
        if status != _OK:
            raise self._refusal(response, asked, is_page=is_page)
        if is_page:
            advice = "It may be a login page: check the connection's url and token."
            raise SourceError(doing, "an HTML page instead of JSON", effect=EFFECT, advice=advice)
        try:
            document = json_rows.parse(body)
        except ValueError as exc:
            saw = (
                Message("the answer is not JSON ({exc})", exc=shorten(str(exc)))
                if body.strip()
                else Message("an empty answer")
            )
            advice = "Open the address with curl; it must answer with JSON."
            raise SourceError(doing, self._shown(saw), effect=EFFECT, advice=advice) from None
        if (error := asked.fault(document)) is not None:
            raise error
        if wait := retry_after_seconds(response.headers, now):
            self._patience.hold(wait, doing, REQUESTS)
        link = str(response.links.get("next", {}).get("url", ""))
        return Answer(document, now, address, link, hash(body), dict(response.headers))

    def _refusal(self, response: "httpx.Response", asked: Asked, *, is_page: bool) -> SourceError:
        """Create the error for a status other than 200."""
        status = response.status_code
        text = Message("an HTML page") if is_page else self._reason(response.content, asked.detail)
        if lacking := _lacking_scope(response.headers.get("www-authenticate", "")):
            text = Message("the token lacks the scope {scope}", scope=self._shown(lacking))
        error = error_for_status(
            asked.doing,
            status,
            text,
            advice=self._advice(status),
            headers=response.headers,
            now=datetime.now(UTC),
        )
        found = None if is_page else asked.fault(_parsed(response.content))
        if isinstance(found, TransientSourceError | AuthError):
            return found
        if status == _UNAUTHORIZED:
            return _NotSignedInError(error.doing, error.saw, effect=error.effect, advice=error.advice)
        return error

    def _reason(self, body: bytes, detail: Callable[[object], str]) -> str:
        text, document = body.decode("utf-8", "replace"), _parsed(body)
        return self._shown(detail(document) or usual_reason(document) or text)

    def _away(self, response: "httpx.Response", doing: str) -> SourceError:
        to = redirect_target(response.headers)
        place = f"{to.scheme}://{to.hostname}{to.path}" if to.hostname else to.path or "nowhere"
        return SourceError(
            doing,
            self._shown(
                Message("HTTP {status_code}: redirected to {place}", status_code=response.status_code, place=place)
            ),
            effect=Message(
                "This redirect is not followed, because credentials are only sent to {base}. {effect}",
                base=self._base,
                effect=EFFECT,
            ),
            advice="Write the address it points to, if it is right; a login page means that the token was refused.",
        )

    def _advice(self, status: int) -> str:
        if status == _FORBIDDEN:
            return Message(
                "Check what the account or token of the connection {name!r} may read, and its scopes.", name=self.name
            )
        if status == _UNAUTHORIZED:
            return Message("Check the token and headers of the connection {name!r}.", name=self.name)
        if status < _SERVER_ERRORS:
            return Message("Check what the measure asks for, and the connection's url.")
        return Message("Try again later.")

    def _shown(self, text: str) -> str:
        for secret in self._sign_in.secrets:
            if secret in text:
                text = text.replace(secret, "***")
        return shorten(text)


def _parsed(body: bytes) -> object:
    try:
        return json_rows.parse(body)
    except ValueError:
        return None


def _lacking_scope(header: str) -> str:
    """Return the scope that a service says is missing (RFC 6750, 3); empty where it says nothing."""
    found = _SCOPE.search(header[:1000])
    return (found[1] or found[2] or "") if found else ""
