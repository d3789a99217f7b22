"""GitHub client for GraphQL and REST on PyGithub's requester, with retries, rate limits and SourceError translation.

PyGithub keeps the current request on the connection object, so threads sharing a client can receive each other's
answers (PyGithub#1257): each request borrows a client of its own. PyGithub's retries and pauses are off; those of
`connectors/retry.py` apply.
"""

import json
import math
import queue
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import requests
from github import Auth, Github

from config.errors import AuthError, SourceError, TransientSourceError
from config.message import Message
from config.models import GitHubConnection
from connectors.accounts import CORE, GRAPHQL
from connectors.bounded_requests import BoundedAdapter, fault_name
from connectors.bounds import PAGES, bound_error
from connectors.github.errors import (
    EFFECT,
    HeavyError,
    MissingError,
    RateLimitError,
    RefusedError,
    UnknownFieldError,
    is_heavy,
    is_unknown_field,
)
from connectors.github.points import points_of
from connectors.http import (
    RetryPolicy,
    UnreachableError,
    UntrustedError,
    error_for_status,
    metered,
    retry_after_seconds,
    shorten,
)
from connectors.registry import Context
from connectors.tls_faults import is_untrusted

_SECONDARY_WAIT_SECONDS = 60.0
"""Minimum wait after a secondary limit without a stated time, in seconds.

Source: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""
_CONNECTION_CLASS = "_Requester__connectionClass"
"""PyGithub's private name of the class of its connections."""
_LIMIT_TYPES = ("RATE_LIMITED", "RATE_LIMIT")
_FORBIDDEN_TYPES = ("FORBIDDEN", "INSUFFICIENT_SCOPES", "SAML")


@dataclass(frozen=True, slots=True)
class Reply:
    """A GraphQL answer: data by alias, and errors."""

    data: Mapping[str, Any]
    errors: tuple[Mapping[str, Any], ...] = ()


class GitHubClient:
    """Client of one connection for one run. Safe to share between threads."""

    def __init__(self, name: str, connection: GitHubConnection, token: str, context: Context) -> None:
        self.name = name
        self.connection = connection
        self._token = token
        self._pace = context.pace(name, connection)
        self._patience = RetryPolicy(context.policy, timeout=connection.timeout, pace=self._pace)
        self._meter = context.meter
        self._lanes: queue.LifoQueue[Github | None] = queue.LifoQueue()
        for _ in range(connection.lanes):
            self._lanes.put(None)

    def graphql(
        self, document: str, variables: Mapping[str, Any], kind: str, *, splittable: bool
    ) -> Reply | HeavyError:
        """Send one GraphQL query. A `splittable` query that is too heavy is not retried; its HeavyError is returned.

        Errors with a path are in the reply. Raises SourceError, for errors without a path as well.
        """

        def send() -> Reply | HeavyError:
            try:
                return self._post(document, variables, kind)
            except HeavyError as exc:
                if splittable:
                    return exc
                raise

        points = points_of(document, variables) if self._pace.quota else 1
        return self._patience.call(send, self.doing("POST /graphql"), GRAPHQL, points)

    def get(self, path: str, parameters: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
        """Send a REST GET request and return the JSON object of its answer. Raises SourceError."""
        doing = self.doing(f"GET {path}")
        body = self._patience.call(lambda: self._exchange("GET", path, kind, parameters=parameters)[1], doing, CORE)
        if not isinstance(body, dict):
            raise SourceError(doing, "the answer is not a JSON object", effect=EFFECT)
        return body

    def error_of(self, doing: str, error: Mapping[str, Any]) -> SourceError:
        """Convert a GraphQL error into a SourceError of its kind."""
        kind, message = str(error.get("type", "")), shorten(str(error.get("message", "no message")))
        if is_heavy(error):
            advice = "Narrow the query, or use fewer columns."
            return HeavyError(self.doing(doing), message, effect=EFFECT, advice=advice)
        if kind in _FORBIDDEN_TYPES:
            return AuthError(self.doing(doing), message, effect=EFFECT, advice=self._token_advice())
        if kind == "NOT_FOUND":
            return MissingError(self.doing(doing), message, effect=EFFECT, advice=self.access_advice())
        if is_unknown_field(error):
            return UnknownFieldError(self.doing(doing), message, [str(part) for part in error["path"]])
        advice = Message(
            "Check the query on GitHub's own pages, the names in it, and what {token} may read.",
            token=self.connection.token,
        )
        return RefusedError(self.doing(doing), message, effect=EFFECT, advice=advice)

    def doing(self, what: str) -> str:
        """Return the `doing` part of an error message, with the connection's name."""
        return Message("github '{name}': {what}", name=self.name, what=what)

    def access_advice(self) -> str:
        """Return the advice for something that is missing or that the token may not read."""
        return Message("Check the name, and that the token in {token} can read it.", token=self.connection.token)

    def close(self) -> None:
        """Close the idle clients; may be called more than once."""
        for _ in range(self.connection.lanes):
            try:
                client = self._lanes.get_nowait()
            except queue.Empty:
                return
            if client is not None:
                client.close()
        for _ in range(self.connection.lanes):
            self._lanes.put(None)

    def _token_advice(self) -> str:
        return Message(
            "Check the token in {token} (connections.{name}.token) and what it may read.",
            token=self.connection.token,
            name=self.name,
        )

    @contextmanager
    def _lane(self) -> Iterator[Github]:
        client = self._lanes.get()
        try:
            if client is None:
                client = self._open()
            yield client
        finally:
            self._lanes.put(client)

    def _open(self) -> Github:
        opened = Github(
            auth=Auth.Token(self._token),
            base_url=self.connection.url,
            timeout=math.ceil(self.connection.timeout),
            per_page=100,
            verify=self.connection.ca_bundle or True,
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
            lazy=True,
        )
        parts = vars(opened.requester)
        parts[_CONNECTION_CLASS] = partial(self._connect, parts[_CONNECTION_CLASS])
        return opened

    def _connect(self, connection_class: Callable[..., Any], *given: Any, **more: Any) -> Any:
        """Open a connection of PyGithub's with our transport, for which it has no option."""
        connection = connection_class(*given, **more)
        adapter = BoundedAdapter(self._patience.request_seconds, PAGES.within(self.connection.reach))
        connection.session.mount(f"{connection.protocol}://", adapter)
        return connection

    def _post(self, document: str, variables: Mapping[str, Any], kind: str) -> Reply:
        doing = self.doing("POST /graphql")
        body = {"query": document, "variables": dict(variables)}
        headers, answer = self._exchange("POST", "/graphql", kind, body=body)
        if not isinstance(answer, dict) or not isinstance(answer.get("data") or {}, dict):
            raise TransientSourceError(
                doing, "the answer is not one of GraphQL", effect=EFFECT, advice=self._url_advice()
            )
        errors = tuple(error for error in answer.get("errors") or () if isinstance(error, dict))
        for error in errors:
            message = str(error.get("message", ""))
            if error.get("type") in _LIMIT_TYPES or "secondary rate limit" in message.lower():
                raise self._limited(doing, message, headers)
        whole = next((error for error in errors if not error.get("path")), None)
        if whole is not None or not (errors or answer.get("data")):
            raise self.error_of("POST /graphql", whole or {"message": Message("the answer contains no data")})
        return Reply(answer.get("data") or {}, errors)

    def _exchange(
        self,
        verb: str,
        path: str,
        kind: str,
        *,
        parameters: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> tuple[Mapping[str, str], Any]:
        doing = self.doing(f"{verb} {path}")
        with self._lane() as github, metered(self._meter, self.name, kind) as received:
            requester = github.requester
            url = requester.graphql_url if path == "/graphql" else path
            try:
                status, headers, text = requester.requestJson(verb, url, dict(parameters or {}), None, body)
            except requests.RequestException as exc:
                raise self._unreached(doing, exc) from exc
            except (RuntimeError, OSError, ValueError, OverflowError) as exc:  # the last two: PyGithub reads headers
                saw = f"{type(exc).__name__}: {shorten(str(exc))}"
                raise SourceError(doing, saw, effect=EFFECT, advice=self._url_advice()) from exc
            received(int(headers.get("content-length") or len(text)))
        if (seconds := _until_reset(headers)) is not None:
            self._pace.hold(GRAPHQL if path == "/graphql" else CORE, seconds)
        if status != 200:  # noqa: PLR2004 - the one status of an answer
            error = self._refused(doing, status, headers, text)
            if status == 401:  # noqa: PLR2004 - the token is no good for anything else either
                self._patience.end(error)
            raise error
        try:
            return headers, json.loads(text)
        except (ValueError, RecursionError) as exc:
            raise TransientSourceError(
                doing, "the answer is not JSON", effect=EFFECT, advice=self._url_advice()
            ) from exc

    def _url_advice(self) -> str:
        return Message("Check connections.{name}.url ({url}) and the network.", name=self.name, url=self.connection.url)

    def _unreached(self, doing: str, exc: requests.RequestException) -> SourceError:
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
        return UnreachableError(doing, fault_name(exc), effect=EFFECT, advice=self._url_advice())

    def _refused(self, doing: str, status: int, headers: Mapping[str, str], text: str) -> SourceError:
        detail = _message(text)
        limited = (
            "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0" or "rate limit" in detail.lower()
        )
        if status in (403, 429) and limited:
            return self._limited(doing, f"HTTP {status} ({shorten(detail)})", headers)
        if status in (502, 504):
            return HeavyError(doing, f"HTTP {status}", effect=EFFECT, advice="GitHub gave up on it; try again later.")
        advice = self._token_advice() if status in (401, 403) else self.access_advice()
        error = error_for_status(doing, status, detail, advice=advice, headers=headers, now=datetime.now(UTC))
        return MissingError(doing, error.saw, effect=EFFECT, advice=advice) if status == 404 else error  # noqa: PLR2004 - RFC 9110

    def _limited(self, doing: str, saw: str, headers: Mapping[str, str]) -> RateLimitError:
        now = datetime.now(UTC)
        stated = (retry_after_seconds(headers, now), _until_reset(headers))
        wait = next((seconds for seconds in stated if seconds is not None), _SECONDARY_WAIT_SECONDS)
        advice = Message(
            "Run again in {value:.0f} minutes; reads with fewer columns cost fewer points.", value=-(-wait // 60)
        )
        return RateLimitError(
            doing, Message("rate limit: {saw}", saw=saw), effect=EFFECT, advice=advice, retry_after_seconds=wait
        )


def _until_reset(headers: Mapping[str, str]) -> float | None:
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
