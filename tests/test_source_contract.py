"""Every source holds to the contract of sources. The guide's connector does in `test_docs_connector.py`."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date
from pathlib import Path

import pytest

from config.errors import LedgerError
from config.models import (
    Connection,
    GitHubConnection,
    GoogleSheetsConnection,
    HttpConnection,
    JiraConnection,
    PrometheusConnection,
)
from config.secrets import Secret
from connectors import registry
from connectors.http import Policy
from connectors.protocol import Read, Row, Source
from connectors.sandbox.github.sample import sample_repositories
from connectors.sandbox.github.service import GitHubService
from connectors.sandbox.google_sheets.book import Book
from connectors.sandbox.google_sheets.service import SheetsService
from connectors.sandbox.jira.sample import sample_board, sample_issues
from connectors.sandbox.jira.service import JiraSandbox
from connectors.sandbox.server import Request, Response, Service
from sandbox_kit import Fault, Sandbox
from source_contract import INSTANTS, TODAY, Bench, JsonService, SourceContract

TOKEN = "sandbox-token"


def open_source(connection: Connection | None, folder: Path) -> Source:
    context = registry.Context(folder, Policy(sleep=lambda _seconds: None, tries=2))
    return registry.open_source("tracker" if connection else "files", connection, context)


def behind(
    sandbox: Sandbox, connection: Connection, folder: Path, good: Read, queries: Mapping[str, Mapping[str, str]]
) -> Bench:
    """A bench of the only service of a sandbox. `queries` holds `bad` and `none`; `good` is finished."""
    [name] = sandbox.services
    echo = {"message": f"failed for {TOKEN}", "errorMessages": [f"failed for {TOKEN}"]}
    return Bench(
        open=lambda: open_source(connection, folder),
        good=replace(good, instants=INSTANTS),
        **queries,
        unknown=good.columns[-1],
        breaks=lambda: sandbox.faults.append(Fault(name, status=500, body=echo, times=10_000)),
        sent=lambda: len(sandbox.requests()),
        secret=TOKEN,
    )


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_TOKEN", TOKEN)


class TestFiles(SourceContract):
    """CSV; the other forms give the same rows (`test_connectors_files.py`)."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        (tmp_path / "deals.csv").write_text("stage,amount,signed\nsigned,10,2026-10-07\nopen,,\n", "utf-8")
        (tmp_path / "none.csv").write_text("stage,amount,signed\n", "utf-8")
        return Bench(
            open=lambda: open_source(None, tmp_path),
            good=Read("good", "rows", {"path": "deals.csv"}, ("stage", "signed", "amount"), instants=INSTANTS),
            bad={"path": "deal.csv"},
            none={"path": "none.csv"},
            unknown="amount",
            breaks=(tmp_path / "deals.csv").unlink,
        )


class TestPushed(SourceContract):
    """Values recorded in the ledger."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        rows: list[Row] = [
            {"id": "a", "time": TODAY.astimezone(UTC), "amount": 3, "increment": False, "who": "Kim", "note": "survey"},
            {"id": "b", "time": TODAY.astimezone(UTC), "amount": 4, "increment": True, "who": "Kim", "note": None},
        ]
        known: dict[str, list[Row]] = {"nps": rows, "none": []}

        def recorded(measure: str) -> list[Row]:
            if measure not in known:
                raise LedgerError("reading the ledger", "disk I/O error", advice="See whether the disk fails.")
            return known[measure]

        context = registry.Context(tmp_path, pushed=recorded)
        return Bench(
            open=lambda: registry.open_source("pushed", None, context),
            good=Read("good", "pushed", {"measure": "nps"}, ("id", "value", "note"), instants=INSTANTS),
            bad={"measure": "nsp"},
            none={"measure": "none"},
            unknown="note",
            breaks=known.clear,
        )


class TestHttp(SourceContract):
    """A JSON endpoint."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[Bench]:
        with Sandbox([JsonService("shop", shop)]) as sandbox:
            connection = HttpConnection(type="http", url=sandbox.service_url("shop"), token=Secret("$TRACKER_TOKEN"))
            good = Read("good", "json", {"url": "/orders?since={cycle.start}"}, ("state", "total"))
            queries = {"bad": {"url": "/order"}, "none": {"url": "/none"}}
            yield behind(sandbox, connection, tmp_path, good, queries)


def shop(request: Request) -> Response:
    if request.path == "/order":
        return Response(404, {"message": "no such thing"})
    orders = [{"state": "paid", "total": 10.5}, {"state": "open", "total": None}]
    return Response(200, orders if request.path == "/orders" else [])


class TestPrometheus(SourceContract):
    """An instant query."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[Bench]:
        with Sandbox([JsonService("prometheus", prometheus)]) as sandbox:
            connection = PrometheusConnection(
                type="prometheus", url=sandbox.service_url("prometheus"), token=Secret("$TRACKER_TOKEN")
            )
            good = Read("good", "query", {"query": "up{job='shop'}"}, ("job", "value"))
            yield behind(sandbox, connection, tmp_path, good, {"bad": {"query": "up{"}, "none": {"query": "down"}})


def prometheus(request: Request) -> Response:
    query = request.first("query")
    if query == "up{":
        return Response(400, {"status": "error", "errorType": "bad_data", "error": "parse error"})
    samples = [{"metric": {"job": job}, "value": [1763256600, value]} for job, value in (("a", "1"), ("b", "NaN"))]
    result = samples if query.startswith("up") else []
    return Response(200, {"status": "success", "data": {"resultType": "vector", "result": result}})


class TestJira(SourceContract):
    """Both deployments."""

    @pytest.fixture(params=["cloud", "data_center"])
    def bench(self, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Bench]:
        cloud = request.param == "cloud"
        issues = sample_issues(date(2026, 10, 1), TODAY)
        service: Service = JiraSandbox(issues, cloud=cloud, time_zone="Asia/Taipei", now=lambda: TODAY)
        with Sandbox([service]) as sandbox:
            connection = JiraConnection(
                type="jira",
                url=sandbox.service_url(service.name),
                email="demo@example.com" if cloud else None,
                token=Secret("$TRACKER_TOKEN"),
            )
            query = {"jql": "project = CORE AND type = Bug AND created >= {cycle.start}"}
            good = Read("good", "issues", query, ("status_category", "created", "labels", "lead_time_hours"))
            queries = {"bad": {"jql": "nofield = 1"}, "none": {"jql": "project = CORE AND created > 2030-01-01"}}
            yield behind(sandbox, connection, tmp_path, good, queries)


class TestJiraSprints(SourceContract):
    """Both deployments; a sprint that is active has no end."""

    @pytest.fixture(params=["cloud", "data_center"])
    def bench(self, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Bench]:
        cloud = request.param == "cloud"
        issues = sample_issues(date(2026, 10, 1), TODAY)
        service = JiraSandbox(issues, cloud=cloud, time_zone="Asia/Taipei", now=lambda: TODAY)
        service.boards = {1: sample_board(date(2026, 10, 1), TODAY)}
        with Sandbox([service]) as sandbox:
            connection = JiraConnection(
                type="jira",
                url=sandbox.service_url(service.name),
                email="demo@example.com" if cloud else None,
                token=Secret("$TRACKER_TOKEN"),
            )
            columns = ("name", "state", "start", "completed_points", "completed_issues", "closed")
            good = Read("good", "sprints", {"board": "1"}, columns)
            queries = {"bad": {"board": "2"}, "none": {"board": "1", "state": "future"}}
            yield behind(sandbox, connection, tmp_path, good, queries)


class TestGitHub(SourceContract):
    """Issues, some of them open."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[Bench]:
        with Sandbox([GitHubService(sample_repositories(date(2026, 10, 1), TODAY, "en"))]) as sandbox:
            connection = GitHubConnection(
                type="github", url=sandbox.service_url("github"), token=Secret("$TRACKER_TOKEN")
            )
            query = {"search": "repo:acme/app is:issue created:>={cycle.start}"}
            good = Read("good", "issues", query, ("title", "labels", "lead_time_hours"))
            queries = {
                "bad": {"search": "repo:acme/nothing is:issue"},
                "none": {"search": "repo:acme/app is:issue created:>2030-01-01"},
            }
            yield behind(sandbox, connection, tmp_path, good, queries)


class TestGoogleSheets(SourceContract):
    """A range with an empty cell."""

    @pytest.fixture
    def bench(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pem: str) -> Iterator[Bench]:
        deals: list[list[str | int | None]] = [["stage", "amount"], ["signed", 10], ["open", None]]
        service = SheetsService(Book.of_values("sales", "Sales", {"Deals": deals, "None": deals[:1]}))
        service.tokens.pem = pem
        with Sandbox([service]) as sandbox:
            monkeypatch.setenv("GOOGLE_KEY", json.dumps(service.service_account_info(sandbox.service_url("sheets"))))
            connection = GoogleSheetsConnection(
                type="google_sheets", url=sandbox.service_url("sheets"), service_account=Secret("$GOOGLE_KEY")
            )
            good = Read("good", "rows", {"spreadsheet": "sales", "range": "Deals!A:B"}, ("stage", "amount"))
            queries = {
                "bad": {"spreadsheet": "sales", "range": "Deal!A:B"},
                "none": {"spreadsheet": "sales", "range": "None!A:B"},
            }
            yield behind(sandbox, connection, tmp_path, good, queries)
