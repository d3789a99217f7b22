"""Quota that runs share: in PostgreSQL, by account and resource, with waits that hold for all of them."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from config.errors import TransientSourceError
from config.gitlab_connection import GitLabConnection
from config.microsoft_connection import MicrosoftConnection
from config.models import GitHubConnection, GoogleSheetsConnection, HttpConnection, JiraConnection
from connectors.accounts import CORE, GRAPHQL, READ, REQUESTS, WRITE, Account, Limit, account_of
from connectors.http import Meter, Policy, RetryPolicy
from connectors.protocol import Read, ReadError
from connectors.sandbox.github.service import GitHubService
from connectors.sandbox.google_sheets.book import Book
from connectors.sandbox.google_sheets.service import SheetsService
from connectors.shared_quota import Pace
from postgres_kit import Server, programs, server
from quota_kit import Waits, a_minute_later
from services_kit import Services, reaching, sandbox_of
from syncer.ledger.ledger import open_ledger
from syncer.ledger.store import find
from syncer.quota.run_quota import Need, RunQuota
from syncer.quota.store import QuotaStore, store_of

ACME = Account("google_sheets", "acme's secret credential")
OTHER = Account("google_sheets", "another credential")
THREE = {READ: Limit(3, 60), WRITE: Limit(3, 60)}


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    with server() as running:
        yield running


@pytest.fixture
def database(postgres: Server, tmp_path: Path) -> Iterator[Engine]:
    url = postgres.new_database()
    with open_ledger(url, tmp_path):
        engine = create_engine(url)
    yield engine
    engine.dispose()


def address(database: Engine) -> str:
    return database.url.set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def stores(database: Engine) -> Iterator[tuple[QuotaStore, QuotaStore]]:
    """The quota as two processes open it: three reads and three writes a minute."""
    both = QuotaStore(address(database), THREE), QuotaStore(address(database), THREE)
    yield both
    for one in both:
        one.close()


def test_all_processes_share_what_an_account_may_use(stores: tuple[QuotaStore, QuotaStore], database: Engine) -> None:
    mine, others = stores
    assert [mine.take(ACME, READ, 2, first=False), others.take(ACME, READ, 1, first=False)] == [0, 0]
    for store in stores:
        assert 50 < store.take(ACME, READ, 1, first=False) <= 61.2
    assert [others.take(ACME, WRITE, 1, first=False), others.take(OTHER, READ, 3, first=False)] == [0, 0]
    assert mine.take(ACME, GRAPHQL, 1, first=False) == 0  # without a limit
    a_minute_later(database)
    assert mine.take(ACME, READ, 90, first=False) == 0  # more than fits is as much as fits
    assert others.take(ACME, READ, 1, first=False) > 50


def test_no_window_has_more_requests_than_allowed(database: Engine) -> None:
    processes = [QuotaStore(address(database), {READ: Limit(5, 0.2)}) for _ in range(2)]
    taken = 0
    while taken < 16:
        taken += processes[taken % 2].take(ACME, READ, 1, first=False) == 0
    for one in processes:
        one.close()
    with database.connect() as connection:
        [name] = connection.execute(text("SELECT tablename FROM pg_tables WHERE tablename LIKE 'ratelimit%'")).scalars()
        query = f'SELECT item_timestamp FROM "{name}" ORDER BY 1'  # noqa: S608 - the name of a table
        times = list(connection.execute(text(query)).scalars())
    assert len(times) >= 5  # the others were cleaned away
    assert all((later - at).total_seconds() >= 0.2 for at, later in zip(times, times[5:], strict=False))


def test_what_a_service_asks_one_process_to_wait_holds_for_all(stores: tuple[QuotaStore, QuotaStore]) -> None:
    mine, others = stores
    mine.hold(ACME, READ, 30)
    mine.hold(ACME, READ, 5)  # shortens nothing
    assert 29 < others.take(ACME, READ, 1, first=False) <= 30
    assert 29 < others.take(ACME, READ, 1, first=True) <= 30
    assert [others.take(ACME, WRITE, 1, first=False), others.take(OTHER, READ, 1, first=False)] == [0, 0]


def test_a_person_who_waits_is_served_before_workers(stores: tuple[QuotaStore, QuotaStore], database: Engine) -> None:
    person, worker = stores
    assert worker.take(ACME, READ, 3, first=False) == 0
    assert person.take(ACME, READ, 1, first=True) > 50
    a_minute_later(database)
    assert 50 < worker.take(ACME, READ, 1, first=False) <= 62.2
    assert person.take(ACME, READ, 1, first=True) == 0


def test_nothing_in_the_database_tells_a_credential(
    stores: tuple[QuotaStore, QuotaStore], postgres: Server, database: Engine, tmp_path: Path
) -> None:
    mine, _ = stores
    mine.take(ACME, READ, 1, first=False)
    mine.hold(ACME, READ, 1)
    with database.connect() as connection:
        [name] = connection.execute(text("SELECT account FROM quota_holds")).scalars()
    folder = programs()
    assert folder is not None
    dump = subprocess.run([folder / "pg_dump", address(database)], capture_output=True, text=True, check=True).stdout
    assert "quota_holds" in dump
    assert ACME.credential not in dump
    assert ACME.credential not in repr(ACME)
    assert len(bytes.fromhex(name)) == 8
    elsewhere = postgres.new_database()
    with open_ledger(elsewhere, tmp_path):
        other = QuotaStore(elsewhere.replace("+psycopg", ""), THREE)
    other.hold(ACME, READ, 1)
    assert other._names[ACME] != name  # another database has another salt
    other.close()


def test_a_database_that_does_not_answer_limits_nothing(postgres: Server, tmp_path: Path) -> None:
    url = postgres.new_database()
    store = QuotaStore(url.replace("+psycopg", ""), THREE)
    assert store.take(ACME, READ, 1, first=False) == 0  # without the ledger's tables
    assert store._away_until > 0
    store.close()
    assert store_of(find("ledger.db", tmp_path)) is None


def test_what_was_taken_before_a_run_began_is_used_first(stores: tuple[QuotaStore, QuotaStore]) -> None:
    mine, others = stores
    quota = RunQuota(mine, goes_first=False)
    assert quota.take_before([Need(ACME, READ, 2), Need(OTHER, READ)]) == (0.0, "")
    assert others.take(ACME, READ, 1, first=False) == 0
    assert [quota.take(ACME, READ, 1) for _ in range(2)] == [0, 0]
    assert quota.take(ACME, READ, 1) > 50
    wait, service = RunQuota(mine, goes_first=False).take_before([Need(OTHER, READ, 2), Need(ACME, READ)])
    assert (wait > 50, service) == (True, "google_sheets")


def paced(quota: Waits, slept: list[float], **stated: Any) -> tuple[RetryPolicy, Meter]:
    meter = Meter()
    pace = Pace(lambda seconds: meter.add_wait("g", seconds), ACME, quota)
    return RetryPolicy(Policy(sleep=slept.append, clock=lambda: sum(slept), **stated), pace=pace), meter


def test_a_request_waits_for_room_and_the_meter_knows() -> None:
    quota, slept = Waits(20, 3), list[float]()
    policy, meter = paced(quota, slept)
    assert policy.call(lambda: "fine", "reading", READ, 4) == "fine"
    assert (slept, dict(meter.waits), quota.taken) == ([20, 3], {"g": 23}, [(READ, 4)] * 3)
    assert policy.call(lambda: "fine", "asking for a token") == "fine"
    assert len(quota.taken) == 3


def test_a_long_wait_is_not_begun() -> None:
    quota, slept = Waits(76), list[float]()
    policy, _ = paced(quota, slept)
    with pytest.raises(TransientSourceError) as caught:
        policy.call(lambda: "fine", "reading 1AbC", READ)
    assert caught.value.saw == "not sent: the account's quota is used up for 76 s more"
    assert caught.value.retry_after_seconds == 76
    assert slept == []
    hurried, _ = paced(Waits(30), slept, connection_seconds=20)
    with pytest.raises(TransientSourceError, match="30 s more"):
        hurried.call(lambda: "fine", "reading", READ)


def test_every_try_counts_and_what_the_service_requests_is_passed_on() -> None:
    quota, slept = Waits(), list[float]()
    policy, meter = paced(quota, slept)
    answers = [TransientSourceError("reading", "HTTP 429", effect="e", advice="a", retry_after_seconds=7), None]

    def send() -> str:
        if (answer := answers.pop(0)) is not None:
            raise answer
        return "fine"

    assert policy.call(send, "reading", READ) == "fine"
    assert (len(quota.taken), quota.held, meter.waits["g"]) == (2, [(READ, 7)], 7)
    answers += [TransientSourceError("reading", "HTTP 429", effect="e", advice="a", retry_after_seconds=3600)]
    with pytest.raises(TransientSourceError):
        policy.call(send, "reading", READ)
    assert quota.held[-1] == (READ, 3600)


def accounts(folder: Path, **changed: Any) -> dict[str, Account | None]:
    stated: Mapping[str, Any] = {
        "google": GoogleSheetsConnection(type="google_sheets", service_account=changed.get("key", "$GOOGLE_KEY")),
        "github": GitHubConnection(type="github", token="$TOKEN", url=changed.get("url", "https://api.github.com")),
        "cloud": JiraConnection(type="jira", url="https://acme.example", email="a@acme.example", token="$TOKEN"),
        "server": JiraConnection(type="jira", url="https://acme.example", token="$TOKEN"),
        "gitlab": GitLabConnection(type="gitlab", token="$TOKEN"),
        "own gitlab": GitLabConnection(type="gitlab", token="$TOKEN", url="https://gitlab.acme.example"),
        "stated": GitLabConnection(
            type="gitlab", token="$TOKEN", url="https://gitlab.acme.example", requests_a_minute=300
        ),
        "office": MicrosoftConnection(
            type="microsoft", tenant=changed.get("tenant", "contoso.com"), client_id="6731de76", client_secret="$TOKEN"
        ),
        "http": HttpConnection(type="http", url="https://api.example", **changed.get("http", {"token": "$TOKEN"})),
    }
    return {name: account_of(connection, folder) for name, connection in stated.items()}


def test_which_account_a_connection_uses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TOKEN", "abcdefgh")
    monkeypatch.setenv("GOOGLE_KEY", json.dumps({"client_email": "robot@acme.example", "private_key": "one"}))
    found = accounts(tmp_path)
    limits = {name: dict(one.limits) for name, one in found.items() if one}
    assert limits == {
        "google": {READ: Limit(60, 60), WRITE: Limit(60, 60)},
        "github": {CORE: Limit(5000, 3600), GRAPHQL: Limit(5000, 3600)},
        "cloud": {REQUESTS: Limit(100, 1)},
        "server": {},
        "gitlab": {REQUESTS: Limit(2000, 60)},
        "own gitlab": {},
        "stated": {REQUESTS: Limit(300, 60)},
        "office": {},
        "http": {},
    }
    key = tmp_path / "key.json"
    key.write_text(json.dumps({"client_email": "robot@acme.example", "private_key": "two"}), "utf-8")
    key.chmod(0o600)
    monkeypatch.setenv("KEY_FILE", "key.json")
    again = accounts(tmp_path, key="$KEY_FILE", url="https://github.acme.example/api/v3")
    assert again["google"] == found["google"]  # another key of one account
    assert again["github"] != found["github"]
    assert again["github"] is not None
    assert again["github"].limits == {}
    monkeypatch.setenv("TOKEN", "ijklmnop")
    assert accounts(tmp_path)["cloud"] != found["cloud"]
    assert accounts(tmp_path)["office"] == found["office"]  # another secret of one app
    assert accounts(tmp_path, tenant="fabrikam.com")["office"] != found["office"]
    monkeypatch.delenv("TOKEN")
    assert accounts(tmp_path)["github"] is None


@pytest.mark.parametrize(
    "signs_in",
    [
        {"headers": {"X-Api-Key": "$TOKEN"}},
        {"params": {"api_key": "$TOKEN"}},
        {"user": "ann", "password": "$TOKEN"},
        {"token": "$TOKEN", "headers": {"X-Version": "2026-01-01"}},
        {"token_url": "https://api.example/token", "client_id": "okrsync", "client_secret": "$TOKEN"},
    ],
)
def test_each_way_to_sign_in_is_an_account_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, signs_in: dict[str, Any]
) -> None:
    monkeypatch.setenv("TOKEN", "abcdefgh")
    monkeypatch.setenv("GOOGLE_KEY", "{}")
    by_token, other = accounts(tmp_path)["http"], accounts(tmp_path, http=signs_in)["http"]
    assert by_token is not None
    assert other is not None
    assert by_token != other
    assert other == accounts(tmp_path, http=signs_in)["http"]
    assert accounts(tmp_path, http={})["http"] is None
    monkeypatch.setenv("TOKEN", "ijklmnop")
    assert other != accounts(tmp_path, http=signs_in)["http"]


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Services, GitHubService, Waits]]:
    github = GitHubService({"acme/app": {"issues": []}})
    google = SheetsService(Book.of_values("book-1", "Book", {"Data": [["n"], [1]]}))
    quota = Waits()
    with sandbox_of(github, google) as sandbox:
        connections, context = reaching(sandbox, tmp_path, Policy(), monkeypatch)
        yield Services(sandbox, connections, replace(context, quota=quota)), github, quota


def test_what_requests_take_of_the_quota(services: tuple[Services, GitHubService, Waits]) -> None:
    opened, github, quota = services
    opened.read("google_sheets", [Read("n", "cell", {"spreadsheet": "book-1", "cell": "Data!A2"}, ("value",))])
    assert quota.taken == [(READ, 1)]  # and none for the access token
    quota.taken.clear()
    counts = [Read(f"k{at}", "issues", {"search": "repo:acme/app"}, count_only=True) for at in range(3)]
    rows = Read("rows", "issues", {"search": "repo:acme/app"}, ("number", "labels", "assignees"))
    answers = opened.read("github", [*counts, rows])
    assert not [one for one in answers.values() if isinstance(one, ReadError)]
    assert set(quota.taken) == {(GRAPHQL, 1), (GRAPHQL, 2)}  # a page of 100, each with two further lists
    assert sum(weight for _, weight in quota.taken) == github.limits.by_resource["graphql"].used
    assert quota.held == []
    quota.taken.clear()
    opened.read("github", [Read("runs", "workflow_runs", {"repository": "acme/app"}, ("id",))])
    assert (CORE, 1) in quota.taken


def test_a_limit_that_github_says_is_used_up_holds_before_anything_is_refused(
    services: tuple[Services, GitHubService, Waits],
) -> None:
    opened, github, quota = services
    github.limits.by_resource["graphql"].allowed = 1
    found = opened.read("github", [Read("k", "issues", {"search": "repo:acme/app is:open"}, count_only=True)])
    assert isinstance(found["k"], ReadError) or found["k"].count == 0
    resource, seconds = quota.held[0]
    assert (resource, 3590 < seconds <= 3601) == (GRAPHQL, True)
