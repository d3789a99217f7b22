"""What GitLab and other JSON services take of the quota that runs share, and the waits that good answers ask for."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from config.errors import TransientSourceError
from config.gitlab_connection import GitLabConnection
from config.secrets import Secret
from connectors import registry
from connectors.accounts import REQUESTS
from connectors.http import Policy
from connectors.protocol import Read, ReadError, Reading
from connectors.registry import Context
from connectors.sandbox.server import Request, Response
from gitlab_kit import TOKEN as GITLAB_TOKEN
from gitlab_kit import GitLab, issue
from pages_kit import TOKEN, Api, Reader, serving
from quota_kit import Waits
from sandbox_kit import Fault, Sandbox
from source_contract import INSTANTS, Rows

PAGES = {"url": "/page?page={page}", "rows": "items", "total": "meta.total"}
SIGNED = {"token": "$SHOP_TOKEN", "lanes": 1}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    monkeypatch.setenv("SHOP_TOKEN", TOKEN)
    with serving(Api()) as made:
        yield made


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def quota() -> Waits:
    return Waits()


@pytest.fixture
def reader(api: Api, tmp_path: Path, slept: list[float], quota: Waits) -> Reader:
    made = Reader(api, tmp_path, Policy(tries=2, sleep=slept.append))
    made.context = replace(made.context, quota=quota)
    return made


def asks_to_wait(api: Api, text: str, *, on: int = 2) -> None:
    """The API asks on one page, which is a good answer, to wait before the next."""
    page = api._page

    def answer(request: Request) -> Response:
        response = page(request)
        wait = {"Retry-After": text} if request.first("page") == str(on) else {}
        return Response(200, response.body, {**response.headers, **wait})

    api.instead["/page"] = answer


def test_each_request_is_one_of_the_account(reader: Reader, quota: Waits, api: Api) -> None:
    assert reader.ids(PAGES, **SIGNED) == list(range(23))
    assert quota.taken == [(REQUESTS, 1)] * len(api.seen)
    quota.taken.clear()
    assert reader.ids(PAGES) == list(range(23))
    assert quota.taken == [], "an address without sign-in has no account"


def test_a_wait_that_a_good_answer_asks_for_holds_for_all(
    reader: Reader, api: Api, slept: list[float], quota: Waits
) -> None:
    asks_to_wait(api, "12.5")
    assert reader.ids(PAGES, **SIGNED) == list(range(23))
    assert [round(seconds, 1) for seconds in slept] == [12.5]
    assert quota.held == [(REQUESTS, 12.5)]
    assert round(reader.context.meter.waits["shop"], 1) == 12.5


def test_a_wait_that_is_too_long_ends_the_connection(reader: Reader, api: Api, slept: list[float]) -> None:
    asks_to_wait(api, "300")
    error = reader.error(PAGES, **SIGNED)
    assert error.doing.endswith(", page 3")
    assert error.saw == "not sent: an answer asks to wait 300 s, and a run waits 60 s at most"
    assert slept == []
    assert len(api.seen) == 2


@pytest.mark.parametrize("text", ["0", "soon", ""])
def test_no_wait_is_none(reader: Reader, api: Api, slept: list[float], quota: Waits, text: str) -> None:
    asks_to_wait(api, text)
    assert reader.ids(PAGES, **SIGNED) == list(range(23))
    assert slept == []
    assert quota.held == []


def test_a_refusal_with_a_wait_holds_for_others(reader: Reader, api: Api, slept: list[float], quota: Waits) -> None:
    assert api.sandbox is not None
    api.sandbox.faults.append(Fault("api", "/page", 429, {"message": "slow"}, {"Retry-After": "7"}))
    assert reader.ids(PAGES, **SIGNED) == list(range(23))
    assert slept == [7]
    assert quota.held == [(REQUESTS, 7)]


def test_gitlabs_requests_wait_for_the_quota(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GITLAB_TOKEN", GITLAB_TOKEN)
    slept, quota = list[float](), Waits(3.0)
    gitlab = GitLab({"projects/acme/app/issues": [issue(number) for number in range(1, 151)]})
    read = Read("r", "issues", {"project": "acme/app"}, ("title",), instants=INSTANTS)
    with Sandbox([gitlab]) as sandbox:
        connection = GitLabConnection(type="gitlab", url=sandbox.service_url("gitlab"), token=Secret("$GITLAB_TOKEN"))
        context = Context(tmp_path, Policy(sleep=slept.append), quota=quota)
        with closing(registry.open_source("forge", connection, context)) as source:
            [answer] = source.read([read], Rows())
        assert isinstance(answer, Reading)
        assert answer.count == 150
        assert slept == [3.0]
        assert quota.taken == [(REQUESTS, 1)] * 3, "one that had to wait, and two that were sent"
        quota.seconds.append(500.0)
        with closing(registry.open_source("forge", connection, context)) as source:
            [refused] = source.read([read], Rows())
    assert isinstance(refused, ReadError)
    assert isinstance(refused.error, TransientSourceError)
    assert refused.error.saw == "not sent: the account's quota is used up for 500 s more"
    assert len(gitlab.seen) == 2
