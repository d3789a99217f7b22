"""GitHub's refusals, limits and failures as errors with advice."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import requests

from config.errors import AuthError, SourceError
from config.message import Message
from config.models import GitHubConnection
from connectors.bounded_requests import fault_name
from connectors.bounds import bound_error
from connectors.github.errors import (
    EFFECT,
    HeavyError,
    MissingError,
    RateLimitError,
    RefusedError,
    ScopeError,
    UnknownFieldError,
    is_heavy,
    is_unknown_field,
)
from connectors.http import UnreachableError, UntrustedError, error_for_status, retry_after_seconds, shorten
from connectors.tls_faults import is_untrusted

_SECONDARY_WAIT_SECONDS = 60.0
"""Minimum wait after a secondary limit without a stated time, in seconds.

Source: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""
_FORBIDDEN_TYPES = ("FORBIDDEN", "SAML")
_SCOPES = re.compile(r"requires one of the following scopes: \[([^]]*)\]")


class GitHubFaults:
    """Errors of one connection, which name it and its credentials' place."""

    def __init__(self, name: str, connection: GitHubConnection) -> None:
        self.name = name
        self.connection = connection

    def doing(self, what: str) -> str:
        """Return the `doing` part of an error message, with the connection's name."""
        return Message("github '{name}': {what}", name=self.name, what=what)

    def error_of(self, doing: str, error: Mapping[str, Any]) -> SourceError:
        """Convert a GraphQL error into a SourceError of its kind."""
        kind, message = str(error.get("type", "")), shorten(str(error.get("message", "no message")))
        if is_heavy(error):
            advice = "Narrow the query, or use fewer columns."
            return HeavyError(self.doing(doing), message, effect=EFFECT, advice=advice)
        if kind == "INSUFFICIENT_SCOPES":
            return self._lacks_scope(self.doing(doing), message)
        if kind in _FORBIDDEN_TYPES:
            return AuthError(self.doing(doing), message, effect=EFFECT, advice=self.token_advice())
        if kind == "NOT_FOUND":
            return MissingError(self.doing(doing), message, effect=EFFECT, advice=self.access_advice())
        if is_unknown_field(error):
            return UnknownFieldError(self.doing(doing), message, [str(part) for part in error["path"]])
        advice = Message(
            "Check the query on GitHub's own pages, the names in it, and what {token} may read.",
            token=self.connection.secret,
        )
        return RefusedError(self.doing(doing), message, effect=EFFECT, advice=advice)

    def _lacks_scope(self, doing: str, message: str) -> ScopeError:
        match = _SCOPES.search(message)
        if match is None:
            return ScopeError(doing, message, effect=EFFECT, advice=self.token_advice())
        scopes = match[1].replace("'", "").replace('"', "")
        saw = Message("the token lacks the scope {scope}", scope=scopes)
        advice = Message("Give the token in {token} the scope {scope}.", token=self.connection.secret, scope=scopes)
        return ScopeError(doing, saw, effect=EFFECT, advice=advice)

    def access_advice(self) -> str:
        """Return the advice for something that is missing or that the token may not read."""
        return Message("Check the name, and that the token in {token} can read it.", token=self.connection.secret)

    def token_advice(self) -> str:
        """Return the advice for credentials that GitHub refuses."""
        if self.connection.app_id is not None:
            return Message(
                "Check app_id, installation_id and private_key of connections.{name}, what the installation may read, "
                "and this machine's clock.",
                name=self.name,
            )
        return Message(
            "Check the token in {token} (connections.{name}.token) and what it may read.",
            token=self.connection.secret,
            name=self.name,
        )

    def url_advice(self) -> str:
        """Return the advice for an answer that GitHub would not give."""
        return Message("Check connections.{name}.url ({url}) and the network.", name=self.name, url=self.connection.url)

    def unreached(self, doing: str, exc: requests.RequestException) -> SourceError:
        """Convert an exception of a request without an answer."""
        if is_untrusted(exc):
            advice = Message(
                "Check the certificate of {url}, or set connections.{name}.ca_bundle.",
                url=self.connection.url,
                name=self.name,
            )
            return UntrustedError(doing, fault_name(exc), effect=EFFECT, advice=advice)
        if ended := bound_error(exc, doing, self.name):
            # GitHub itself gives up after 10 s, with a 502 or 504: this is the network, not a heavy question.
            return ended
        return UnreachableError(doing, fault_name(exc), effect=EFFECT, advice=self.url_advice())

    def refused(self, doing: str, status: int, headers: Mapping[str, str], text: str) -> SourceError:
        """Convert an answer of another status than that of success."""
        detail = _message(text)
        limited = (
            "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0" or "rate limit" in detail.lower()
        )
        if status in (403, 429) and limited:
            return self.limited(doing, f"HTTP {status} ({shorten(detail)})", headers)
        if status in (502, 504):
            return HeavyError(doing, f"HTTP {status}", effect=EFFECT, advice="GitHub gave up on it; try again later.")
        advice = self.token_advice() if status in (401, 403) else self.access_advice()
        error = error_for_status(doing, status, detail, advice=advice, headers=headers, now=datetime.now(UTC))
        return MissingError(doing, error.saw, effect=EFFECT, advice=advice) if status == 404 else error  # noqa: PLR2004 - RFC 9110

    def limited(self, doing: str, saw: str, headers: Mapping[str, str]) -> RateLimitError:
        """Convert an answer that names a rate limit."""
        now = datetime.now(UTC)
        stated = (retry_after_seconds(headers, now), until_reset(headers))
        wait = next((seconds for seconds in stated if seconds is not None), _SECONDARY_WAIT_SECONDS)
        advice = Message(
            "Run again in {value:.0f} minutes; reads with fewer columns cost fewer points.", value=-(-wait // 60)
        )
        return RateLimitError(
            doing, Message("rate limit: {saw}", saw=saw), effect=EFFECT, advice=advice, retry_after_seconds=wait
        )


def until_reset(headers: Mapping[str, str]) -> float | None:
    """Return the seconds until a used-up limit is reset; None where something is left or nothing is stated."""
    if headers.get("x-ratelimit-remaining") != "0":
        return None
    try:
        return max(float(headers["x-ratelimit-reset"]) - datetime.now(UTC).timestamp(), 0.0) + 1
    except (KeyError, ValueError):
        return None


def _message(text: str) -> str:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(body, dict):
        return ""
    inner = [str(error.get("message", "")) for error in body.get("errors") or () if isinstance(error, dict)]
    return " ".join([str(body.get("message", "")), *inner]).strip()
