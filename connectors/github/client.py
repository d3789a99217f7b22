"""GitHub client for GraphQL and REST on PyGithub's requester, with retries, rate limits and SourceError translation.

PyGithub keeps the current request on the connection object, so threads sharing a client can receive each other's
answers (PyGithub#1257): each request borrows a client of its own. PyGithub's retries and pauses are off; those of
`connectors/retry.py` apply.
"""

import json
import math
import queue
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from typing import Any

import requests
from github import Auth, Github

from config.dataclass import dataclass
from config.errors import AuthError, SourceError, TransientSourceError
from config.message import Message
from config.models import GitHubConnection
from connectors.accounts import CORE, GRAPHQL
from connectors.bounded_requests import BoundedAdapter
from connectors.bounds import PAGES
from connectors.github.app_sign_in import InstallationSignIn, Issued, app_sign_in
from connectors.github.errors import (
    EFFECT,
    HeavyError,
)
from connectors.github.faults import GitHubFaults, until_reset
from connectors.github.points import points_of
from connectors.http import (
    RetryPolicy,
    metered,
    shorten,
)
from connectors.registry import Context

_CONNECTION_CLASS = "_Requester__connectionClass"
"""PyGithub's private name of the class of its connections."""
_LIMIT_TYPES = ("RATE_LIMITED", "RATE_LIMIT")


@dataclass(frozen=True, slots=True)
class Reply:
    """A GraphQL answer: data by alias, and errors."""

    data: Mapping[str, Any]
    errors: tuple[Mapping[str, Any], ...] = ()


class GitHubClient:
    """Client of one connection for one run. Safe to share between threads."""

    def __init__(self, name: str, connection: GitHubConnection, secret: str, context: Context) -> None:
        """Prepare the sign-in by `secret`: the token, or the app's private key. Raises AuthError."""
        self.name = name
        self.connection = connection
        self.faults = GitHubFaults(name, connection)
        self._sign_in: Auth.Auth
        if connection.app_id is None:
            self._sign_in = Auth.Token(secret)
        else:
            app = app_sign_in(self.faults.doing("reading private_key"), connection.app_id, secret)
            self._sign_in = InstallationSignIn(partial(self._ask_for_token, app))
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
        return self._patience.call(send, self.faults.doing("POST /graphql"), GRAPHQL, points)

    def get(self, path: str, parameters: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
        """Send a REST GET request and return the JSON object of its answer. Raises SourceError."""
        doing = self.faults.doing(f"GET {path}")
        body = self._patience.call(lambda: self._exchange("GET", path, kind, parameters=parameters)[1], doing, CORE)
        if not isinstance(body, dict):
            raise SourceError(doing, "the answer is not a JSON object", effect=EFFECT)
        return body

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

    @contextmanager
    def _lane(self) -> Iterator[Github]:
        client = self._lanes.get()
        try:
            if client is None:
                client = self._open(self._sign_in)
            yield client
        finally:
            self._lanes.put(client)

    def _open(self, sign_in: Auth.Auth) -> Github:
        opened = Github(
            auth=sign_in,
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

    def _ask_for_token(self, app: Auth.AppAuth) -> Issued:
        """Return a new access token of the app's installation. Raises SourceError."""
        path = f"/app/installations/{self.connection.installation_id}/access_tokens"
        doing = self.faults.doing(f"POST {path}")
        with closing(self._open(app)) as github, metered(self._meter, self.name, "token"):
            status, headers, text = self._request(github, doing, "POST", path, {}, None)
        if status in (401, 404):  # not a MissingError, which would be taken for one of a repository
            error = AuthError(doing, f"HTTP {status}", effect=EFFECT, advice=self.faults.token_advice())
            self._patience.end(error)
            raise error
        if status != 201:  # noqa: PLR2004 - created
            raise self.faults.refused(doing, status, headers, text)
        try:
            answer = json.loads(text)
            return str(answer["token"]), datetime.fromisoformat(answer["expires_at"])
        except (ValueError, KeyError, TypeError, RecursionError) as exc:
            raise TransientSourceError(
                doing, "the answer is not JSON", effect=EFFECT, advice=self.faults.url_advice()
            ) from exc

    def _post(self, document: str, variables: Mapping[str, Any], kind: str) -> Reply:
        doing = self.faults.doing("POST /graphql")
        body = {"query": document, "variables": dict(variables)}
        headers, answer = self._exchange("POST", "/graphql", kind, body=body)
        if not isinstance(answer, dict) or not isinstance(answer.get("data") or {}, dict):
            raise TransientSourceError(
                doing, "the answer is not one of GraphQL", effect=EFFECT, advice=self.faults.url_advice()
            )
        errors = tuple(error for error in answer.get("errors") or () if isinstance(error, dict))
        for error in errors:
            message = str(error.get("message", ""))
            if error.get("type") in _LIMIT_TYPES or "secondary rate limit" in message.lower():
                raise self.faults.limited(doing, message, headers)
        whole = next((error for error in errors if not error.get("path")), None)
        if whole is not None or not (errors or answer.get("data")):
            raise self.faults.error_of("POST /graphql", whole or {"message": Message("the answer contains no data")})
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
        doing = self.faults.doing(f"{verb} {path}")
        with self._lane() as github, metered(self._meter, self.name, kind) as received:
            url = github.requester.graphql_url if path == "/graphql" else path
            status, headers, text = self._request(github, doing, verb, url, parameters or {}, body)
            received(int(headers.get("content-length") or len(text)))
        if (seconds := until_reset(headers)) is not None:
            self._pace.hold(GRAPHQL if path == "/graphql" else CORE, seconds)
        if status != 200:  # noqa: PLR2004 - the one status of an answer
            error = self.faults.refused(doing, status, headers, text)
            if status == 401:  # noqa: PLR2004 - the token is no good for anything else either
                self._patience.end(error)
            raise error
        try:
            return headers, json.loads(text)
        except (ValueError, RecursionError) as exc:
            raise TransientSourceError(
                doing, "the answer is not JSON", effect=EFFECT, advice=self.faults.url_advice()
            ) from exc

    def _request(
        self,
        github: Github,
        doing: str,
        verb: str,
        url: str,
        parameters: Mapping[str, Any],
        body: Mapping[str, Any] | None,
    ) -> tuple[int, Mapping[str, str], str]:
        """Send a request by a client of PyGithub; return the status, headers and body. Raises SourceError."""
        try:
            return github.requester.requestJson(verb, url, dict(parameters), None, body)
        except requests.RequestException as exc:
            raise self.faults.unreached(doing, exc) from exc
        except (RuntimeError, OSError, ValueError, OverflowError) as exc:  # the last two: PyGithub reads headers
            saw = f"{type(exc).__name__}: {shorten(str(exc))}"
            raise SourceError(doing, saw, effect=EFFECT, advice=self.faults.url_advice()) from exc
