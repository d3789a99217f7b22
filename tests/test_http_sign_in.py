"""How an HTTP source signs in: bearer, Basic, header, query parameter, client credentials; and what its errors say."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from pydantic import ValidationError

from config.errors import AuthError, SourceError, TransientSourceError
from config.models import HttpConnection
from config.reach import Reach
from connectors import registry
from connectors.http import Policy
from connectors.protocol import Read, ReadError
from connectors.registry import Context
from connectors.sandbox.server import Request, Response
from pages_kit import CLIENT_SECRET, TOKEN, Api, Reader, serving
from sandbox_kit import Fault
from source_contract import INSTANTS, Bench, Rows, SourceContract
from test_http_pages import GRAPHQL, WAYS

ALL = list(range(23))
PASSWORD = "pass:word-55"


@pytest.fixture
def api() -> Iterator[Api]:
    with serving(Api()) as made:
        yield made


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"TOKEN": TOKEN, "PASSWORD": PASSWORD, "CLIENT_SECRET": CLIENT_SECRET, "USER": "ann"}.items():
        monkeypatch.setenv(f"HTTP_{name}", value)


class Clock:
    """Time that passes only where somebody lets it."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reader(api: Api, tmp_path: Path, clock: Clock) -> Reader:
    return Reader(api, tmp_path, Policy(tries=2, sleep=lambda _: None, clock=clock))


def oauth(api: Api, **more: Any) -> dict[str, Any]:
    secret = {"client_id": "okrsync", "client_secret": "$HTTP_CLIENT_SECRET"}
    return {"token_url": f"{api.url}/token", **secret, **more}


class TestContract(SourceContract):
    """GraphQL page by page, with an access token."""

    @pytest.fixture
    def bench(self, api: Api, reader: Reader) -> Bench:
        api.signs_in = "bearer"
        connection = HttpConnection.model_validate({"type": "http", "url": api.url, **oauth(api)})
        query = {**WAYS["graphql"], "graphql": GRAPHQL.replace("amount", "amount note")}
        echo = {"errors": [{"message": f"no {CLIENT_SECRET}"}]}

        def breaks() -> None:
            assert api.sandbox is not None
            api.sandbox.faults.append(Fault("api", "/graphql", 500, echo, times=1000))

        return Bench(
            open=lambda: registry.open_source("shop", connection, reader.context),
            good=Read("good", "graphql", query, ("id", "note"), instants=INSTANTS),
            bad={**query, "url": "/nothing"},
            none={"url": "/none", "graphql": "{ none { id } }", "rows": "data.none"},
            unknown="note",
            breaks=breaks,
            sent=lambda: len(api.seen),
            secret=CLIENT_SECRET,
        )

    @pytest.fixture(autouse=True)
    def nothing(self, api: Api) -> None:
        api.instead["/none"] = lambda _: Response(200, {"data": {"none": []}})


@pytest.mark.parametrize(
    ("way", "stated"),
    [
        ("bearer", {"token": "$HTTP_TOKEN"}),
        ("header", {"headers": {"X-Api-Key": "$HTTP_TOKEN"}}),
        ("param", {"params": {"api_key": "$HTTP_TOKEN"}}),
    ],
)
@pytest.mark.parametrize("pages", WAYS)
def test_each_page_is_signed_in(api: Api, reader: Reader, way: str, stated: dict[str, Any], pages: str) -> None:
    api.signs_in = way
    answer = reader.read(WAYS[pages], stated)
    assert not isinstance(answer, ReadError), answer.error
    assert [row["id"] for row in reader.kept.rows["r"]] == ALL
    assert TOKEN not in answer.asked
    error = reader.error(WAYS[pages])
    assert isinstance(error, AuthError)
    assert error.saw == "HTTP 401 (sign in)"


@pytest.mark.parametrize(
    ("stated", "sent"), [({"user": "$HTTP_USER"}, "ann"), ({"user": "bo@acme.test"}, "bo@acme.test"), ({}, "")]
)
def test_basic(api: Api, reader: Reader, stated: dict[str, Any], sent: str) -> None:
    reader.ids(WAYS["page"], password="$HTTP_PASSWORD", **stated)
    packed = api.seen[0].headers["authorization"].removeprefix("Basic ")
    assert base64.b64decode(packed).decode() == f"{sent}:{PASSWORD}"


def test_an_echoed_parameter_is_not_sent_twice(api: Api, reader: Reader) -> None:
    """Services repeat the whole address in the link to the next page."""
    api.instead["/echo"] = lambda request: Response(
        200, {"items": [{"id": len(api.seen)}], "next": None if request.first("p") else f"?p=2&api_key={TOKEN}"}
    )
    assert reader.ids({"url": "/echo", "rows": "items", "next": "next"}, params={"api_key": "$HTTP_TOKEN"}) == [1, 2]
    assert [request.query.get("api_key") for request in api.seen] == [[TOKEN], [TOKEN]]


@pytest.mark.parametrize("auth", ["basic", "body"])
def test_a_token_is_asked_for_once(api: Api, reader: Reader, auth: str) -> None:
    api.signs_in = "bearer"
    stated = oauth(api, client_auth=auth, scope="orders.read", audience="https://api.acme.test")
    assert reader.ids(WAYS["page"], **stated) == ALL
    asked = [request for request in api.seen if request.path == "/token"]
    assert len(asked) == 1
    assert reader.context.meter.count("shop", "token") == 1
    form = asked[0].body.decode()
    assert "scope=orders.read" in form
    assert "audience=https%3A%2F%2Fapi.acme.test" in form
    assert (CLIENT_SECRET in form) is (auth == "body")
    basic = base64.b64encode(f"okrsync:{CLIENT_SECRET}".encode()).decode()
    assert asked[0].headers.get("authorization") == (f"Basic {basic}" if auth == "basic" else None)


def test_a_token_is_renewed_before_it_expires(api: Api, reader: Reader, clock: Clock) -> None:
    api.signs_in, api.lifetime = "bearer", 100
    page = api._page

    def slow(request: Request) -> Response:
        clock.now += 25
        return page(request)

    api.instead["/page"] = slow
    assert reader.ids(WAYS["page"], lanes=1, **oauth(api)) == ALL
    assert len(api.tokens) == 2


@pytest.mark.parametrize("lifetime", [None, 3600, "soon"])
def test_a_token_that_is_refused_meanwhile_is_renewed(api: Api, reader: Reader, lifetime: Any) -> None:
    api.signs_in, api.lifetime = "bearer", lifetime
    page = api._page

    def revoked(request: Request) -> Response:
        if request.first("page") == "3" and len(api.tokens) == 1:
            api.tokens.append("another")
            return Response(401, {"message": "expired"})
        return page(request)

    api.instead["/page"] = revoked
    assert reader.ids(WAYS["page"], lanes=1, **oauth(api)) == ALL
    assert len(api.tokens) == 3


def test_tokens_that_are_always_refused_end(api: Api, reader: Reader) -> None:
    api.signs_in = "header"
    error = reader.error(WAYS["page"], **oauth(api))
    assert isinstance(error, AuthError)
    assert len(api.tokens) == 3


@pytest.mark.parametrize(
    ("answer", "kind", "saw"),
    [
        (Response(401, {"error": "invalid_client"}), AuthError, "HTTP 401 (invalid_client)"),
        (
            Response(400, {"error": "invalid_scope", "error_description": "no scope orders"}),
            AuthError,
            "HTTP 400 (invalid_scope: no scope orders)",
        ),
        (Response(503), SourceError, "HTTP 503"),
        (Response(200, b"<html>", {"Content-Type": "text/html"}), SourceError, "the answer has no access token"),
        (Response(200, {"access_token": 7}), SourceError, "the answer has no access token"),
        (Response(200, {"access_token": "a\nb"}), SourceError, "the answer has no access token"),
        (Response(200, {"access_token": "abc-def", "token_type": "mac"}), SourceError, "is of the type mac"),
        (Response(302, headers={"Location": "https://evil.example"}), SourceError, "HTTP 302"),
    ],
)
def test_no_token(api: Api, reader: Reader, answer: Response, kind: type[SourceError], saw: str) -> None:
    api.instead["/token"] = lambda _: answer
    error = reader.error(WAYS["page"], **oauth(api))
    assert type(error) is kind
    assert saw in error.saw
    assert f"no access token from {api.url}/token" in error.saw
    assert "`client_secret`" in error.advice
    assert {request.path for request in api.seen} == {"/token"}
    assert CLIENT_SECRET not in f"{error} {error!r} {error.args}"


def test_a_token_endpoint_is_asked_again_only_where_that_may_help(api: Api, reader: Reader) -> None:
    answers = [Response(503), Response(200, {"access_token": "abc-def-ghi"})]
    api.instead["/token"] = lambda _: answers.pop(0)
    assert reader.ids(WAYS["page"], **oauth(api)) == ALL
    api.seen.clear()
    api.instead["/token"] = lambda _: Response(401)
    reader.error(WAYS["page"], **oauth(api))
    assert len(api.seen) == 1


def test_a_token_endpoint_out_of_reach(api: Api, tmp_path: Path) -> None:
    """The token endpoint is held to the addresses that a fleet allows, as the API is."""
    stated = HttpConnection.model_validate({"type": "http", "url": "https://api.example", **oauth(api)})
    source = registry.open_source("shop", stated.within(Reach()), Context(tmp_path, Policy(tries=1)))
    [answer] = source.read([Read("r", "json", {"url": "/x"})], Rows())
    source.close()
    assert isinstance(answer, ReadError)
    assert "127.0.0.1 is not a public address" in answer.error.saw
    assert api.seen == []


@pytest.mark.parametrize("url", ["http://login.example.com/token", "https://user:pw@login.example.com", "login"])
def test_a_token_endpoint_in_clear_text(url: str) -> None:
    with pytest.raises(ValidationError):
        HttpConnection.model_validate(
            {"type": "http", "url": "https://a.test", "token_url": url, "client_id": "a", "client_secret": "$A"}
        )


@pytest.mark.parametrize(
    ("header", "saw"),
    [
        ('Bearer realm="x", error="insufficient_scope", scope="orders.read"', "the token lacks the scope orders.read"),
        ('Bearer scope="a b", error="insufficient_scope"', "the token lacks the scope a b"),
        ("Bearer", "no"),
    ],
)
def test_a_token_without_the_scope(api: Api, reader: Reader, header: str, saw: str) -> None:
    api.instead["/page"] = lambda _: Response(403, {"message": "no"}, {"WWW-Authenticate": header})
    error = reader.error(WAYS["page"])
    assert isinstance(error, AuthError)
    assert error.saw == f"HTTP 403 ({saw})"
    assert "its scopes" in error.advice


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (200, {"message": "Cannot query field x"}, SourceError),
        (400, {"message": "Syntax"}, SourceError),
        (200, {"message": "no", "extensions": {"code": "FORBIDDEN"}}, AuthError),
        (400, {"message": "no", "extensions": {"code": "AUTHENTICATION_ERROR"}}, AuthError),
        (400, {"message": "slow down", "extensions": {"code": "RATELIMITED"}}, TransientSourceError),
        (
            200,
            {"message": "x", "extensions": {"code": "COMPLEXITY_BUDGET_EXHAUSTED", "retry_in_seconds": 9}},
            TransientSourceError,
        ),
    ],
)
def test_errors_of_graphql(
    api: Api, reader: Reader, status: int, error: dict[str, Any], kind: type[SourceError]
) -> None:
    waits: list[float] = []
    reader.context = replace(reader.context, policy=Policy(tries=2, sleep=waits.append))
    api.instead["/graphql"] = lambda _: Response(status, {"errors": [error], "data": {"orders": None}})
    found = reader.error(WAYS["graphql"])
    assert type(found) is kind
    assert error["message"] in found.saw
    assert len(api.seen) == (2 if kind is TransientSourceError else 1)
    assert "retry_in_seconds" not in str(error) or waits == [9]


WRONG: dict[str, dict[str, Any]] = {
    "signs in with `token_url`, `client_id` and `client_secret`; one is missing": {"client_id": "a"},
    "`scope` and `audience` belong to `token_url`": {"scope": "a"},
    "`user` needs a `password`": {"user": "a"},
    "signs in twice": {"token": "$A", "password": "$B"},
    "signs in twice; keep": {"token": "$A", "headers": {"authorization": "$B"}},
    "a secret does not belong in the config": {"params": {"api_key": "abcdef"}},
    "a secret does not belong in the config; write": {"headers": {"X-Api-Version": "abcdef123"}},
}


@pytest.mark.parametrize("saw", WRONG)
def test_a_connection_that_cannot_sign_in(saw: str) -> None:
    with pytest.raises(ValidationError, match=saw):
        HttpConnection.model_validate({"type": "http", "url": "https://a.test", **WRONG[saw]})


def test_headers_that_are_no_secret(api: Api, reader: Reader) -> None:
    headers = {"API-Version": "2026-07", "Accept": "application/vnd.acme+json; version=2", "X-Version": "v2.1"}
    reader.ids(WAYS["page"], headers=headers)
    assert {name: api.seen[0].headers[name.lower()] for name in headers} == headers


ECHOED: dict[str, dict[str, Any]] = {
    "bearer": {"token": "$HTTP_TOKEN"},
    "basic": {"user": "ann", "password": "$HTTP_PASSWORD"},
    "header": {"headers": {"X-Api-Key": "$HTTP_TOKEN"}},
    "param": {"params": {"api_key": "$HTTP_TOKEN"}},
    "client": {"client_id": "okrsync", "client_secret": "$HTTP_CLIENT_SECRET"},
    "client in the body": {"client_id": "okrsync", "client_secret": "$HTTP_CLIENT_SECRET", "client_auth": "body"},
}


@pytest.mark.parametrize("way", ECHOED)
@pytest.mark.parametrize("status", [200, 302, 400, 403, 500])
@pytest.mark.parametrize("at", ["/page", "/token", "/graphql"])
def test_what_is_echoed_is_not_shown(api: Api, reader: Reader, way: str, status: int, at: str) -> None:
    """The service gives back all that it was sent, wherever an error would quote it."""

    def echo(request: Request) -> Response:
        sent = " ".join([*request.headers.values(), *(value for one in request.query.values() for value in one)])
        sent += f" {request.body.decode()} {' '.join(api.tokens)}"
        body = {"error": sent, "message": sent, "errors": [{"message": sent}], "access_token": [sent], "items": sent}
        lacking = f'error="insufficient_scope", scope="{sent}"'
        headers = {"Location": f"https://evil.example/{quote(sent[:900])}", "WWW-Authenticate": lacking}
        return Response(status, body, {name: " ".join(text.split()) for name, text in headers.items()})

    api.instead[at] = echo
    oauth = {"token_url": f"{api.url}/token"} if "client" in way else {}
    answer = reader.read(WAYS["graphql" if at == "/graphql" else "page"], {**ECHOED[way], **oauth})
    if at == "/token" and not oauth:
        assert not isinstance(answer, ReadError)
        return
    assert isinstance(answer, ReadError)
    shown = f"{answer.error} {answer.error!r} {answer.error.args} {answer.error.__cause__} {answer.error.__context__}"
    pairs = (("ann", PASSWORD), ("okrsync", CLIENT_SECRET))
    packed = [base64.b64encode(f"{user}:{word}".encode()).decode() for user, word in pairs]
    for secret in (TOKEN, PASSWORD, CLIENT_SECRET, *packed, *api.tokens):
        assert secret not in shown
